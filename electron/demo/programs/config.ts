import { createHash } from 'node:crypto';
import programText from '../../engine/remote/programs/config.sh?raw';
import disksText from '../../engine/remote/programs/config-disks.sh?raw';
import { isLocked } from '../model/jobs.ts';
import { realPath } from '../model/moves.ts';
import { bins, keptIn, lies, manifestOf, renameVolume, whichOf, writeManifest } from '../model/oldDisk.ts';
import { type SimHost, volumeOf } from '../model/simHost.ts';
import type { Proc, SimProgram } from '../server/proc.ts';

export const configText = `${disksText}${programText}`;

/** A refusal of the program: `failed WORD tab TEXT`. */
export class Failed extends Error {
  readonly word: string;
  readonly about: string;
  constructor(word: string, about: string) {
    super(word);
    this.word = word;
    this.about = about;
  }
}

/** A guest's config file, its autostart link, and the host's trash. */
export const config: SimProgram = {
  name: 'config',
  text: configText,
  async run(proc) {
    const [verb = '', ...args] = proc.args;
    try {
      const work = verbs[verb];
      if (!work) throw new Failed('name', verb);
      await proc.host.office.time.wait(20);
      await work(proc, args);
      proc.out('ok\n');
      return 0;
    } catch (thrown) {
      if (!(thrown instanceof Failed)) throw thrown;
      proc.out(`failed ${thrown.word}\t${thrown.about}\n`);
      return 1;
    }
  },
};

const verbs: Record<string, (proc: Proc, args: string[]) => unknown> = {
  read(proc, [file = '']) {
    const node = proc.host.files.stat(file);
    if (node?.kind !== 'file') throw new Failed('missing', file);
    const lines =
      Buffer.from(node.text)
        .toString('base64')
        .match(/.{1,76}/g) ?? [];
    proc.out(`begin base64\n${lines.map((one) => `|${one}\n`).join('')}end base64\nsum ${sumOf(node.text)}\n`);
  },
  async write(proc, [file = '', version = '', sum = '', lock = '', name = '']) {
    const { files } = proc.host;
    const real = version === 'new' ? file : realPath(proc.host, file);
    const before = files.stat(real);
    if (version === 'new' && files.lstat(file)) throw new Failed('exists', file);
    if (version !== 'new' && !before) throw new Failed('missing', file);
    if (before && version !== 'new' && sumOf(before.text) !== version) throw new Failed('changed', file);
    const given = await proc.stdin.text();
    if (sumOf(given) !== sum) throw new Failed('cut', file);
    hold(proc.host, lock);
    if (name !== '') noDomain(proc.host, '', name);
    const now = files.stat(real);
    if (version !== 'new' && now && sumOf(now.text) !== version) throw new Failed('changed', file);
    files.write(real, given, before?.mode ?? 0o644);
    proc.out(`sum ${sumOf(given)}\n`);
  },
  autostart(proc, [file = '', way = '', auto = '', lock = '']) {
    const { files } = proc.host;
    hold(proc.host, lock);
    if (!files.stat(file)) throw new Failed('missing', file);
    const found = linksTo(proc.host, file, auto);
    if (way === 'off') {
      if (file.startsWith(`${auto}/`)) throw new Failed('link', file);
      for (const link of found) files.remove(link);
      return;
    }
    if (found.length > 0) return;
    const link = `${auto}/${file.slice(file.lastIndexOf('/') + 1)}`;
    if (files.lstat(link)) throw new Failed('exists', link);
    files.link(file, link);
  },
  trash: (proc, args) => trash(proc.host, args),
  trashlist(proc) {
    for (const id of proc.host.files.list(bins) ?? []) {
      const manifest = proc.host.files.stat(`${bins}/${id}/manifest`);
      if (!manifest) continue;
      const lines = manifest.text.split('\n').filter(Boolean);
      proc.out(`begin entry ${id}\n${lines.map((one) => `|${one}\n`).join('')}end entry\n`);
    }
  },
  putback(proc, [id = '']) {
    const manifest = proc.host.files.stat(`${bins}/${id}/manifest`);
    hold(proc.host, /^lock\t([^\t\n]*)/m.exec(manifest?.text ?? '')?.[1] ?? '');
    putBack(proc.host, id);
  },
  setaside: (proc, args) => setAside(proc.host, args),
  letgo(proc, [id = '']) {
    const { host } = proc;
    const rows = opened(host, id);
    const kept = keptIn(host, id).map((one) => one.path);
    for (const [word, , to] of rows) {
      if (!['file', 'volume', 'base'].includes(word)) continue;
      const place = volumeOf(to);
      if (place) host.group(place.group)?.volumes.delete(place.name);
      else host.files.remove(to);
    }
    const stays = rows.filter(([word, , to]) => (word === 'kept' ? kept.includes(to) : !parts.includes(word)));
    if (kept.length > 0) writeManifest(host, id, stays);
    else host.files.remove(`${bins}/${id}`);
  },
};
/** Rows about disks that lie in the trash. */
const parts = ['file', 'volume', 'base', 'size', 'vdev'];

