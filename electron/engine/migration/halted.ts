import { fail, problemOf } from '../../contract/problem.ts';
import type { Remote } from '../remote/remote.ts';
import { aside, install, letGo, look, prepare, stage, unstage } from './ends.ts';
import type { AboutMove } from './plan.ts';

/**
 * The move of a halted guest: only its config and autostart link go. Cut off anywhere, the config is in the source's folder, or in
 * the move's folder at both ends, or in the target's folder — never in both hosts' folders, so nothing can start it twice.
 * 'unknown': a link went after the source may have let go; only `finishMoveConfig` may go on.
 */
export async function moveConfig(
  source: Remote,
  target: Remote,
  move: { id: string; about: AboutMove; autoFolder: { source: string; target: string } },
): Promise<'done' | 'unknown'> {
  const { id, about } = move;
  let staged = false;
  try {
    const prepared = await prepare(source, id, { config: about.configFile, autoFolder: move.autoFolder.source, about });
    const { uuid, configFile } = about;
    await stage(target, id, { uuid, prepared, keysFile: null, from: [], configFile, autoFolder: move.autoFolder.target });
    staged = true;
    await letGo(source, id, about);
    await install(target, id);
    await unstage(target, id);
    await aside(source, id, 'done');
    return 'done';
  } catch (thrown) {
    // a lost answer does not say that the deed was not done: putting it back could leave it at both ends
    if (staged && isLost(thrown)) return 'unknown';
    await aside(source, id, 'back').catch(() => {});
    if (staged) await unstage(target, id).catch(() => {});
    await aside(source, id, 'done').catch(() => {});
    throw thrown;
  }
}

/** Whether a link went, or an answer did not come: nobody knows what was done. */
export function isLost(thrown: unknown): boolean {
  const { code } = problemOf(thrown);
  return code.startsWith('ssh.') || code === 'command.timedOut' || code === 'host.notOpen';
}

/** Finishes one that was cut off: forward when the source had let go, else back. */
export async function finishMoveConfig(source: Remote, target: Remote, id: string, about: AboutMove): Promise<void> {
  const [here, there] = [await look(source, id, about.uuid), await look(target, id, about.uuid)];
  if (here.job === 'none') return;
  const bringBack = async () => {
    await aside(source, id, 'back');
    await unstage(target, id);
    await aside(source, id, 'done');
  };
  // started at the source since it was cut off there, before it had let go: it stays here. Not when it is only busy: somebody else may
  // be finishing the same move, forward
  const goBack = async (thrown: unknown) => {
    if (problemOf(thrown).code === 'guest.wrongState') await bringBack();
    throw thrown;
  };
  if (here.committed) {
    // without its folder there it had come to the end at the target
    if (there.incoming !== 'none') {
      // again: it may have been cut between saying that it lets go and doing so
      if (!there.installed) await letGo(source, id, about).catch(goBack);
      await install(target, id);
      await unstage(target, id);
    }
    await aside(source, id, 'done');
    return;
  }
  await bringBack();
  fail('task.interrupted', {});
}
