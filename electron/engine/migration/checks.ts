import type { Check } from '../../contract/creation.ts';
import type { DiskTravel, FileFormat } from '../../contract/diskTravel.ts';
import type { Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { type Problem, type ProblemCode, problem, problemOf } from '../../contract/problem.ts';
import { asHalted, isCopyOf, mayMigrate, mayMoveSaved, mayMoveStopped, shapeOf } from '../../contract/rules.ts';
import type { Transport } from '../../contract/transport.ts';
import type { Guarded } from '../guard/guard.ts';
import { clashOf, hostsNotAsked } from '../guests/safety.ts';
import roomText from '../remote/programs/move-room.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf, unreadable } from '../remote/said.ts';
import type { World } from '../world.ts';
import { type CopyWay, type DiskCopy, isOther, planCopies, type SeenDisk, travelOf } from './copies.ts';
import { diskProblem, isDoubtful, isSame, lookAtFiles, type Names, type Seen } from './files.ts';
import { findOlds } from './oldDisks.ts';
import { lackingTools } from './qcow2.ts';
import { findTransport, noTransport, type TransportAnswer } from './transports.ts';

/** The look at both hosts before a move: what the rules can't know from the mirror. Changes nothing. */

/** Who and where. */
export interface MoveQuestion {
  guest: Guest;
  source: Host;
  target: Host;
  remotes: { source: Remote; target: Remote };
  /** Every guest of every host that is known. */
  everyone: readonly Guest[];
  /** Every saved host. */
  hosts: readonly Host[];
  /** How it is to get there; null: the best way that goes. */
  transport: Transport | null;
  /** Where copied disks are to stand: `placeId` by vdev. */
  places: Readonly<Record<string, string>>;
  /** What they are to become: by vdev. */
  formats: Readonly<Record<string, FileFormat>>;
  world: World;
  /** Looks on all hosts who else uses its disks. */
  guard: () => Promise<Guarded>;
  way: WayToGo;
}

/** Straight: live where it runs, else as it is. One that runs may also be stopped (shut down here, started there), or saved and restored. */
export type WayToGo = 'straight' | 'stopped' | 'saved';

/** What the look found: the checks for the screen, and what the move itself needs. */
export interface MoveAnswer extends TransportAnswer {
  /** It keeps running while it moves. */
  live: boolean;
  /** GROUP/NAME of volumes that are not active on the target yet. */
  inactive: string[];
  /** Disks that only the source has. */
  copies: DiskCopy[];
  /** How each disk gets there. */
  travel: DiskTravel[];
}

/** What all ways ask of the hosts alike. */
export interface AskedAlike {
  reach: () => Promise<TransportAnswer>;
  others: () => Promise<Check[]>;
  /** Its disks as they are while it runs, or of one that does not. */
  disks: () => Promise<DisksSeen>;
}
export function askAlike(question: MoveQuestion): AskedAlike {
  return {
    reach: once(() => findTransport({ ...question, wanted: question.transport })),
    others: once(() => lookForOthers(question)),
    disks: once(() => lookAtDisks(question)),
  };
}
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () => {
    asked ??= ask();
    return asked;
  };
}

/** Looks at both hosts. Problems of the look itself become a bad check. */
export async function lookBefore(question: MoveQuestion, alike = askAlike(question)): Promise<MoveAnswer> {
  const { guest, way } = question;
  const runs = guest.state !== 'halted';
  const live = runs && way === 'straight';
  const known = checksByRule(question);
  if (known.some((one) => one.verdict === 'bad')) return { ...noTransport, checks: known, live, inactive: [], copies: [], travel: [] };
  const seeing =
    way === 'stopped'
      ? lookAtDisks({ ...question, guest: asHalted(guest) })
      : alike.disks().then(way === 'saved' ? atRest : (seen) => seen);
  const rooms = way === 'saved' ? lookForRoom(question) : [];
  // a config needs no way
  const reaching = runs ? alike.reach() : seeing.then(({ copies }) => (copies.length > 0 ? alike.reach() : noTransport));
  const [reach, disks, others, room] = await Promise.all([reaching, seeing, alike.others(), rooms]);
  const { inactive, copies, travel } = disks;
  const unnamed = copies.length > 0 && !guest.uuid ? [bad('uuid', problem('move.noUuid', { name: guest.name }))] : [];
  const checks = [...known, ...unnamed, ...reach.checks, ...disks.checks, ...room, ...others];
  return { ...reach, checks, live, inactive, copies, travel };
}

