import type { DiskTravel, FileFormat } from '../../contract/diskTravel.ts';
import type { Disk, Guest } from '../../contract/guest.ts';
import { type Host, placeId, type StoragePlace } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import { isOfDom0 } from '../../contract/rules.ts';
import { readDisk } from '../xen/diskSpec.ts';
import { editGuestConfig, readGuestConfig } from '../xen/guestConfig.ts';
import { isBelow, type Seen } from './files.ts';
import { type OldDisk, oldOf } from './oldDisks.ts';

/** Disks that only the source has: what is copied, and where it will stand. Pure. */

const MIB = 1024 * 1024;

/** One disk to be copied, as the programs `move-disks` and `move-disks-in` are told of it. */
export interface DiskCopy {
  vdev: string;
  from: string;
  /** Of the source: a qcow2 file is read through a device that shows what is in it. */
  format: FileFormat;
  sizeBytes: number;
  how: 'traced' | 'compared' | 'still';
  as: FileFormat | 'volume';
  /** The file, or GROUP/VOLUME. */
  dest: string;
  /** The path in the target's config. */
  to: string;
  /** As DiskTravel has it. */
  place: string | null;
  /** It begins as the disk that lies in this entry of the target's trash; null: as an empty one. */
  old: string | null;
}

/** Between whom, and what is asked and known of the target. */
export interface CopyWay {
  source: Host;
  target: Host;
  /** Chosen by the operator: `placeId` by vdev. */
  places?: Readonly<Record<string, string>>;
  /** Chosen by the operator: what it becomes, by vdev. */
  formats?: Readonly<Record<string, FileFormat>>;
  /** Names (`dest`) that are known to be taken there. */
  met?: readonly string[];
  /** Disks that this guest left there, the newest first. */
  olds?: readonly OldDisk[];
}

/** A disk and how both hosts see its path. */
export interface SeenDisk {
  disk: Disk;
  here: Seen;
  there: Seen;
}

/**
 * Decides where each disk will stand: where it stood before the guest left, else under its own name where that is free and there is room,
 * else beside what is there already; or in the place, and as what, the operator chose.
 * Problems: `move.diskNotShared` (of a kind that can't be copied), `move.diskTwice`, `move.volumeFormat`, `disk.exists`, `space.short`.
 */
