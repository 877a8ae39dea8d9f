import type { Guest } from '../../contract/guest.ts';
import type { Host, HostFacts, StoragePlace } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import { isOfDom0, shapeOf } from '../../contract/rules.ts';
import { isServedBy, sameExport } from '../migration/files.ts';
import type { TwinLook } from './look.ts';

/** Where guests of one host keep their disks, and whether the other has the same. */

type Directory = Extract<StoragePlace, { is: 'directory' }>;

/** Something of a host that its guests' disks lie in or on. */
type Used =
  | { is: 'volume'; group: string; volume: string; path: string; guest: string }
  | { is: 'file'; folder: string; place: Directory | null; guest: string }
  /** Whose data is somewhere that the examination of a host does not tell of: a device, a script, a driver domain. */
  | { is: 'elsewhere'; disk: string; guest: string };

/** `/dev/vg0/web`, `/dev/mapper/vg0-web--disk`. */
function volumeOf(target: string): { group: string; volume: string } | null {
  const [, mapped = ''] = /^\/dev\/mapper\/(.+)$/.exec(target) ?? [];
  const halves = /^((?:[^-]|--)+)-((?:[^-]|--)+)$/.exec(mapped);
  if (halves) return { group: (halves[1] ?? '').replaceAll('--', '-'), volume: (halves[2] ?? '').replaceAll('--', '-') };
  const [, group = '', volume = ''] = /^\/dev\/([^/]+)\/([^/]+)$/.exec(target) ?? [];
  return volume && group !== 'mapper' && group !== 'disk' ? { group, volume } : null;
}

function usedBy(guests: readonly Guest[], facts: HostFacts): Used[] {
  const directories = facts.places.filter((one) => one.is === 'directory');
  const groups = new Set(facts.places.flatMap((one) => (one.is === 'volumeGroup' ? [one.name] : [])));
  return guests.flatMap((guest) =>
    (shapeOf(guest)?.disks ?? []).flatMap((disk): Used[] => {
      if (disk.target === '' && isOfDom0(disk)) return []; // an empty drive
      const volume = volumeOf(disk.target);
      if (isOfDom0(disk) && volume && groups.has(volume.group)) return [{ is: 'volume', ...volume, path: disk.target, guest: guest.name }];
      if (!isOfDom0(disk) || !disk.target.startsWith('/') || disk.target.startsWith('/dev/'))
        return [{ is: 'elsewhere', disk: disk.target || disk.vdev, guest: guest.name }];
      const holding = directories.filter((one) => disk.target.startsWith(`${one.path}/`)).sort((a, b) => b.path.length - a.path.length);
      return [{ is: 'file', folder: disk.target.replace(/\/[^/]*$/, '') || '/', place: holding[0] ?? null, guest: guest.name }];
    }),
  );
}

/** Folders a host's guests use, to be looked for on the other. */
export function foldersOf(guests: readonly Guest[], facts: HostFacts): string[] {
  const found = usedBy(guests, facts).flatMap((one) => (one.is === 'file' && one.folder !== '/' ? [one.folder] : []));
  return [...new Set(found)].sort();
}

/** One end of the comparison of storage. */
export interface StorageEnd {
  host: Host;
  facts: HostFacts;
  guests: readonly Guest[];
  look: TwinLook;
}

/** What guests that go from `here` to `there` would miss. `bad`: it isn't there; else a remark. */
export function storageFindings(here: StorageEnd, there: StorageEnd): { bad: boolean; problem: Problem }[] {
  const used = usedBy(here.guests, here.facts);
  const volumes = used.filter((one) => one.is === 'volume');
  const files = used.filter((one) => one.is === 'file');
  return [
    ...groupBy(volumes, (one) => one.group).flatMap((those) => groupFindings(those, here, there)),
    ...groupBy(files, placeKey).flatMap((those) => fileFindings(those, here, there)),
    ...unknownFindings(used, here, there.host.label),
  ];
}

