import type { Finding, MendAction } from '../../contract/doctor.ts';
import { fail } from '../../contract/problem.ts';
import { readConfigFile, setAutostart, trashConfig, writeConfigFile } from '../guests/configFiles.ts';
import { configText } from '../remote/configText.ts';
import { lockOf } from '../remote/jobs.ts';
import mendText from '../remote/programs/doctor-mend.sh?raw';
import moversText from '../remote/programs/doctor-movers.sh?raw';
import asideText from '../remote/programs/move-aside.sh?raw';
import installText from '../remote/programs/move-install.sh?raw';
import unstageText from '../remote/programs/move-unstage.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { saidBy } from '../remote/said.ts';

/** One action of a finding, done by a program that looks again at all it stands on right before. */

export const mendProgram = { name: 'doctor-mend', text: `${moversText}${mendText}` } as const;

const programs = { config: configText, aside: asideText, install: installText, unstage: unstageText } as const;

/** Those that one host does. */
export type HostAction = Exclude<MendAction, { is: 'carryConfig' }>;

/** Words for the program, and the programs it needs. */
export function wordsOf(
  action: HostAction,
  guest: Finding['guest'],
  of: { trashId: string; autoFolder: string },
): { words: string[]; needs: (keyof typeof programs)[] } {
  const uuid = guest?.uuid ?? '';
  const name = guest?.name ?? '';
  const lock = 'jobId' in action && !guest ? `doctor-${action.jobId}` : lockOf({ uuid: guest?.uuid ?? null, name });
  switch (action.is) {
    case 'end':
      return { words: ['end', lock, action.uuid, String(action.copy.domid), action.how, action.copy.name], needs: [] };
    case 'resume':
      return { words: ['resume', lock, action.uuid, String(action.copy.domid), action.copy.name], needs: [] };
    case 'putBack':
      return { words: ['back', lock, uuid, name, action.jobId], needs: ['aside'] };
    case 'install':
      return { words: ['install', lock, uuid, name, action.jobId], needs: ['install', 'unstage'] };
    case 'trashConfig':
      return { words: ['config', action.file, action.version, lock, uuid, name, of.trashId, of.autoFolder], needs: ['config'] };
    case 'unstage':
      return { words: ['unstage', lock, uuid, name, action.jobId, of.trashId, ...action.disks], needs: ['config', 'unstage'] };
    case 'shelve':
      return { words: ['shelve', lock, name, action.jobId, of.trashId, ...action.disks], needs: ['config'] };
    case 'setAside':
      return { words: ['aside', action.trashId, ...action.disks], needs: ['config'] };
    case 'unlock':
      return { words: ['unlock', action.jobId, action.file], needs: [] };
    case 'untrace':
      return { words: ['untrace', action.jobId, action.path], needs: [] };
    case 'dropLocks':
      return { words: ['locks', ...action.names], needs: [] };
    case 'forget':
      return { words: ['forget', action.jobId], needs: [] };
  }
}

/**
 * Takes a config to the host on which its guest runs. Cut off in between it stands on both, and the copy here is told of by the next look.
 * Problems: those of config files.
 */
export async function carryConfig(
  ends: { here: Remote; there: Remote },
  action: Extract<MendAction, { is: 'carryConfig' }>,
  of: { guest: Finding['guest']; trashId: string; autoFolder: { here: string; there: string } },
): Promise<void> {
  const { file } = action;
  const owner = { name: of.guest?.name ?? '', uuid: of.guest?.uuid ?? null };
  const { text, version } = await readConfigFile(ends.here, file);
  if (version !== action.version) fail('config.changed', { file });
  await writeConfigFile(ends.there, file, { text, version: 'new', of: owner });
  if (action.autostart) await setAutostart(ends.there, { file, autoFolder: of.autoFolder.there, of: owner }, true);
  await trashConfig(ends.here, { id: of.trashId, of: owner, file, autoFolder: of.autoFolder.here, disks: [] });
}

const refusals = ['busy', 'moving', 'running', 'changed', 'inuse'] as const;

/** Does it. Problems: `doctor.refused`, `doctor.left`. */
export async function mendAt(
  remote: Remote,
  action: HostAction,
  of: { guest: Finding['guest']; trashId: string; autoFolder: string },
): Promise<void> {
  const { words, needs } = wordsOf(action, of.guest, of);
  const stdin = needs.map((one) => `file ${one} ${Buffer.from(programs[one]).toString('base64')}\n`).join('');
  const ran = await remote.program(mendProgram, words, { stdin });
  const answer = saidBy('doctor-mend', ran);
  if (answer.is === 'ok') return;
  const said = `${answer.why} ${ran.stderr.trim()}`.trim().slice(0, 400);
  if (/^left\s/.test(answer.why)) fail('doctor.left', { path: answer.why.slice('left '.length) }, { effect: 'partial', detail: said });
  const [word = ''] = answer.why.split(/[\s\t]/);
  const why = word === 'receiving' ? 'moving' : (refusals.find((one) => one === word) ?? 'other');
  fail('doctor.refused', { why, said }, { effect: why === 'other' ? 'partial' : 'none' });
}