export function planCopies(
  guest: Guest,
  lacking: readonly SeenDisk[],
  { source, target, places = {}, formats = {}, met = [], olds = [] }: CopyWay,
): { copies: DiskCopy[]; problems: Problem[] } {
  const room = new Map((target.facts?.places ?? []).map((place) => [place, place.freeMiB]));
  const groupsHere = new Set((source.facts?.places ?? []).flatMap((place) => (place.is === 'volumeGroup' ? [place.uuid] : [])));
  // names that are gone: volumes that stand there, and what the disks before get. A name that was looked at just now is known better
  const free = new Set(lacking.flatMap(({ here, there }) => (here.is === 'volume' && there.is === 'missing' ? [here.name] : [])));
  const volumes = (target.facts?.volumes ?? []).map((one) => one.path.replace(/^\/dev\//, ''));
  const taken = new Set([...volumes.filter((name) => !free.has(name)), ...met]);
  const asked = lacking.map((one) => {
    const size = sizeOf(one);
    const wish = wishFor(one.disk.vdev, { places, formats });
    return { one, size, ...wish, former: oldOf(one, olds, { target, size, ...wish }) };
  });
  for (const { former } of asked) if (former) taken.add(former.dest);
  const copies: DiskCopy[] = [];
  const problems: Problem[] = [];
  for (const [nth, { one, size, chosen, format, former }] of asked.entries()) {
    const { vdev, target: from } = one.disk;
    const twin = lacking.slice(0, nth).find((before) => before.disk.target === from || isOneThing(before.here, one.here));
    if (size === null || !isCopyable(one)) {
      problems.push(problem('move.diskNotShared', { disk: from, host: target.label }));
      continue;
    }
    if (twin) {
      problems.push(problem('move.diskTwice', { disk: from, vdevs: [twin.disk.vdev, vdev] }));
      continue;
    }
    if (format === 'qcow2' && chosen !== null && isGroup(chosen)) {
      problems.push(problem('move.volumeFormat', { vdev, group: nameOf(chosen) }));
      continue;
    }
    const copy = { vdev, from, format: formatOf(one.disk), sizeBytes: size, how: howOf(guest, one, source) };
    if (former) {
      const to = one.here.is === 'volume' && one.here.name === former.dest ? from : former.to;
      copies.push({ ...copy, ...former, to });
      continue;
    }
    if (one.there.is !== 'missing') {
      problems.push(problem('disk.exists', { path: from }));
      continue;
    }
    const needed = Math.ceil(size / MIB);
    const open = new Map([...room].filter(([at]) => suits(at, { chosen, format })));
    const place = placeFor(one, { room: open, groupsHere }, needed);
    if (!place) {
      const most = Math.max(0, ...open.values());
      problems.push(problem('space.short', { place: chosen === null ? target.label : nameOf(chosen), shortMiB: needed - most }));
      continue;
    }
    room.set(place, (room.get(place) ?? 0) - needed);
    const named = nameIn(place, one, { guest, format, taken });
    taken.add(named.dest);
    copies.push({ ...copy, ...named, place: placeId(place), old: null });
  }
  return { copies, problems };
}

/** What the operator chose for one disk; null: nothing. A volume is raw anyway. */
interface DiskWish {
  chosen: string | null;
  format: FileFormat | null;
}
function wishFor(vdev: string, { places, formats }: Required<Pick<CopyWay, 'places' | 'formats'>>): DiskWish {
  const chosen = places[vdev] ?? null;
  const format = formats[vdev] ?? null;
  return { chosen, format: format === 'raw' && chosen !== null && isGroup(chosen) ? null : format };
}
/** A disk that is to be of a format is to be a file. */
const suits = (place: StoragePlace, { chosen, format }: DiskWish): boolean =>
  chosen === null ? format === null || place.is === 'directory' : placeId(place) === chosen;
const isGroup = (place: string): boolean => place.startsWith('vg:');
const nameOf = (place: string): string => place.replace(/^(dir|vg):/, '');

/** Two paths of one host that lead to the same disk: copied twice it would be two. */
function isOneThing(a: Seen, b: Seen): boolean {
  if (a.is === 'volume' && b.is === 'volume') return a.volume === b.volume;
  return a.is === 'file' && b.is === 'file' && a.inode === b.inode && a.source === b.source;
}

/** Whole sectors only; null: it can't be told. */
function sizeOf({ disk, here }: SeenDisk): number | null {
  if (here.is !== 'file' && here.is !== 'volume') return null;
  const size = disk.format !== 'qcow2' ? here.size : here.is === 'file' ? (here.virtual ?? 0) : 0;
  return size > 0 && size % 512 === 0 ? size : null;
}

const isCopyable = ({ disk, here }: SeenDisk): boolean =>
  isOfDom0(disk) && !disk.cdrom && (disk.format === 'raw' || (disk.format === 'qcow2' && here.is === 'file'));

const formatOf = (disk: Disk): DiskCopy['format'] => (disk.format === 'qcow2' ? 'qcow2' : 'raw');

/** QEMU writes to a qcow2 file, and to the file of an HVM guest, behind the back of every block device; and not every kernel tells of writes. */
function howOf(guest: Guest, { disk, here }: SeenDisk, source: Host): DiskCopy['how'] {
  if (guest.state === 'halted') return 'still';
  return disk.format === 'qcow2' || (guest.type === 'hvm' && here.is === 'file') || !source.facts?.tracesWrites ? 'compared' : 'traced';
}

/** What the places are told apart by: how much is free, and the groups (UUID) that the source sees too. */
interface Room {
  room: ReadonlyMap<StoragePlace, number>;
  groupsHere: ReadonlySet<string>;
}

/** The same group or folder first; then one of the same kind; then any. Shared places come last: nobody asked for that. */
function placeFor({ disk, here }: SeenDisk, { room, groupsHere }: Room, neededMiB: number): StoragePlace | null {
  const rank = (place: StoragePlace): number => {
    if (place.is === 'volumeGroup') {
      if (groupsHere.has(place.uuid)) return 4;
      return here.is === 'volume' ? (here.name.startsWith(`${place.name}/`) ? 0 : 1) : 2;
    }
    if (place.shared !== null) return 4;
    return isBelow(disk.target, place.path) ? 0 : here.is === 'file' ? 1 : 3;
  };
  const fitting = [...room].filter(([, free]) => free >= neededMiB).sort(([a, roomA], [b, roomB]) => rank(a) - rank(b) || roomB - roomA);
  return fitting[0]?.[0] ?? null;
}

const ends = { raw: '.img', qcow2: '.qcow2' } as const;
/** A name that does not say what the file was before. */
const nameAs = (path: string, as: FileFormat): string => path.replace(/(?<=[^/])\.(img|raw|qcow2?)$/i, '') + ends[as];

/** Its own name, else the guest's and the disk's, with a number where that is `taken` too. */
function nameIn(
  place: StoragePlace,
  { disk, here }: SeenDisk,
  { guest, format, taken }: { guest: Guest; format: FileFormat | null; taken: ReadonlySet<string> },
): Pick<DiskCopy, 'as' | 'dest' | 'to'> {
  const plain = `${guest.name.replace(/[^A-Za-z0-9+_.-]/g, '') || 'guest'}-${disk.vdev}`;
  const free = (own: string | null, pathOf: (name: string) => string): string => {
    if (own !== null && !taken.has(own)) return own;
    let path = pathOf(plain);
    for (let nth = 2; taken.has(path); nth++) path = pathOf(`${plain}-${nth}`);
    return path;
  };
  if (place.is === 'volumeGroup') {
    const own = here.is === 'volume' ? `${place.name}/${here.name.slice(here.name.indexOf('/') + 1)}` : null;
    const dest = free(own, (name) => `${place.name}/${name}`);
    return { as: 'volume', dest, to: here.is === 'volume' && here.name === dest ? disk.target : `/dev/${dest}` };
  }
  const as = format ?? formatOf(disk);
  const own = as === formatOf(disk) ? disk.target : nameAs(disk.target, as);
  const keeps = here.is === 'file' && isBelow(disk.target, place.path);
  const to = free(keeps ? own : null, (name) => `${place.path.replace(/\/$/, '')}/${name}${ends[as]}`);
  return { as, dest: to, to };
}

/** The copies as the sheet shows them. */
export const travelOf = (copy: DiskCopy): DiskTravel => ({
  travels: 'copied',
  vdev: copy.vdev,
  path: copy.from,
  sizeMiB: Math.ceil(copy.sizeBytes / MIB),
  to: copy.to,
  as: copy.as,
  place: copy.place,
  old: copy.old !== null,
  how: copy.how,
});

/** Whether the config has to say something else of it there. */
export const isOther = (copy: DiskCopy): boolean => copy.to !== copy.from || (copy.as === 'qcow2') !== (copy.format === 'qcow2');

/**
 * The config for the target: other paths for the disks that stand elsewhere there, other formats for those that become something else,
 * and what makes the guest itself written down. Every other byte stays. The same text: nothing has to change. A halted guest is started
 * from it there: one without a UUID would get another one.
 */
export function configThere(text: string, file: string, guest: Guest, copies: readonly DiskCopy[]): string {
  const moved = new Map(copies.filter(isOther).map((one) => [one.vdev, one]));
  const nameless = guest.state === 'halted' && guest.uuid !== null && guest.config?.hasUuid === false;
  if (moved.size === 0 && !nameless) return text;
  const read = readGuestConfig(text, file);
  const list = (name: string): string[] => {
    const value = read.values.get(name);
    if (!value) return [];
    return value.is === 'list' ? value.items.flatMap((one) => (one.is === 'list' ? [] : [one.text])) : [value.text];
  };
  const disks = list('disk').map((spec) => {
    const disk = readDisk(spec);
    const copy = disk && moved.get(disk.vdev);
    return disk && copy ? specOf(spec, disk, copy) : spec;
  });
  const nics = list('vif');
  const macs = guest.live?.nics.map((nic) => nic.mac) ?? [];
  const withMacs = nics.map((spec, nth) =>
    /(^|,)\s*mac\s*=/.test(spec) || !macs[nth] ? spec : [`mac=${macs[nth]}`, spec].filter(Boolean).join(','),
  );
  return editGuestConfig(text, file, {
    ...(moved.size > 0 ? { disk: disks } : {}),
    ...(withMacs.some((spec, nth) => spec !== nics[nth]) ? { vif: withMacs } : {}),
    ...(read.uuid === null && guest.uuid ? { uuid: guest.uuid } : {}),
  });
}

const flags = /^(direct-io-safe|discard|no-discard|colo|no-colo|trusted|untrusted)$/;
const rewritten = /^(format|vdev|access|devtype|script)=/;

/** `target=` comes last and takes the rest, commas included. What else the old entry says stays (`backend=`, `discard` …). */
function specOf(spec: string, disk: Disk, copy: DiskCopy): string {
  // who serves a file can't serve a volume, and qcow2 is QEMU's alone
  const other = (copy.as === 'volume') !== copy.from.startsWith('/dev/');
  const unfit = other ? /^backendtype=/ : copy.as === 'qcow2' && copy.format !== 'qcow2' ? /^backendtype=(?!qdisk$)/ : null;
  const said = spec.replace(/(^|,)\s*target=.*$/s, '').split(',');
  const kept = said
    .map((word) => word.trim())
    .filter((word) => flags.test(word) || (/^[a-z][-a-z0-9_]*=/.test(word) && !rewritten.test(word) && !unfit?.test(word)));
  const format = copy.as === 'qcow2' ? 'qcow2' : 'raw';
  return [`format=${format}`, `vdev=${disk.vdev}`, `access=${disk.access}`, ...kept, `target=${copy.to}`].join(',');
}