const good = (what: Check['what']): Check => ({ what, verdict: 'good', problem: null });
const bad = (what: Check['what'], why: Problem): Check => ({ what, verdict: 'bad', problem: why });
const warning = (what: Check['what'], why: Problem): Check => ({ what, verdict: 'warning', problem: why });

/** Which check a problem of the rules belongs to. */
function subjectOf(code: ProblemCode): Check['what'] {
  if (code === 'name.taken') return 'name';
  if (code === 'mac.taken') return 'mac';
  if (code === 'guest.elsewhere') return 'uuid';
  if (code === 'guest.diskInUse') return 'disks';
  if (code === 'bridge.missing') return 'bridge';
  if (code === 'memory.short') return 'memory';
  if (code === 'move.versionDown' || code === 'move.versionStep') return 'version';
  if (code === 'move.vendor') return 'cpu';
  if (code === 'move.typeMissing' || code === 'move.pvNoShadow') return 'type';
  if (code === 'move.clock') return 'clock';
  return 'state';
}

const mayGoBy = { straight: mayMigrate, stopped: mayMoveStopped, saved: mayMoveSaved };

/** Everything the mirror knows. */
export function checksByRule(question: Pick<MoveQuestion, 'guest' | 'source' | 'target' | 'everyone' | 'hosts' | 'way'>): Check[] {
  const { guest, source, target, everyone, hosts, way } = question;
  const atTarget = everyone.filter((one) => one.hostId === target.id);
  // the task that asks is itself what the guest is busy with
  const verdict = mayGoBy[way]({ ...guest, doing: null }, source, target, atTarget);
  if (!verdict.may) return [bad(subjectOf(verdict.because.code), verdict.because)];
  const subjects: Check['what'][] =
    guest.state === 'halted'
      ? ['state', 'name', 'bridge']
      : way === 'stopped'
        ? ['state', 'name', 'type', 'memory', 'bridge']
        : ['state', 'name', 'type', 'memory', 'bridge', 'version', 'cpu', 'clock'];
  const warned = (verdict.warnings ?? []).map((why) => warning(subjectOf(why.code), why));
  const fine = subjects.filter((what) => !warned.some((one) => one.what === what)).map(good);
  return [...fine, ...warned, ...elsewhere(question), ...unasked(guest, hosts)];
}

/** The same guest, name or card on a third host. */
function elsewhere({
  guest,
  source,
  target,
  everyone,
  hosts,
}: Pick<MoveQuestion, 'guest' | 'source' | 'target' | 'everyone' | 'hosts'>): Check[] {
  const labelOf = (id: string) => hosts.find((one) => one.id === id)?.label ?? id;
  const macs = new Set((shapeOf(guest)?.nics ?? []).flatMap((nic) => (nic.mac ? [nic.mac.toLowerCase()] : [])));
  for (const one of everyone) {
    if (one.hostId === source.id || one.hostId === target.id || isCopyOf(one, guest)) continue;
    const where = labelOf(one.hostId);
    if (guest.uuid && one.uuid === guest.uuid) return [bad('uuid', problem('uuid.taken', { name: one.name, where }))];
    const mac = (shapeOf(one)?.nics ?? []).find((nic) => nic.mac && macs.has(nic.mac.toLowerCase()))?.mac;
    if (mac && one.state !== 'halted') return [bad('mac', problem('mac.taken', { mac, name: one.name, where }))];
  }
  const clash = clashOf(guest, hosts, everyone);
  return clash ? [bad(subjectOf(clash.code), clash)] : [];
}