/** What nobody looked at: none of it is called good. */
function unknownFindings(used: readonly Used[], here: StorageEnd, host: string): { bad: boolean; problem: Problem }[] {
  const elsewhere = used.filter((one) => one.is === 'elsewhere');
  const disks = [...new Set(elsewhere.map((one) => one.disk))];
  const named = (those: readonly Guest[]) => those.map((one) => one.name);
  const unread = named(here.guests.filter((one) => shapeOf(one) === null));
  const devices = named(here.guests.filter((one) => shapeOf(one)?.passthrough));
  return [
    ...(disks.length > 0 ? [problem('twin.disksUnknown', { disks, guests: namesOf(elsewhere), host })] : []),
    ...(unread.length > 0 ? [problem('twin.disksUnknown', { disks: [], guests: unread, host })] : []),
    ...(devices.length > 0 ? [problem('twin.devicesUnknown', { guests: devices, host })] : []),
  ].map((why) => ({ bad: false, problem: why }));
}

const namesOf = (used: readonly Used[]): string[] => [...new Set(used.map((one) => one.guest))];
const placeKey = (one: Extract<Used, { is: 'file' }>): string => (one.place?.shared ? one.place.path : one.folder);

/** Items that have the same key, in the order of their first. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups.values()];
}

function groupFindings(
  used: readonly Extract<Used, { is: 'volume' }>[],
  here: StorageEnd,
  there: StorageEnd,
): { bad: boolean; problem: Problem }[] {
  const group = used[0]?.group ?? '';
  const host = there.host.label;
  const find = (facts: HostFacts) => facts.places.find((one) => one.is === 'volumeGroup' && one.name === group);
  const own = find(here.facts);
  const other = find(there.facts);
  if (other?.is !== 'volumeGroup') return [{ bad: true, problem: problem('twin.groupMissing', { group, guests: namesOf(used), host }) }];
  if (own?.is === 'volumeGroup' && own.uuid === other.uuid) return []; // the same group, seen by both
  const missing = groupBy(used, (one) => one.volume).flatMap((those) => {
    const [first] = those;
    const size = here.facts.volumes.find((one) => one.path === `/dev/${group}/${first?.volume}`)?.sizeMiB;
    const taken = there.facts.volumes.some((one) => one.path === `/dev/${group}/${first?.volume}`);
    if (!first || !size || taken) return [];
    return [
      { bad: false, problem: problem('twin.volumeMissing', { group, volume: first.volume, sizeMiB: size, guests: namesOf(those), host }) },
    ];
  });
  return [{ bad: false, problem: problem('twin.storageLocal', { place: group, guests: namesOf(used), host }) }, ...missing];
}

function fileFindings(
  used: readonly Extract<Used, { is: 'file' }>[],
  here: StorageEnd,
  there: StorageEnd,
): { bad: boolean; problem: Problem }[] {
  const [first] = used;
  if (!first) return [];
  const guests = namesOf(used);
  const host = there.host.label;
  const { place, folder } = first;
  const other = there.facts.places.find((one) => one.is === 'directory' && one.path === (place?.path ?? folder));
  if (place?.shared) {
    const source = place.shared === 'export' ? `${here.facts.addresses[0] ?? here.facts.hostname}:${place.path}` : place.shared;
    if (other?.is !== 'directory')
      return [{ bad: true, problem: problem('twin.mountMissing', { path: place.path, source, guests, host }) }];
    if (sameMount(place, here, other, there)) return [];
    // what several hosts could share, and one of them only exports, may still be mounted nowhere else
    return [{ bad: true, problem: problem('twin.mountDiffers', { path: place.path, source, guests, host }) }];
  }
  if (other?.is === 'directory' && other.shared && other.shared !== 'export' && isServedBy(other.shared, here.facts)) return [];
  if (there.look.folders.get(folder) !== 'folder')
    return [{ bad: true, problem: problem('twin.folderMissing', { path: folder, guests, host }) }];
  return [{ bad: false, problem: problem('twin.storageLocal', { place: folder, guests, host }) }];
}

/** Both mount the same, or the one exports it and the other has it from there. */
function sameMount(a: Directory, here: StorageEnd, b: Directory, there: StorageEnd): boolean {
  if (!a.shared || !b.shared) return false;
  if (a.shared === 'export') return b.shared !== 'export' && isServedBy(b.shared, here.facts);
  if (b.shared === 'export') return isServedBy(a.shared, there.facts);
  return sameExport(a.shared, b.shared) && a.shared.split(':').at(-1) === b.shared.split(':').at(-1);
}
