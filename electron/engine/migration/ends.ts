import { fail } from '../../contract/problem.ts';
import { lockOf } from '../remote/jobs.ts';
import undoText from '../remote/programs/create-undo.sh?raw';
import admitText from '../remote/programs/move-admit.sh?raw';
import asideText from '../remote/programs/move-aside.sh?raw';
import backText from '../remote/programs/move-back.sh?raw';
import disksInText from '../remote/programs/move-disks-in.sh?raw';
import installText from '../remote/programs/move-install.sh?raw';
import leftoverText from '../remote/programs/move-leftover.sh?raw';
import lookText from '../remote/programs/move-look.sh?raw';
import prepareText from '../remote/programs/move-prepare.sh?raw';
import receiveText from '../remote/programs/move-receive.sh?raw';
import resumeText from '../remote/programs/move-resume.sh?raw';
import stageText from '../remote/programs/move-stage.sh?raw';
import unlockText from '../remote/programs/move-unlock.sh?raw';
import unstageText from '../remote/programs/move-unstage.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf, saidBy, unreadable } from '../remote/said.ts';
import type { DiskCopy } from './copies.ts';
import type { AboutMove } from './plan.ts';

/** What is done at the two ends of a move. The texts of the programs say it in full. */

export const endPrograms = {
  prepare: { name: 'move-prepare', text: prepareText },
  stage: { name: 'move-stage', text: stageText },
  install: { name: 'move-install', text: installText },
  aside: { name: 'move-aside', text: asideText },
  look: { name: 'move-look', text: lookText },
  leftover: { name: 'move-leftover', text: leftoverText },
  resume: { name: 'move-resume', text: resumeText },
  unstage: { name: 'move-unstage', text: unstageText },
} as const;

/** What the source has of the guest, and the public half of the one-shot key. */
export interface Prepared {
  key: string;
  config: { mode: string; base64: string } | null;
  autostart: { name: string } | null;
}

/** Makes the move's folder on the source. */
export async function prepare(
  remote: Remote,
  id: string,
  what: { config: string | null; autoFolder: string; about: object },
): Promise<Prepared> {
  const words = [id, what.config ?? '', what.autoFolder, JSON.stringify(what.about)];
  const ran = await remote.program(endPrograms.prepare, words, { stdin: backText });
  const answer = saidBy('move-prepare', ran);
  if (answer.is === 'failed') fail('move.failedAtSource', { said: `${answer.why} ${ran.stderr.trim()}`.trim() });
  return parsePrepared(answer.lines);
}

/** The answer of move-prepare. */
export function parsePrepared(lines: readonly string[]): Prepared {
  const prepared: Prepared = { key: '', config: null, autostart: null };
  for (const line of lines) {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'key') prepared.key = `${first} ${second}`;
    else if (word === 'config') prepared.config = { mode: first, base64: second };
    else if (word === 'auto') prepared.autostart = { name: line.slice('auto '.length).split('\t')[0] ?? '' };
    else throw unreadable('move-prepare', line);
  }
  if (!prepared.key) throw unreadable('move-prepare', lines.join('\n'));
  return prepared;
}

/** Stands for authorized_keys where the source comes in by the operator's agent. */
export const byAgent = '-';

/** What the target is given beforehand. */
export interface Stage {
  /** The guest's; '' for a halted guest without one. */
  uuid: string;
  prepared: Prepared;
  /** root's authorized_keys; null: nothing is transferred (a halted guest); `byAgent`: no key is written. */
  keysFile: string | typeof byAgent | null;
  from: readonly string[];
  configFile: string | null;
  autoFolder: string;
  /** The config as it will stand there, where that is another than the source's. */
  text?: string;
  /** Disks that come with the guest; the folder gets what receives them. Even none: what comes is told by the same link. */
  copies?: readonly DiskCopy[];
  /** Its memory comes after them, as a file. */
  memory?: boolean;
  /** What takes over the leases beside its images. */
  leases?: [string, string][];
  /** It waits: the source is let in after so many seconds, by these. */
  later?: { seconds: number; files: [string, string][] };
}