/** Hosts that could not be asked whether they have this guest too. */
function unasked(guest: Guest, hosts: readonly Host[]): Check[] {
  const silent = hostsNotAsked(hosts);
  return silent.length === 0 ? [] : [warning('others', problem('guard.notAsked', { name: guest.name, hosts: silent, lastSeen: null }))];
}

/** Of a guest that stands still while its disks are copied. */
const atRest = (seen: DisksSeen): DisksSeen => ({
  ...seen,
  copies: seen.copies.map((one) => ({ ...one, how: 'still' })),
  travel: seen.travel.map((one) => (one.travels === 'copied' ? { ...one, how: 'still' } : one)),
});

/** Its memory becomes a file at both hosts, for a while. */
async function lookForRoom({ guest, source, target, remotes }: MoveQuestion): Promise<Check[]> {
  try {
    const [here, there] = await Promise.all([roomAt(remotes.source), roomAt(remotes.target)]);
    const needed = Math.ceil(guest.memoryMiB * 1.02) + 16; // its pages, their numbers, and what describes it
    for (const [host, free] of [[source, here] as const, [target, there] as const]) {
      if (free < needed) return [bad('space', problem('move.saveRoom', { host: host.label, shortMiB: needed - free }))];
    }
    return [good('space')];
  } catch (thrown) {
    return [bad('space', problemOf(thrown))];
  }
}

/** MiB that are free where the files of moves lie. */
async function roomAt(remote: Remote): Promise<number> {
  const lines = linesOf('move-room', await remote.program(roomProgram, []));
  const free = /^room (\d+)$/.exec(lines[0] ?? '')?.[1];
  if (free === undefined) throw unreadable('move-room', lines.join('\n'));
  return Number(free);
}
export const roomProgram = { name: 'move-room', text: roomText } as const;

/** Whoever else uses its disks, found by asking; hosts that did not answer beyond those known for it. */
async function lookForOthers({ guest, hosts, guard }: MoveQuestion): Promise<Check[]> {
  try {
    const { clash, notAsked } = await guard();
    if (clash) return [bad(subjectOf(clash.code), clash)];
    const known = hostsNotAsked(hosts);
    return notAsked.every((one) => known.includes(one))
      ? []
      : [warning('others', problem('guard.notAsked', { name: guest.name, hosts: notAsked, lastSeen: null }))];
  } catch (thrown) {
    return [bad('others', problemOf(thrown))];
  }
}

interface DisksSeen {
  checks: Check[];
  inactive: string[];
  copies: DiskCopy[];
  travel: DiskTravel[];
}

