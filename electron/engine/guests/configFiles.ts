import { createHash } from 'node:crypto';
import type { TrashEntry } from '../../contract/app.ts';
import { fail } from '../../contract/problem.ts';
import text from '../remote/programs/config.sh?raw';
import type { Program, Ran, Remote } from '../remote/remote.ts';
import { failureOf, readConfigAnswer, readSumAnswer, readTrash } from './configAnswers.ts';

/** A host's config files, autostart links and trash, by the remote program `config`. */
export const configProgram: Program = { name: 'config', text };

/** A config file as it is now. Problems: `config.missing`, `config.unreadable` (not UTF-8: an edit would spoil it). */
export async function readConfigFile(remote: Remote, file: string): Promise<{ text: string; version: string }> {
  const { bytes, version } = readConfigAnswer(answered(await remote.program(configProgram, ['read', file])));
  const read = bytes.toString('utf8');
  if (!Buffer.from(read).equals(bytes)) fail('config.unreadable', { file, line: 1, sample: read.slice(0, 200) });
  return { text: read, version };
}

/** Replaces a config if it still has that version (`new`: makes it if there is none); its version now. Problems: `config.changed`, `config.exists`, `config.missing`. */
export async function writeConfigFile(remote: Remote, file: string, change: { text: string; version: string | 'new' }): Promise<string> {
  // a link that is lost before all of the text went over ends it early: the host takes the whole of it or nothing
  const sum = createHash('sha256').update(change.text).digest('hex');
  const ran = await remote.program(configProgram, ['write', file, change.version, sum], { stdin: change.text });
  return readSumAnswer(answered(ran));
}

/** Sets or takes the link that starts a guest with its host. */
export async function setAutostart(remote: Remote, config: { file: string; autoFolder: string }, autostart: boolean): Promise<void> {
  answered(await remote.program(configProgram, ['autostart', config.file, autostart ? 'on' : 'off', config.autoFolder]));
}

/** Takes a config, its links and disks to the host's trash. */
export async function trashConfig(
  remote: Remote,
  what: { id: string; name: string; file: string; autoFolder: string; disks: readonly string[] },
): Promise<void> {
  const args = ['trash', what.id, what.name, what.file, what.autoFolder, ...what.disks];
  answered(await remote.program(configProgram, args));
}

/** What lies in a host's trash, newest first. */
export async function listTrash(remote: Remote): Promise<TrashEntry[]> {
  return readTrash(answered(await remote.program(configProgram, ['trashlist'])));
}

/** Everything of one entry back to where it was. Problems: `config.exists`, `trash.gone`. */
export async function putBack(remote: Remote, trashId: string): Promise<void> {
  answered(await remote.program(configProgram, ['putback', trashId]));
}

/** What the program said, when it ended with `ok`. */
function answered(ran: Ran): string {
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
    case 'inuse':
      return fail('disk.inUse', { path: failure.text });
    case 'gone':
      return fail('trash.gone', { name: failure.text });
    case 'write':
      return fail('config.unwritable', { file: failure.text }, detail);
    default:
      return fail('command.failed', { command: 'config', exit: ran.exit, said: `${failure.word} ${failure.text}` }, detail);
  }
}
