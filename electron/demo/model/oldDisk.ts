import type { Inode } from './files.ts';
import { type SimHost, volumeOf } from './simHost.ts';
import type { SimVolume } from './volumes.ts';

/** A disk that a guest left in a host's trash, and what becomes of it when the guest comes back. */

export const bins = '/var/lib/xenferry/trash';

/** The disk a move takes out of the trash to write over it. */
export interface TakenOld {
  /** The entry, where it lies there, and when the guest left, ms since 1970. */
  trashId: string;
  lay: string;
  leftAt: number;
  /** The counter its guest had written by then. */
  counted: number;
}

type Row = [word: string, from: string, to: string, vdev: string];
export function manifestOf(host: SimHost, id: string): Row[] | null {
  const node = host.files.stat(`${bins}/${id}/manifest`);
  if (!node) return null;
  return node.text
    .split('\n')
    .filter(Boolean)
    .map((line): Row => {
      const [word = '', from = '', to = '', vdev = ''] = line.split('\t');
      return [word, from, to, vdev];
    });
}

export const writeManifest = (host: SimHost, id: string, rows: readonly (readonly string[])[]): void =>
  void host.files.write(`${bins}/${id}/manifest`, rows.map((one) => `${one.join('\t')}\n`).join(''), 0o600);

export const lies = (host: SimHost, path: string): boolean => {
  const place = volumeOf(path);
  return place ? host.group(place.group)?.volumes.has(place.name) === true : host.files.lstat(path) !== null;
};

/** What tells a disk from another one that stands in its place one day. */
export function whichOf(host: SimHost, path: string): string {
  const place = volumeOf(path);
  return place ? (host.group(place.group)?.volumes.get(place.name)?.uuid ?? '') : String(host.files.stat(path)?.ino ?? '');
}

/** Disks that stayed under their names when entry `id` was made, and that stand there still. A later row says where one lies. */
export function keptIn(host: SimHost, id: string): { path: string; vdev: string }[] {
  const kept = new Map<string, { which: string; path: string; vdev: string }>();
  for (const [word, from, to, vdev] of manifestOf(host, id) ?? []) {
    if (word === 'kept') kept.set(to, { which: from, path: to, vdev });
    if (['file', 'volume', 'base'].includes(word)) kept.delete(from);
  }
  return [...kept.values()].filter(({ which, path }) => lies(host, path) && whichOf(host, path) === which);
}

export function renameVolume(host: SimHost, place: { group: string; name: string }, to: string): SimVolume | null {
  const group = host.group(place.group);
  const volume = group?.volumes.get(place.name);
  if (!group || !volume || group.volumes.has(to)) return null;
  group.volumes.delete(place.name);
  volume.name = to;
  group.volumes.set(to, volume);
  host.active.delete(`${place.group}/${place.name}`);
  host.active.add(`${place.group}/${to}`);
  return volume;
}

function rename(host: SimHost, from: string, to: string): SimVolume | Inode | null {
  const place = volumeOf(from);
  if (place) return renameVolume(host, place, volumeOf(to)?.name ?? '');
  if (host.files.lstat(to)) return null;
  host.files.rename(from, to);
  return host.files.lstat(to);
}

const sizeAt = (host: SimHost, path: string): number | null => {
  const place = volumeOf(path);
  if (!place) return host.files.stat(path)?.sizeBytes ?? null;
  const volume = host.group(place.group)?.volumes.get(place.name);
  return volume ? volume.sizeMiB * 1048576 : null;
};

/** Gets its old name; its entry says from now on that it is no whole disk. A text: why not. */
export function takeOld(
  host: SimHost,
  what: { trashId: string; path: string; bytes: number },
): { old: TakenOld; thing: SimVolume | Inode } | string {
  const { trashId, path, bytes } = what;
  const rows = manifestOf(host, trashId);
  const row = rows?.find(([word, from]) => ['file', 'volume', 'base'].includes(word) && from === path);
  const lay = row?.[2] ?? '';
  if (!rows || !row || sizeAt(host, lay) !== bytes) return `${path}: what was set aside is not there as it was`;
  if (lies(host, path)) return `${path}: File exists`;
  row[0] = 'base';
  writeManifest(host, trashId, rows);
  const thing = rename(host, lay, path);
  if (!thing) return `${path}: what was set aside is not there as it was`;
  const counted = 'ticks' in thing ? thing.ticks : Number(thing.text || '0');
  const leftAt = Number(rows.find(([word]) => word === 'at')?.[1] ?? '0') * 1000;
  return { old: { trashId, lay, leftAt, counted }, thing };
}

/** The guest did not come: it lies in the trash again. */
export function layDown(host: SimHost, path: string, old: TakenOld): void {
  if (lies(host, path)) rename(host, path, old.lay);
}

/** The guest came: an entry of which nothing lies there any more goes. */
export function usedUp(host: SimHost, { trashId }: TakenOld): void {
  const rows = manifestOf(host, trashId);
  const left = rows?.some(([word, , to]) => ['file', 'volume', 'base'].includes(word) && lies(host, to));
  if (rows && !left) host.files.remove(`${bins}/${trashId}`);
}
