import { fail } from '../../contract/problem.ts';
import { configText as keepText } from '../remote/configText.ts';
import { type JobEnd, type JobSaid, startJob } from '../remote/jobs.ts';
import carryText from '../remote/programs/move-carry.sh?raw';
import disksText from '../remote/programs/move-disks.sh?raw';
import jobText from '../remote/programs/move-job.sh?raw';
import laterText from '../remote/programs/move-later.sh?raw';
import linkText from '../remote/programs/move-link.sh?raw';
import shownText from '../remote/programs/move-shown.sh?raw';
import stoppedText from '../remote/programs/move-stopped.sh?raw';
import watchText from '../remote/programs/move-watch-writes.sh?raw';
import type { Login, Remote } from '../remote/remote.ts';
import { asRoot } from './agent.ts';
import type { DiskCopy } from './copies.ts';
import { aside, byAgent, prepare, stage, unstage } from './ends.ts';
import { doorSeconds, type Later } from './later.ts';
import type { AboutMove } from './plan.ts';
import { knownHostsOf, type SshServer, type Way } from './reach.ts';

/** A move that is a job of the source, up to the moment the two hosts go on by themselves. */

/** What it needs to begin. */
export interface MoveToStart {
  id: string;
  about: AboutMove;
  /** Names the guest's lock on the source. */
  lock: string;
  server: SshServer;
  way: Way;
  /** Addresses the source may come from, as the target sees it. */
  from: readonly string[];
  /** The operator's agent lets it in: at this socket of the source, by this login. null: the one-shot key does. */
  agent: { path: string; login: Login } | null;
  autoFolder: { source: string; target: string };
  /** Files for the target's folder: its images' leases are taken over there. */
  leases: [string, string][];
  /** Disks that only the source has. */
  copies: readonly DiskCopy[];
  /** Of the line, for them; null: all. */
  limitMiBPerS: number | null;
  /** The config for the target, from the text of the source's. */
  configThere: (text: string) => string;
  /** It moves while it runs nowhere: how long it may take to shut down, where it runs. null: it moves while it runs. */
  stopSeconds: number | null;
  /** With that: it is not shut down, its memory goes with its disks. */
  saves: boolean;
  /** It waits for its time; null: it begins at once. */
  later: Later | null;
}

/**
 * Prepares both ends and starts the job on the source. When it throws, nothing is left at either end.
 * Problems: `guest.busy`, `config.exists`, `move.targetFailed`, `move.failedAtSource`.
 */
export async function startMove(source: Remote, target: Remote, move: MoveToStart, signal: AbortSignal): Promise<void> {
  const { id, about } = move;
  const keysFile = move.agent ? byAgent : move.server.keysFile;
  if (!keysFile) fail('move.targetFailed', { said: 'AuthorizedKeysFile none' });
  try {
    const prepared = await prepare(source, id, { config: about.configFile, autoFolder: move.autoFolder.source, about });
    signal.throwIfAborted();
    const text = prepared.config ? Buffer.from(prepared.config.base64, 'base64').toString('utf8') : null;
    const there = text === null ? null : move.configThere(text);
    const changed = there === null || there === text ? null : there;
    const staged = { uuid: about.uuid, prepared, keysFile, from: move.from, autoFolder: move.autoFolder.target };
    const { folder } = await stage(target, id, {
      ...staged,
      configFile: about.configFile,
      ...(hasDisks(move) ? { copies: move.copies, memory: move.saves } : {}),
      leases: move.leases,
      ...(move.later ? { later: { seconds: doorSeconds(move.later), files: move.later.files } } : {}),
      ...(changed === null ? {} : { text: changed }),
    });
    signal.throwIfAborted();
    await startJob(
      source,
      {
        id,
        ...workOf(move),
        about,
        files: {
          ...(move.stopSeconds === null ? { carry: carryText } : Object.fromEntries(move.leases)),
          link: linkText,
          known_hosts: knownHostsOf(move.server),
          address: `${move.way.address}\n`,
          port: `${move.way.port}\n`,
          ...(move.agent ? agentHere(move.agent, folder) : {}),
          ...(changed === null ? {} : { 'config.target': changed }),
          ...(hasDisks(move) ? disksHere(move) : {}),
          ...(move.later ? { move: jobText, shared: move.later.shared.map((one) => `${one}\n`).join('') } : {}),
        },
      },
      about.guestName,
    );
  } catch (thrown) {
    // the job may have started although the answer was lost: then `aside done` must not take its folder (see undo)
    await undo(source, target, id).catch(() => {});
    throw thrown;
  }
}

/** Without xl, the link for the disks is the only one. */
const hasDisks = ({ copies, stopSeconds }: MoveToStart): boolean => copies.length > 0 || stopSeconds !== null;

/** What the job does, and whose lock it holds: one that waits leaves the guest's alone until its time has come. */
function workOf({ about, lock, way, stopSeconds, saves, later, autoFolder }: MoveToStart): {
  lock: string;
  program: string;
  args: string[];
} {
  const { guestName, uuid } = about;
  const domid = about.domid === null ? '' : String(about.domid);
  if (later) {
    const args = [guestName, uuid, way.address, String(later.seconds()), lock, autoFolder.source];
    return { lock: `later-${lock}`, program: laterText, args };
  }
  return stopSeconds === null
    ? { lock, program: jobText, args: [guestName, domid, uuid, way.address] }
    : { lock, program: stoppedText, args: [guestName, uuid, domid, String(stopSeconds), ...(saves ? ['save'] : [])] };
}

/** What the source's folder needs to come in by the operator's agent. */
function agentHere({ path, login }: NonNullable<MoveToStart['agent']>, folder: string | null): Record<string, string> {
  if (folder === null) return fail('move.targetFailed', { said: 'move-stage' });
  return { agent: `${path}\n`, login: `${login.user}\n`, asks: `${asRoot(login, ['sh', `${folder}/receive`])}\n` };
}

/** What the source's folder needs for the disks. */
function disksHere({ copies, limitMiBPerS, about }: MoveToStart): Record<string, string> {
  const lines = copies.map((one, n) => `${n}\t${one.how}\t${one.sizeBytes}\t${one.vdev}\t${one.from}\n`);
  const shown = copies.flatMap((one, n) => (one.format === 'qcow2' ? [`${n}\t${one.from}\n`] : []));
  const own = {
    ...(shown.length > 0 ? { qcow2: shown.join(''), shown: shownText } : {}),
    'disks.list': lines.join(''),
    disks: disksText,
    'watch-writes': watchText,
    keep: keepText,
    target: `${about.targetLabel}\n`,
    name: `${about.guestName}\n`,
  };
  return limitMiBPerS === null ? own : { ...own, limit: `${limitMiBPerS}\n` };
}

async function undo(source: Remote, target: Remote, id: string): Promise<void> {
  await unstage(target, id);
  await aside(source, id, 'done');
}

/** The lines and signs of a move's job, gathered; what a task shows is derived from it. */
export interface Heard {
  lines: string[];
  began: number | null;
  end: JobEnd | null;
}

/** Takes in one thing a job said. */
export function hear(heard: Heard, said: JobSaid): void {
  if (said.is === 'line') heard.lines.push(said.text);
  else if (said.is === 'began') heard.began = said.uptime;
}

/** Wall time of the job, ms. */
export function wallMsOf(heard: Heard): number | null {
  return heard.began === null || heard.end === null ? null : Math.max(0, Math.round((heard.end.uptime - heard.began) * 1000));
}
