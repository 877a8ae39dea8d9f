import { createHash } from 'node:crypto';
import type { TrashEntry } from '../../contract/app.ts';
import { fail } from '../../contract/problem.ts';
import { configText as text } from '../remote/configText.ts';
import { lockOf } from '../remote/jobs.ts';
import type { Program, Ran, Remote } from '../remote/remote.ts';
import { failureOf, readConfigAnswer, readSumAnswer, readTrash } from './configAnswers.ts';

/**
 * A host's config files, autostart links and trash, by the remote program `config`. What changes something holds the guest's lock on the
 * host meanwhile: `guest.busy` when a job of any XenFerry has it.
 */
/** A big file takes its file system a while to forget. */
const LET_GO_MS = 600_000;

export const configProgram: Program = { name: 'config', text };

/** Whose config it is: names its lock, and tells its domain. */
export interface ConfigOwner {
  name: string;
  /** null: neither its config nor a domain of it has one. */
  uuid: string | null;
}

/** A config file as it is now. Problems: `config.missing`, `config.unreadable` (not UTF-8: an edit would spoil it). */
export async function readConfigFile(remote: Remote, file: string): Promise<{ text: string; version: string }> {
  const { bytes, version } = readConfigAnswer(answered(await remote.program(configProgram, ['read', file])));
  const read = bytes.toString('utf8');
  if (!Buffer.from(read).equals(bytes)) fail('config.unreadable', { file, line: 1, sample: read.slice(0, 200) });
  return { text: read, version };
}

/**
 * Replaces a config if it still has that version (`new`: makes it if there is none), and, where it must be `halted`, if no domain has the
 * guest's name; its version now. Problems: `config.changed`, `config.exists`, `config.missing`, `guest.busy`.
 */
export async function writeConfigFile(
  remote: Remote,
  file: string,
  change: { text: string; version: string | 'new'; of: ConfigOwner; halted?: boolean },
): Promise<string> {
  // a link that is lost before all of the text went over ends it early: the host takes the whole of it or nothing
  const sum = createHash('sha256').update(change.text).digest('hex');
  const words = ['write', file, change.version, sum, lockOf(change.of), ...(change.halted ? [change.of.name] : [])];
  const ran = await remote.program(configProgram, words, { stdin: change.text });
  return readSumAnswer(answered(ran, change.of.name));
}

/** Sets or takes the link that starts a guest with its host. Problem: `guest.busy`. */
export async function setAutostart(
  remote: Remote,
  config: { file: string; autoFolder: string; of: ConfigOwner },
  autostart: boolean,
): Promise<void> {
  const words = ['autostart', config.file, autostart ? 'on' : 'off', config.autoFolder, lockOf(config.of)];
  answered(await remote.program(configProgram, words), config.of.name);
}

/** Takes a config, its links and disks to the host's trash. Problem: `guest.busy`, also when it has a domain there by now. */
export async function trashConfig(
  remote: Remote,
  what: { id: string; of: ConfigOwner; file: string; autoFolder: string; disks: readonly string[] },
): Promise<void> {
  const { name, uuid } = what.of;
  const args = ['trash', what.id, lockOf(what.of), uuid ?? '', name, what.file, what.autoFolder, ...what.disks];
  answered(await remote.program(configProgram, args), name);
}

/** What lies in a host's trash, newest first. */
export async function listTrash(remote: Remote): Promise<TrashEntry[]> {
  return readTrash(answered(await remote.program(configProgram, ['trashlist'])));
}

/** Everything of one entry back to where it was. Problems: `config.exists`, `trash.gone`, `trash.partly`, `guest.busy`. */
export async function putBack(remote: Remote, entry: Pick<TrashEntry, 'trashId' | 'name'>): Promise<void> {
  answered(await remote.program(configProgram, ['putback', entry.trashId]), entry.name);
}

/** Everything of one entry, its disks included, for good. Problems: `trash.gone`, `disk.inUse`, `guest.busy`. */
export async function letGo(remote: Remote, entry: Pick<TrashEntry, 'trashId' | 'name'>): Promise<void> {
  answered(await remote.program(configProgram, ['letgo', entry.trashId], { timeoutMs: LET_GO_MS }), entry.name);
}

/** What the program said, when it ended with `ok`. */
function answered(ran: Ran, guestName = ''): string {
  const failure = failureOf(ran.stdout);
  if (!failure) {
    if (ran.stdout.endsWith('ok\n')) return ran.stdout;
    fail('output.unreadable', { what: 'config', sample: `${ran.stdout}${ran.stderr}`.slice(0, 400) }, { effect: 'unknown' });
  }
  const detail = ran.stderr ? { detail: ran.stderr.slice(0, 2000) } : {};
  switch (failure.word) {
    case 'changed':
      return fail('config.changed', { file: failure.text });
    case 'missing':
      return fail('config.missing', { file: failure.text });
    case 'exists':
      return fail('config.exists', { file: failure.text });
    case 'busy':
    case 'running': // started meanwhile
      return fail('guest.busy', { name: guestName, taskId: '' });
    case 'inuse':
      return fail('disk.inUse', { path: failure.text });
    case 'partly':
      return fail('trash.partly', { name: guestName });
    case 'gone':
      return fail('trash.gone', { name: failure.text });
    case 'write':
      return fail('config.unwritable', { file: failure.text }, detail);
    default:
      return fail('command.failed', { command: 'config', exit: ran.exit, said: `${failure.word} ${failure.text}` }, detail);
  }
}
