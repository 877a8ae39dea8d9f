import type { FileFormat } from '../../contract/diskTravel.ts';
import type { Guest } from '../../contract/guest.ts';
import { type Host, placeId } from '../../contract/host.ts';
import { listTrash } from '../guests/configFiles.ts';
import type { Remote } from '../remote/remote.ts';
import type { DiskCopy, SeenDisk } from './copies.ts';
import { isBelow, lookAtFiles, type Seen } from './files.ts';

/** Disks of a guest that lie set aside on a host it left: what it begins with when it goes back there. */

/** One of them. */
export interface OldDisk {
  trashId: string;
  vdev: string | null;
  /** Where it stood, which it gets back. */
  from: string;
  /** As it lies in the trash. */
  seen: Seen;
  /** Nothing stands now where it stood. */
  isFree: boolean;
}

/** What this guest left on a host, the newest first. Where the trash can't be read there is none: then all of it is copied. */
export async function findOlds(remote: Remote, guest: Pick<Guest, 'uuid'>): Promise<OldDisk[]> {
  if (!guest.uuid) return [];
  const entries = await listTrash(remote).catch(() => []);
  const left = entries
    .filter((one) => one.movedTo !== null && one.uuid === guest.uuid)
    .flatMap(({ trashId, disks }) => disks.map((disk) => ({ trashId, ...disk })));
  const seen = await lookAtFiles(
    remote,
    left.flatMap((one) => [one.at, one.from]),
  );
  return left.map(({ trashId, vdev, from }, nth) => ({
    trashId,
    vdev,
    from,
    seen: seen[2 * nth] ?? { is: 'missing' },
    isFree: seen[2 * nth + 1]?.is === 'missing',
  }));
}

/**
 * The old state of a disk: the same disk of the guest, of the same size, whose place was not given away, nor another one `chosen`, nor
 * another `format`. A file that looks like qcow2 is none: it would be compared as it lies, not as what is in it.
 */
export function oldOf(
  { disk }: SeenDisk,
  olds: readonly OldDisk[],
  { target, size, chosen, format }: { target: Host; size: number | null; chosen: string | null; format: FileFormat | null },
): Pick<DiskCopy, 'as' | 'dest' | 'to' | 'place' | 'old'> | null {
  if (size === null || disk.cdrom) return null;
  const old = olds.find(
    (one) =>
      (one.vdev === null ? one.from === disk.target : one.vdev === disk.vdev) &&
      one.isFree &&
      (one.seen.is === 'volume' || (one.seen.is === 'file' && one.seen.virtual === undefined)) &&
      one.seen.size === size,
  );
  if (!old) return null;
  const as = old.seen.is === 'volume' ? 'volume' : 'raw';
  if (format !== null && format !== as) return null;
  const places = (target.facts?.places ?? []).filter((one) =>
    as === 'volume'
      ? one.is === 'volumeGroup' && old.from.startsWith(`/dev/${one.name}/`)
      : one.is === 'directory' && isBelow(old.from, one.path),
  );
  const deepest = places.map(placeId).sort((a, b) => b.length - a.length)[0] ?? null;
  if (chosen !== null && chosen !== deepest) return null;
  return { as, dest: as === 'volume' ? old.from.replace(/^\/dev\//, '') : old.from, to: old.from, place: deepest, old: old.trashId };
}