/** Nothing here takes time: a lock that is free now stays free until we are done. */
function hold(host: SimHost, lock: string): void {
  if (isLocked(host, lock)) throw new Failed('busy', lock);
}

function noDomain(host: SimHost, uuid: string, name: string): void {
  const names = [name, `${name}--incoming`, `${name}--migratedaway`];
  const there = host.inOrder().some((one) => !one.dying && (uuid === '' ? names.includes(one.name) : one.uuid === uuid));
  if (there) throw new Failed('running', name);
}

const sumOf = (content: string): string => createHash('sha256').update(content).digest('hex');

function linksTo(host: SimHost, file: string, folder: string): string[] {
  const real = realPath(host, file);
  return (host.files.list(folder) ?? [])
    .map((name) => `${folder}/${name}`)
    .filter((path) => host.files.lstat(path)?.kind === 'link' && realPath(host, path) === real);
}

export function trash(host: SimHost, [id = '', lock = '', uuid = '', name = '', file = '', auto = '', ...disks]: string[]): void {
  const { files } = host;
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(id)) throw new Failed('name', id);
  hold(host, lock);
  noDomain(host, uuid, name);
  const node = files.stat(file);
  if (!node) throw new Failed('missing', file);
  const bin = `${bins}/${id}`;
  if (files.stat(bin)) throw new Failed('exists', bin);
  files.mkdir(bin);
  const rows: string[][] = [
    ['lock', lock, ''],
    ['name', name, ''],
    ['at', String(Math.floor(host.now() / 1000)), ''],
  ];
  const note = (...row: string[]): void => {
    rows.push(row);
    writeManifest(host, id, rows);
  };
  try {
    for (const disk of disks) trashDisk(host, id, disk, note);
  } catch (thrown) {
    if (files.stat(`${bin}/manifest`)) putBack(host, id);
    else files.remove(bin);
    throw thrown;
  }
  for (const link of linksTo(host, file, auto)) {
    note('link', link, files.lstat(link)?.target ?? '');
    files.remove(link);
  }
  note('config', file, `${bin}/config`);
  files.rename(realPath(host, file), `${bin}/config`);
}

/**
 * The guest has moved away: its disks, and the text of its config, go to the trash. For the job of the move, which holds the lock.
 * Answers what the program says of what could not be set aside.
 */
