import type { TrashEntry, TrashedDisk } from '../../contract/app.ts';
import { fail } from '../../contract/problem.ts';

/** Readers of what `config.sh` says. Pure; what they can't read is `output.unreadable`. */

/** The bytes of a config and their sha256. */
export function readConfigAnswer(said: string): { bytes: Buffer; version: string } {
  const parts = /^begin base64\n((?:\|[A-Za-z0-9+/=]*\n)*)end base64\nsum ([0-9a-f]{64})\nok\n$/.exec(said);
  if (!parts) return unreadable(said);
  const [, lines = '', version = ''] = parts;
  return { bytes: Buffer.from(lines.replace(/[|\n]/g, ''), 'base64'), version };
}

/** The sha256 of what was written. */
export function readSumAnswer(said: string): string {
  return /^sum ([0-9a-f]{64})\nok\n$/.exec(said)?.[1] ?? unreadable(said);
}

/** The entries of a host's trash, newest first. */
export function readTrash(said: string): TrashEntry[] {
  if (!/(^|\n)ok\n$/.test(said)) return unreadable(said);
  const entries: TrashEntry[] = [];
  let entry: TrashEntry | null = null;
  let facts: Facts = [];
  for (const line of said.split('\n')) {
    if (line.startsWith('begin entry ')) {
      const trashId = line.slice('begin entry '.length);
      entry = { trashId, name: '', uuid: null, removedAt: 0, movedTo: null, configFile: '', configAt: '', disks: [] };
      facts = [];
    } else if (line === 'end entry' && entry) {
      entries.push({ ...entry, disks: entry.disks.map((disk) => ({ ...disk, ...factsOf(disk.from, facts) })) });
    } else if (line.startsWith('|') && entry) readManifestLine(line.slice(1), entry, facts);
  }
  return entries.sort((a, b) => b.removedAt - a.removedAt);
}

/** A guest's lock is named by its UUID, where its config has one. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What a manifest says of its disks, beside where they are. */
type Facts = { word: 'size' | 'vdev'; from: string; said: string }[];

function factsOf(from: string, facts: Facts): Pick<TrashedDisk, 'sizeMiB' | 'vdev'> {
  const said = (word: string) => facts.findLast((one) => one.word === word && one.from === from)?.said ?? null;
  return { sizeMiB: Math.ceil(Number(said('size') ?? 0) / 1024 / 1024), vdev: said('vdev') };
}

function readManifestLine(line: string, entry: TrashEntry, facts: Facts): void {
  const [word, text = '', more = ''] = line.split('\t');
  if (word === 'name') entry.name = text;
  else if (word === 'lock' && UUID.test(text)) entry.uuid = text;
  else if (word === 'at') entry.removedAt = Number(text) * 1000;
  else if (word === 'moved') entry.movedTo = text;
  else if (word === 'config') Object.assign(entry, { configFile: text, configAt: more });
  else if (word === 'file' || word === 'volume' || word === 'base')
    // a step that was cut off and done again is noted twice
    entry.disks = [
      ...entry.disks.filter((one) => one.from !== text),
      { from: text, at: more, vdev: null, sizeMiB: 0, whole: word !== 'base' },
    ];
  else if (word === 'size' || word === 'vdev') facts.push({ word, from: text, said: more });
}

/** What stands after `failed`: its word and text; null: it did not fail. */
export function failureOf(said: string): { word: string; text: string } | null {
  const last = said.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('failed ')) return null;
  const [word = '', text = ''] = last.slice('failed '.length).split('\t');
  return { word, text };
}

function unreadable(said: string): never {
  return fail('output.unreadable', { what: 'config', sample: said.slice(0, 400) });
}
