import type { Guest } from '../../contract/guest.ts';
import { isOfDom0 } from '../../contract/rules.ts';
import leaseText from '../remote/programs/lease.sh?raw';
import type { Guarded } from './guard.ts';

/** What a job that starts a guest is given, so that leases beside its images say so. */

/** The program, for the job's folder. */
export const leaseFile = { lease: leaseText };

/** UUID, name, and of each written disk the lease that may be taken over. Nothing where there is no disk. */
export function leaseWords(guest: { uuid: string | null; name: string }, { leases }: Pick<Guarded, 'leases'>): string[] {
  return leases.length === 0 ? [] : [guest.uuid ?? '', guest.name, ...leases.flatMap((one) => [one.seen, one.disk])];
}

/**
 * The same for a target that a guest comes to: its images' leases are taken over from the source. Files of the move's folder there.
 * `copied`: disks that it gets of its own.
 */
export function leaseThere(
  guest: Pick<Guest, 'name' | 'live' | 'config'> & { uuid: string },
  copied: readonly string[],
): [string, string][] {
  const disks = ((guest.live ?? guest.config?.shape)?.disks ?? []).filter((disk) => disk.access === 'rw' && !disk.cdrom && isOfDom0(disk));
  const images = disks.map((disk) => disk.target).filter((path) => path.startsWith('/') && !copied.includes(path));
  if (images.length === 0) return [];
  return [
    ['lease', leaseText],
    ['lease.of', `${[guest.uuid, guest.name, ...images].join('\n')}\n`],
  ];
}
