import identityText from '../remote/programs/disk-identity.sh?raw';
import lookText from '../remote/programs/guard-look.sh?raw';
import type { Program, Remote } from '../remote/remote.ts';
import { linesOf, unreadable } from '../remote/said.ts';
import { type Lease, readLease } from './lease.ts';

/** Which disks these are, as a host sees them now, and the leases beside them. */
export const guardLook: Program = { name: 'guard-look', text: `${identityText}${lookText}` };

/** What a path is. `size` in bytes; `under`: the hardware a volume lies on, comma between, null where that can't be told. */
export type SeenDisk =
  | { is: 'volume'; uuid: string; under: string | null }
  | { is: 'device'; id: string }
  | { is: 'file'; inode: string; size: number; fsType: string; source: string }
  | { is: 'unknown' | 'missing' };

/** The answer of a host. `disks` in the order of the paths asked for; `lease` null: none that can be read. */
export interface HostLook {
  machine: string;
  /** Changes when the host goes down: nothing that ran before runs any more. */
  boot: string;
  disks: { seen: SeenDisk; lease: Lease | null }[];
}

/** Asks a host. Without paths it tells only which machine it is, and which boot. */
export async function lookAtDisks(remote: Remote, paths: readonly string[], signal?: AbortSignal): Promise<HostLook> {
  const ran = await remote.program(guardLook, paths, signal ? { signal } : {});
  return parseLook(linesOf(guardLook.name, ran), paths.length);
}

/** Reads the answer of guard-look. */
export function parseLook(lines: readonly string[], count: number): HostLook {
  const look: HostLook = { machine: '', boot: '', disks: [] };
  let block: string[] | null = null;
  for (const line of lines) {
    const [word = '', first = '', ...rest] = line.split(' ');
    if (line.startsWith('|')) block?.push(line.slice(1));
    else if (word === 'begin') block = [];
    else if (word === 'end') {
      const last = look.disks.at(-1);
      if (last && block) last.lease = readLease(block);
      block = null;
    } else if (word === 'machine') look.machine = first;
    else if (word === 'boot') look.boot = first;
    else if (word === 'at' && Number(first) === look.disks.length) look.disks.push({ seen: readSeen(rest) ?? fault(line), lease: null });
    else fault(line);
  }
  if (look.disks.length !== count) fault(lines.join('\n'));
  return look;
}

function readSeen([what, first = '', second = '', third = '', ...more]: readonly string[]): SeenDisk | null {
  if (what === 'volume' && first) return { is: 'volume', uuid: first, under: second && second !== '-' ? second : null };
  if (what === 'device' && first) return { is: 'device', id: [first, second, third, ...more].filter(Boolean).join(' ') };
  if (what === 'file') return { is: 'file', inode: first, size: Number(second), fsType: third, source: more.join(' ') };
  return what === 'unknown' || what === 'missing' ? { is: what } : null;
}

function fault(sample: string): never {
  throw unreadable(guardLook.name, sample);
}