/** Stages at the target; `folder` is told where no key's line names it. Problem: `config.exists` when another file stands where the config would. */
export async function stage(remote: Remote, id: string, what: Stage): Promise<{ folder: string | null }> {
  const { prepared, configFile } = what;
  const config = configFile ? prepared.config : null;
  const auto = config && prepared.autostart ? `${what.autoFolder}/${prepared.autostart.name}` : '';
  const words = [
    id,
    what.keysFile ?? '',
    what.from.join(','),
    config ? (configFile ?? '') : '',
    config?.mode ?? '',
    auto,
    auto ? (configFile ?? '') : '',
    what.uuid,
    ...(what.later ? [String(what.later.seconds)] : []),
  ];
  const files: [string, string][] = [
    ['receive', receiveText],
    ['install', installText],
    ['unlock', unlockText],
    ['admit', admitText],
    ...(what.leases ?? []),
    ...(what.later?.files ?? []),
  ];
  const { copies } = what;
  if (copies)
    files.push(
      ['disks', disksThere(copies) + (what.memory ? memoryThere(copies.length) : '')],
      ['disks-in', disksInText],
      ['undo', undoText],
    );
  const stdin = files.map(([name, text]) => `file ${name} ${base64(text)}\n`);
  if (config) stdin.push(`file config ${what.text === undefined ? config.base64 : base64(what.text)}\n`);
  stdin.push(`key ${prepared.key}\n`);
  const ran = await remote.program(endPrograms.stage, words, { stdin: stdin.join('') });
  const answer = saidBy('move-stage', ran);
  if (answer.is === 'ok') return { folder: /^at (\/.*)$/.exec(answer.lines[0] ?? '')?.[1] ?? null };
  if (answer.why.startsWith('taken ')) fail('config.exists', { file: answer.why.slice('taken '.length) });
  fail('move.targetFailed', { said: `${answer.why} ${ran.stderr.trim()}`.trim() });
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Disks as the target is told of them; their order is their number. */
const disksThere = (copies: readonly DiskCopy[]): string =>
  copies.map((one, n) => `${n}\t${one.as}\t${one.dest}${one.old === null ? '' : `\t${one.old}`}\n`).join('');

/** A file of the move's own folder, which goes with it. */
const memoryThere = (n: number): string => `${n}\traw\t./memory\n`;

/** Puts the staged config in its place. Problem: `config.exists`. */
export async function install(remote: Remote, id: string): Promise<void> {
  const answer = saidBy('move-install', await remote.program(endPrograms.install, [id]));
  if (answer.is === 'ok') return;
  if (answer.why.startsWith('taken ')) fail('config.exists', { file: answer.why.slice('taken '.length) }, { effect: 'partial' });
  fail('move.targetFailed', { said: answer.why }, { effect: 'partial' });
}

/**
 * Takes config and autostart link of a halted guest out of Xen's folders, under its lock.
 * Problems: `config.changed`, `guest.busy`, `guest.wrongState` (it was started meanwhile).
 */
export async function letGo(remote: Remote, id: string, about: Pick<AboutMove, 'uuid' | 'guestName' | 'configFile'>): Promise<void> {
  const { uuid, guestName: name, configFile } = about;
  const words = [id, 'aside', lockOf({ uuid: uuid || null, name }), uuid, name];
  const answer = saidBy('move-aside', await remote.program(endPrograms.aside, words));
  if (answer.is === 'ok' || answer.why === 'gone') return;
  if (answer.why === 'changed') fail('config.changed', { file: configFile ?? '' });
  if (answer.why === 'busy') fail('guest.busy', { name, taskId: '' });
  if (answer.why === 'started') fail('guest.wrongState', { name, state: 'running' });
  fail('move.failedAtSource', { said: answer.why }, { effect: 'partial' });
}

/** Puts back what was set aside, sets the disks of a guest that has gone aside, notes how a move was settled, or forgets it. */
export async function aside(remote: Remote, id: string, way: 'back' | 'shelve' | 'done' | 'moved' | 'stayed'): Promise<void> {
  const answer = saidBy('move-aside', await remote.program(endPrograms.aside, [id, way]));
  if (answer.is === 'ok' || answer.why === 'gone') return;
  fail('move.failedAtSource', { said: answer.why }, { effect: 'partial' });
}

/**
 * Takes a move's folder and key line off the target. `drop`: the guest of that UUID did not come, and what was made for its disks goes too.
 * 'busy': it is receiving now, ask again. `left`: what could not be taken away; its folder stays as well.
 */
export async function unstage(remote: Remote, id: string, drop?: string): Promise<'gone' | 'busy' | { left: string[] }> {
  const ran = await remote.program(endPrograms.unstage, drop === undefined ? [id] : [id, 'drop', drop]);
  const answer = saidBy('move-unstage', ran);
  if (answer.is === 'ok') return 'gone';
  const left = [...ran.stdout.matchAll(/^failed left (.*)$/gm)].flatMap(([, path]) => path ?? []);
  return left.length > 0 ? { left } : 'busy';
}

/**
 * Destroys a paused half of a move, and nothing else. `id`: the move whose source will never let it start, so that its own receiver does
 * not count. False: something works on that guest there now; ask again.
 */
export async function destroyLeftover(remote: Remote, half: { uuid: string; name: string; id?: string }): Promise<boolean> {
  const ran = await remote.program(endPrograms.leftover, [half.uuid, half.name, half.id ?? '']);
  const answer = saidBy('move-leftover', ran);
  if (answer.is === 'failed' && ['busy', 'receiving'].includes(answer.why)) return false;
  linesOf('move-leftover', ran);
  return true;
}

/** Brings back a guest that stands suspended, or saved, at the source. `anew`: by a start from its config, never where it stood. */
export async function resumeAtSource(
  remote: Remote,
  id: string,
  { uuid, guestName, anew }: { uuid: string; guestName: string; anew: boolean },
): Promise<'resumed' | 'restarted' | 'cannot'> {
  const answer = saidBy('move-resume', await remote.program(endPrograms.resume, [id, uuid, guestName, ...(anew ? ['anew'] : [])]));
  if (answer.is === 'failed') return 'cannot';
  return answer.lines.includes('resumed') ? 'resumed' : 'restarted';
}

/** What is true of a move at one end. */
export interface Look {
  boot: string;
  domains: { domid: number; state: string; name: string }[];
  job: 'none' | 'prepared' | 'running' | 'ended' | 'died';
  phase: string | null;
  committed: boolean;
  /** Its memory was saved, and it stands still for that; 'now': it is being saved. */
  saving: boolean | 'now';
  incoming: 'none' | 'staged' | 'claimed' | 'receiving' | 'received' | 'failed';
  installed: boolean;
  /** The target was booted anew since the move was staged there. */
  rebooted: boolean;
  /** What takes its disks at the target, and starts it, is at work. */
  taking: boolean;
}

/** Looks at one end of a move. */
export async function look(remote: Remote, id: string, uuid: string): Promise<Look> {
  return parseLook(linesOf('move-look', await remote.program(endPrograms.look, [id, uuid])));
}

const jobs = ['prepared', 'running', 'ended', 'died'] as const;
const incomings = ['staged', 'claimed', 'receiving', 'received', 'failed'] as const;

/** The answer of move-look. */
export function parseLook(lines: readonly string[]): Look {
  const seen: Look = {
    boot: '',
    domains: [],
    job: 'none',
    phase: null,
    committed: false,
    saving: false,
    incoming: 'none',
    installed: false,
    rebooted: false,
    taking: false,
  };
  for (const line of lines) {
    const [word, first = '', second = '', ...rest] = line.split(' ');
    if (word === 'boot') seen.boot = first;
    else if (word === 'domain' && /^\d+$/.test(first)) seen.domains.push({ domid: Number(first), state: second, name: rest.join(' ') });
    else if (word === 'job') seen.job = jobs.find((one) => one === first) ?? bad(line);
    else if (word === 'phase') seen.phase = first;
    else if (word === 'committed') seen.committed = true;
    else if (word === 'saving') seen.saving = first === 'now' ? 'now' : true;
    else if (word === 'incoming') seen.incoming = incomings.find((one) => one === first) ?? bad(line);
    else if (word === 'installed') seen.installed = true;
    else if (word === 'rebooted') seen.rebooted = true;
    else if (word === 'taking') seen.taking = true;
    else bad(line);
  }
  return seen;
}

function bad(line: string): never {
  throw unreadable('move-look', line);
}

/** Switches off volumes that were switched on at the target for a move that did not take place. */
export async function deactivate(target: Remote, volumes: readonly string[]): Promise<void> {
  for (const volume of volumes) await target.run(['lvchange', '-an', volume]).catch(() => null);
}
