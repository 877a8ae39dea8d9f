import type { Host } from '../../contract/host.ts';
import { clustered, isOnOne, isServedBy, sameExport, shared } from '../migration/files.ts';
import type { SeenDisk } from './look.ts';

/** A disk with the host that sees it so. */
export interface DiskAt {
  host: Host;
  seen: SeenDisk;
}

/** Whether two looks, from one host or two, saw the same disk. What can't be told is not the same: a path is compared elsewhere too. */
export function isSameDisk(a: DiskAt, b: DiskAt): boolean {
  const [one, other] = [a.seen, b.seen];
  // hosts installed from one image have volumes of one UUID: only what surely lies on other disks is another
  if (one.is === 'volume' && other.is === 'volume')
    return one.uuid === other.uuid && (a.host.id === b.host.id || isOnOne(one.under, other.under, true));
  if (one.is === 'device' && other.is === 'device') return one.id === other.id;
  if (one.is !== 'file' || other.is !== 'file' || one.inode !== other.inode) return false;
  if (a.host.id === b.host.id) return one.source === other.source;
  const [oneShared, otherShared] = [shared.test(one.fsType), shared.test(other.fsType)];
  // the same block device, by whatever name each host has for it
  if (clustered.test(one.fsType) || clustered.test(other.fsType)) return one.fsType === other.fsType && one.size === other.size;
  if (oneShared && otherShared && one.source === other.source) return true;
  // two file systems of one server may both have this inode number: then the size must be the same too
  if (one.size !== other.size) return false;
  if (oneShared && otherShared) return sameExport(one.source, other.source);
  if (oneShared) return isServedBy(one.source, namesOf(b.host));
  return otherShared && isServedBy(other.source, namesOf(a.host));
}

const namesOf = (host: Host) => ({
  addresses: [...(host.facts?.addresses ?? []).map((one) => one.replace(/\/\d+$/, '')), host.address],
  hostname: host.facts?.hostname ?? '',
});
