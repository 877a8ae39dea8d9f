import { type Problem, problem } from '../../contract/problem.ts';
import identityText from '../remote/programs/disk-identity.sh?raw';
import filesText from '../remote/programs/move-files.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf, unreadable } from '../remote/said.ts';

/** Whether both hosts mean the same thing by a path: the heart of "its disk is there too". */

export const filesProgram = { name: 'move-files', text: `${identityText}${filesText}` } as const;

/** A path as one host sees it. Sizes in bytes. */
export type Seen =
  /** `under`: the hardware it lies on, comma between; null where that can't be told. */
  | { is: 'volume'; group: string; volume: string; active: boolean; size: number; under: string | null; name: string }
  /** `lacks`: what keeps a guest from writing to it there; only of DRBD. */
  | { is: 'device'; id: string; lacks?: DrbdLack }
  /** `virtual`: of the disk in it, where it looks like a qcow2 file. */
  | { is: 'file'; inode: string; size: number; virtual?: number; fsType: string; source: string }
  | { is: 'unknown' }
  | { is: 'missing' };

/** Of a DRBD device: it is not Primary, a peer is not connected, or its own disk is not up to date. */
const drbdLacks = ['secondary', 'apart', 'stale'] as const;
type DrbdLack = (typeof drbdLacks)[number];

/** Looks at paths on a host; answers in their order. */
export async function lookAtFiles(remote: Remote, paths: readonly string[]): Promise<Seen[]> {
  if (paths.length === 0) return [];
  return parseFiles(linesOf('move-files', await remote.program(filesProgram, paths)), paths.length);
}

/** The answer of move-files. */
export function parseFiles(lines: readonly string[], count: number): Seen[] {
  const seen: Seen[] = [];
  for (const line of lines) {
    const [word, nth, what, ...rest] = line.split(' ');
    if (word !== 'at' || Number(nth) !== seen.length || !what) throw unreadable('move-files', line);
    seen.push(parseSeen(what, rest) ?? fault(line));
  }
  if (seen.length !== count) throw unreadable('move-files', lines.join('\n'));
  return seen;
}

function parseSeen(what: string, rest: string[]): Seen | null {
  const [first = '', second = '', third = '', ...more] = rest;
  if (what === 'volume')
    return {
      is: 'volume',
      group: first,
      volume: second,
      active: third === 'yes',
      size: Number(more[0]),
      under: more[1] === '-' ? null : (more[1] ?? null),
      name: more.slice(2).join(' '),
    };
  const lacks = drbdLacks.find((one) => one === second);
  if (what === 'device') return { is: 'device', id: first, ...(lacks ? { lacks } : {}) };
  if (what === 'file') {
    const [size, virtual] = second.split('/');
    const inside = virtual === undefined ? {} : { virtual: Number(virtual) };
    return { is: 'file', inode: first, size: Number(size), ...inside, fsType: third, source: more.join(' ') };
  }
  if (what === 'unknown' || what === 'missing') return { is: what };
  return null;
}

function fault(line: string): never {
  throw unreadable('move-files', line);
}

/** Filesystems whose files several hosts see. */
export const shared = /^(nfs|nfs4|cifs|smb3|ceph|fuse\.(glusterfs|sshfs|ceph.*|moosefs)|glusterfs|gfs2|ocfs2|lustre|gpfs|beegfs)$/;
/** Of these, the ones that are a block device mounted on several hosts: the device's name may differ. */
export const clustered = /^(gfs2|ocfs2)$/;

/** A host's own addresses and name: an NFS server is recognised in what its clients have mounted. */
export interface Names {
  addresses: readonly string[];
  hostname: string;
}

/** Whether two hosts see the same thing under one path. Unknown means no: a disk that is not the same would be two guests. */
export function isSame(here: Seen, there: Seen, source: Names, target: Names): boolean {
  if (here.is === 'volume' && there.is === 'volume') return isTwin(here, there) && isOnOne(here.under, there.under);
  if (here.is === 'device' && there.is === 'device') return here.id === there.id;
  if (here.is !== 'file' || there.is !== 'file') return false;
  if (here.inode !== there.inode || here.size !== there.size) return false;
  const hereShared = shared.test(here.fsType);
  const thereShared = shared.test(there.fsType);
  if (hereShared && thereShared) return clustered.test(here.fsType) ? here.fsType === there.fsType : sameExport(here.source, there.source);
  if (hereShared) return isServedBy(here.source, target);
  if (thereShared) return isServedBy(there.source, source);
  return false;
}

type SeenVolume = Extract<Seen, { is: 'volume' }>;
const isTwin = (here: SeenVolume, there: SeenVolume) => here.group === there.group && here.volume === there.volume;

/**
 * What may be one disk, but nobody can tell: volumes of one UUID, of which a host does not know what they lie on (one, or on a disk and a
 * copy of it), and a DRBD device that is not ready on both.
 */
export function isDoubtful(here: Seen, there: Seen): boolean {
  if (here.is === 'device' && there.is === 'device') return !!(here.lacks ?? there.lacks);
  return here.is === 'volume' && there.is === 'volume' && isTwin(here, there) && (here.under === null || there.under === null);
}

/** Whether two volumes of one UUID share hardware; `unknown` where a host can't tell what its volume lies on. */
export function isOnOne(here: string | null, there: string | null, unknown = false): boolean {
  if (here === null || there === null) return unknown;
  const under = new Set(there.split(','));
  return here.split(',').some((one) => under.has(one));
}

/** The same export may be mounted at different depths; the inode number already says that it is the same file. */
export function sameExport(a: string, b: string): boolean {
  return a === b || (serverOf(a) !== '' && serverOf(a) === serverOf(b));
}

/** Whether a mount's source is on this host. */
export function isServedBy(source: string, host: Names): boolean {
  const server = serverOf(source);
  return host.addresses.includes(server) || (host.hostname !== '' && server.split('.')[0] === host.hostname.split('.')[0]);
}

/** `server:/path`, `[v6]:/path`, `//server/share`. */
function serverOf(source: string): string {
  const found = /^(?:\[([^\]]+)\]|([^:/]+)):/.exec(source) ?? /^\/\/([^/]+)\//.exec(source);
  return (found?.[1] ?? found?.[2] ?? '').toLowerCase();
}

/** A disk of the guest: what hinders the move there. */
export function diskProblem(
  disk: { target: string; cdrom: boolean },
  here: Seen,
  there: Seen,
  names: { source: Names; target: Names; from: string; host: string },
): Problem | null {
  for (const [seen, host] of [
    [here, names.from],
    [there, names.host],
  ] as const)
    if (seen.is === 'device' && seen.lacks) return problem('move.drbd', { disk: disk.target, host, lacks: seen.lacks });
  if (isSame(here, there, names.source, names.target)) return null;
  if (isDoubtful(here, there)) return problem('move.diskTwin', { disk: disk.target, host: names.host });
  if (disk.cdrom) {
    // read only: an image with the same name and size will do
    const alike = here.is === 'file' && there.is === 'file' && here.size === there.size;
    return alike ? null : problem('move.cdromLocal', { disk: disk.target, host: names.host });
  }
  if (there.is === 'missing') return problem('disk.unreachable', { path: disk.target, where: names.host });
  return problem('move.diskNotShared', { disk: disk.target, host: names.host });
}

/** Whether a path lies in a folder or deeper. */
export const isBelow = (path: string, folder: string): boolean => path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