export function shelve(
  host: SimHost,
  id: string,
  guest: { lock: string; name: string; text: string; file: string; where: string },
  disks: { path: string; vdev: string }[],
): string[] {
  const { files } = host;
  const bin = `${bins}/${id}`;
  if (files.stat(bin)) return [`failed exists\t${bin}`];
  files.mkdir(bin);
  const at = String(Math.floor(host.now() / 1000));
  const rows: string[][] = [];
  const note = (...row: string[]): void => {
    rows.push(row);
    writeManifest(host, id, rows);
  };
  for (const [word, said] of Object.entries({ lock: guest.lock, name: guest.name, at, moved: guest.where })) note(word, said, '');
  if (guest.file !== '') {
    note('config', guest.file, `${bin}/config`);
    files.write(`${bin}/config`, guest.text);
  }
  return disks.flatMap(({ path, vdev }) => {
    try {
      trashDisk(host, id, path, note);
      note('vdev', path, vdev);
      return [];
    } catch (thrown) {
      if (!(thrown instanceof Failed)) throw thrown;
      note('kept', whichOf(host, path), path, vdev);
      return [`failed ${thrown.word}\t${thrown.about}`];
    }
  });
}

/** Of the disks that stayed under their names when this entry was made, these go to it now. */
export function setAside(host: SimHost, [id = '', ...disks]: string[]): void {
  const rows: string[][] = opened(host, id);
  const note = (...row: string[]): void => {
    rows.push(row);
    writeManifest(host, id, rows);
  };
  let gone = false;
  let why: Failed | null = null;
  for (const { path, vdev } of keptIn(host, id).filter((one) => disks.includes(one.path))) {
    try {
      trashDisk(host, id, path, note);
      note('vdev', path, vdev);
      gone = true;
    } catch (thrown) {
      if (!(thrown instanceof Failed)) throw thrown;
      why = thrown;
    }
  }
  if (why) throw gone ? new Failed('left', why.about) : why;
}

/** The rows of an entry whose lock is free. */
function opened(host: SimHost, id: string) {
  const rows = manifestOf(host, id);
  if (!rows) throw new Failed('gone', id);
  hold(host, rows.find(([word]) => word === 'lock')?.[1] ?? '');
  return rows;
}

export function trashDisk(host: SimHost, id: string, disk: string, note: (...row: string[]) => void): void {
  const inUse = [...host.domains.values()].some((one) => one.config.disks.some((open) => open.target === disk));
  if (!host.hasDisk(disk)) throw new Failed('disk', disk);
  if (inUse) throw new Failed('inuse', disk);
  const place = volumeOf(disk);
  if (place) {
    const renamed = `xenferry-trash-${id}-${place.name}`;
    note('volume', `/dev/${place.group}/${place.name}`, `/dev/${place.group}/${renamed}`);
    if (!renameVolume(host, place, renamed)) throw new Failed('disk', place.name);
    const size = host.group(place.group)?.volumes.get(renamed)?.sizeMiB ?? 0;
    note('size', `/dev/${place.group}/${place.name}`, String(size * 1048576));
    return;
  }
  const slash = disk.lastIndexOf('/');
  const to = `${disk.slice(0, slash)}/.xenferry-trash/${id}-${disk.slice(slash + 1)}`;
  const size = host.files.stat(disk)?.sizeBytes ?? 0;
  note('file', disk, to);
  host.files.rename(disk, to);
  note('size', disk, String(size));
}

function putBack(host: SimHost, id: string): void {
  const { files } = host;
  const bin = `${bins}/${id}`;
  const rows = manifestOf(host, id);
  if (!rows) throw new Failed('gone', id);
  const there = (path: string): boolean => lies(host, path);
  for (const [word, from, to] of rows) {
    if (word === 'base') throw new Failed('partly', from);
    if (!['config', 'file', 'volume'].includes(word)) continue;
    if (there(to) && there(from)) throw new Failed('exists', from);
    if (!there(to) && !there(from)) throw new Failed('gone', from);
  }
  for (const [word, from, to] of rows) {
    if (word === 'volume' && there(to)) {
      if (!renameVolume(host, volumeOf(to) ?? { group: '', name: '' }, volumeOf(from)?.name ?? '')) throw new Failed('disk', from);
    }
    if ((word === 'file' || word === 'config') && there(to)) files.rename(to, from);
  }
  for (const [word, from, to] of rows) if (word === 'link' && !files.lstat(from)) files.link(to, from);
  files.remove(bin);
}
