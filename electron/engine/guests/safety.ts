import type { Disk, Guest } from '../../contract/guest.ts';
import type { Host } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import { isSilent } from '../../contract/rules.ts';

/** The guest that somebody is about to let run; its disks are those of its config. */
export type Suspect = Pick<Guest, 'key' | 'hostId' | 'name' | 'uuid' | 'config' | 'live'>;

/**
 * A guest runs on at most one host: whether anything that runs anywhere is this guest, or uses what it uses.
 * Pure. `hosts` are all saved hosts, `others` all guests known on them. What a host that is not connected said last proves nothing: see
 * `hostsNotAsked`.
 */
export function clashOf(guest: Suspect, hosts: readonly Host[], others: readonly Guest[]): Problem | null {
  const host = hosts.find((one) => one.id === guest.hostId);
  const shape = guest.config?.shape ?? guest.live;
  if (!host) return null;
  const own = (shape?.disks ?? []).flatMap((disk) => diskIdentity(disk, host, hosts) ?? []);
  for (const other of others) {
    if (other.key === guest.key || other.state === 'halted') continue;
    const there = hosts.find((one) => one.id === other.hostId);
    if (there?.link.is !== 'open') continue;
    const found = clashWith(guest, { other, there, hosts, own, macs: (shape?.nics ?? []).flatMap((nic) => nic.mac ?? []) });
    if (found) return found;
  }
  return null;
}

function clashWith(
  guest: Suspect,
  with_: { other: Guest; there: Host; hosts: readonly Host[]; own: readonly DiskIdentity[]; macs: readonly string[] },
): Problem | null {
  const { other, there, hosts, own, macs } = with_;
  const where = there.label || there.address;
  if (guest.uuid && guest.uuid === other.uuid) return problem('guest.elsewhere', { name: other.name, where });
  const shape = other.live ?? other.config?.shape;
  for (const disk of shape?.disks ?? []) {
    const theirs = diskIdentity(disk, there, hosts);
    const same = theirs && own.find((mine) => mine.id === theirs.id && (mine.written || theirs.written));
    if (same) return problem('guest.diskInUse', { disk: disk.target, name: other.name, where });
  }
  const mac = shape?.nics.find((nic) => nic.mac && macs.includes(nic.mac))?.mac;
  if (mac) return problem('mac.taken', { mac, name: other.name, where });
  return sameName(guest, other) ? problem('name.taken', { name: other.name, where }) : null;
}

/** Names clash on one host always; on another one where nothing says that they are two: a config without UUID is its name. */
function sameName(guest: Suspect, other: Guest): boolean {
  if (guest.name !== other.name.replace(/--(incoming|migratedaway)$/, '')) return false;
  return guest.hostId === other.hostId || !(guest.config?.hasUuid ?? guest.uuid !== null);
}

interface DiskIdentity {
  id: string;
  written: boolean;
}

/** What a disk is, whichever host says so; null: no disk (an empty drive) or none of which that can be told. */
export function diskIdentity(disk: Disk, host: Host, hosts: readonly Host[]): DiskIdentity | null {
  if (disk.target === '') return null;
  const written = disk.access === 'rw' && !disk.cdrom;
  if (disk.backend) return { id: `backend:${host.id}:${disk.backend}:${disk.target}`, written };
  if (disk.script) return { id: `script:${disk.script}:${disk.target}`, written };
  const volume = host.facts?.volumes.find((one) => samePath(one.path, disk.target));
  if (volume?.uuid) return { id: `volume:${volume.uuid}`, written };
  return { id: fileIdentity(disk.target, host, hosts), written };
}

/** `/dev/mapper/vg-lv` is `/dev/vg/lv`; hyphens in the names are doubled there. */
function samePath(volume: string, path: string): boolean {
  if (volume === path) return true;
  const [, group = '', name = ''] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(volume) ?? [];
  return group !== '' && path === `/dev/mapper/${group.replace(/-/g, '--')}-${name.replace(/-/g, '--')}`;
}

/** A file on a share is the file of the host that shares it, where that is one of ours: `10.77.0.1:/srv/shared`. */
function fileIdentity(path: string, host: Host, hosts: readonly Host[]): string {
  const places = (host.facts?.places ?? []).flatMap((place) => (place.is === 'directory' && place.shared?.includes(':') ? [place] : []));
  const place = places.filter((one) => isBelow(path, one.path)).sort((a, b) => b.path.length - a.path.length)[0];
  if (!place?.shared) return `file:${machineOf(host)}:${path}`;
  const [, server = '', folder = ''] = /^(.*?):(\/.*)$/.exec(place.shared) ?? [];
  const rest = path.slice(place.path.length);
  const owner = hosts.find(
    (one) => one.facts?.addresses.some((address) => address.replace(/\/\d+$/, '') === server) || one.facts?.hostname === server,
  );
  if (owner) return `file:${machineOf(owner)}:${folder.replace(/\/$/, '')}${rest}`;
  return `share:${place.shared}:${rest}`;
}

const isBelow = (path: string, folder: string): boolean => path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
const machineOf = (host: Host): string => host.facts?.machineId || host.id;

/** Hosts that could not be asked whether the guest runs there. */
export function hostsNotAsked(hosts: readonly Host[]): string[] {
  return hosts.filter(isSilent).map((one) => one.label || one.address);
}

/** Another host that has the guest, running or not; `movedTo`, where that host says nothing now. null: it is nowhere else. */
export function livesOn(
  left: { hostId: string; name: string; uuid: string | null; movedTo: string },
  hosts: readonly Host[],
  guests: readonly Guest[],
): string | null {
  const labelOf = (host: Host) => host.label || host.address;
  const same = (one: Guest) => (left.uuid !== null ? one.uuid === left.uuid : one.name === left.name);
  const there = hosts.find((host) => host.id !== left.hostId && guests.some((one) => one.hostId === host.id && same(one)));
  if (there) return labelOf(there);
  const moved = hosts.find((host) => labelOf(host) === left.movedTo);
  return moved?.link.is === 'open' && moved.seenAt !== null ? null : left.movedTo;
}

/** Where it ran when its host was heard last; null: on no host that is not connected now. */
export function lastSeenOn(
  suspect: Pick<Suspect, 'key' | 'name' | 'uuid'>,
  hosts: readonly Host[],
  guests: readonly Guest[],
): string | null {
  const lost = hosts.filter((one) => one.link.is !== 'open');
  const same = (one: Guest) => (suspect.uuid !== null ? one.uuid === suspect.uuid : one.name === suspect.name);
  const host = lost.find((one) => guests.some((guest) => guest.hostId === one.id && guest.state !== 'halted' && same(guest)));
  return host ? host.label || host.address : null;
}
