import type { Guest } from '../../contract/guest.ts';
import type { Host, StoragePlace } from '../../contract/host.ts';
import { readGuestConfig } from '../xen/guestConfig.ts';
import { type CopyWay, type DiskCopy, planCopies, type SeenDisk } from './copies.ts';
import type { Seen } from './files.ts';

/** Hosts, places and disks for tests of what is copied. */

export const GiB = 1024;
export const group = (name: string, freeMiB: number): StoragePlace =>
  ({ is: 'volumeGroup', name, freeMiB, totalMiB: freeMiB, uuid: `uuid-${name}` }) as unknown as StoragePlace; // only these are looked at
export const folder = (path: string, freeMiB: number, shared: string | null = null): StoragePlace =>
  ({ is: 'directory', path, freeMiB, totalMiB: freeMiB, shared, fsType: 'ext4' }) as unknown as StoragePlace; // as above
export const host = (...places: StoragePlace[]): Host => ({ label: 'host2', facts: { places, tracesWrites: true } }) as unknown as Host; // as above
export const guestOf = (text: string, more: object = {}): Guest =>
  ({ name: 'web', type: 'pvh', uuid: 'u-1', live: null, config: { shape: readGuestConfig(text, 'f').shape }, ...more }) as unknown as Guest; // as above
export const file = (MiB: number, inode = '1'): Seen => ({ is: 'file', inode, size: MiB * 1048576, fsType: 'ext4', source: '/dev/sda2' });
export const volume = (name: string, MiB: number): Seen => ({
  is: 'volume',
  under: 'wwn',
  group: 'g',
  volume: `uuid-${name}`,
  active: true,
  size: MiB * 1048576,
  name,
});
export const missing: Seen = { is: 'missing' };

export function plan(
  spec: string,
  here: Seen,
  places: StoragePlace[],
  more: { there?: Seen; guest?: object; deaf?: boolean } & Omit<CopyWay, 'source' | 'target'> = {},
) {
  const { there = missing, guest: about, deaf, ...wishes } = more;
  const guest = guestOf(`disk=["${spec}"]`, about);
  const [disk] = guest.config?.shape?.disks ?? [];
  if (!disk) throw new Error(`no disk in ${spec}`);
  const lacking: SeenDisk[] = [{ disk, here, there }];
  const { copies, problems } = planCopies(guest, lacking, {
    source: deaf ? ({ facts: { tracesWrites: false } } as unknown as Host) : host(),
    target: host(...places),
    ...wishes,
  });
  return { copies, codes: problems.map((one) => one.code) };
}

/** A raw file that is copied to another path. */
export const copyOf = (vdev: string, from: string, to: string): DiskCopy => ({
  vdev,
  from,
  format: 'raw',
  to,
  dest: to,
  sizeBytes: 512,
  how: 'traced',
  as: 'raw',
  place: null,
  old: null,
});