async function lookAtDisks(question: MoveQuestion): Promise<DisksSeen> {
  const { guest, source, target, remotes } = question;
  const shape = shapeOf(guest);
  const disks = (shape?.disks ?? []).filter((disk) => disk.target !== '');
  const files = [shape?.kernel, shape?.ramdisk].filter((path): path is string => !!path?.startsWith('/'));
  const paths = [...disks.map((disk) => disk.target), ...files];
  try {
    const [here, there] = await Promise.all([lookAtFiles(remotes.source, paths), lookAtFiles(remotes.target, paths)]);
    const names = { source: namesOf(source), target: namesOf(target), from: source.label, host: target.label };
    const at = (list: Seen[], nth: number): Seen => list[nth] ?? { is: 'missing' };
    const seen = disks.map((disk, nth) => ({ disk, here: at(here, nth), there: at(there, nth) }));
    const lacking = seen.filter((one) => isLacking(one, names));
    const olds = lacking.length > 0 ? await findOlds(remotes.target, guest) : [];
    const { copies, problems } = await planFree(question, lacking, olds);
    problems.push(...(await lackingTools(copies, question)));
    if (copies.some(isOther) && (!guest.config || guest.needsRestart.length > 0))
      problems.push(problem('move.configDiffers', { name: guest.name }));
    problems.push(...copies.flatMap((copy) => usedBy(copy.from, question) ?? []));
    for (const one of seen) {
      const why = lacking.includes(one) ? null : problemWith(one, names);
      if (why) problems.push(why);
    }
    const missing = files.filter((_path, nth) => !isAlike(at(here, disks.length + nth), at(there, disks.length + nth), names));
    const diskChecks = problems.length > 0 ? problems.map((why) => bad('disks', why)) : [good('disks')];
    const fileChecks =
      missing.length > 0
        ? missing.map((path) => bad('files', problem('move.fileMissing', { path, host: target.label })))
        : files.length > 0
          ? [good('files')]
          : [];
    const inactive = seen.flatMap((one) => (one.there.is === 'volume' && !one.there.active ? [one.there.name] : []));
    const travel = seen.flatMap(({ disk }): DiskTravel[] => {
      const copy = copies.find((one) => one.vdev === disk.vdev);
      const refused = !copy && lacking.some((one) => one.disk === disk);
      return disk.cdrom || refused ? [] : [copy ? travelOf(copy) : { travels: 'shared', vdev: disk.vdev, path: disk.target }];
    });
    return { checks: [...diskChecks, ...fileChecks], inactive, copies, travel };
  } catch (thrown) {
    return { checks: [bad('disks', problemOf(thrown))], inactive: [], copies: [], travel: [] };
  }
}

/** So often names are given anew. */
const MOST_NAMES = 20;

/** The plan, with names that are free: those that only we give nobody has looked at before. */
async function planFree({ guest, remotes, ...way }: MoveQuestion, lacking: readonly SeenDisk[], olds: CopyWay['olds']) {
  const met: string[] = [];
  for (;;) {
    const planned = planCopies(guest, lacking, { ...way, met, ...(olds ? { olds } : {}) });
    const given = planned.copies.filter((one) => one.old === null && one.to !== one.from);
    const seen = await lookAtFiles(
      remotes.target,
      given.map((one) => one.to),
    );
    const stood = given.filter((_one, nth) => seen[nth]?.is !== 'missing');
    if (stood.length === 0) return planned;
    met.push(...stood.map((one) => one.dest));
    if (met.length < MOST_NAMES) continue;
    planned.problems.push(...stood.map((one) => problem('disk.exists', { path: one.to })));
    return planned;
  }
}

/** Another guest of the source, running or not, that has this disk too: it would be copied, and then set aside, under it. */
function usedBy(path: string, { guest, source, everyone }: Pick<MoveQuestion, 'guest' | 'source' | 'everyone'>): Problem | null {
  const other = everyone.find(
    (one) =>
      one.hostId === source.id &&
      one.key !== guest.key &&
      [...(one.live?.disks ?? []), ...(one.config?.shape?.disks ?? [])].some((disk) => disk.target === path),
  );
  return other ? problem('guest.diskInUse', { disk: path, name: other.name, where: source.label }) : null;
}

type BothNames = { source: Names; target: Names; from: string; host: string };

/** A disk that only the source has: it can be copied. */
function isLacking({ disk, here, there }: SeenDisk, names: BothNames): boolean {
  return !disk.script && !disk.cdrom && !isDoubtful(here, there) && !isSame(here, there, names.source, names.target);
}

function problemWith({ disk, here, there }: SeenDisk, names: BothNames): Problem | null {
  if (disk.script) return problem('move.diskNotShared', { disk: disk.target, host: names.host });
  return diskProblem(disk, here, there, names);
}

/** A file of the host that only has to say the same: kernel and ramdisk. */
function isAlike(here: Seen, there: Seen, names: { source: Names; target: Names }): boolean {
  return isSame(here, there, names.source, names.target) || (here.is === 'file' && there.is === 'file' && here.size === there.size);
}

function namesOf(host: Host): Names {
  return { addresses: [...(host.facts?.addresses ?? []), host.address], hostname: host.facts?.hostname ?? '' };
}
