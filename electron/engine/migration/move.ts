import { fail } from '../../contract/problem.ts';
import { type JobEnd, type JobSaid, startJob } from '../remote/jobs.ts';
import carryText from '../remote/programs/move-carry.sh?raw';
import jobText from '../remote/programs/move-job.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { aside, prepare, stage, unstage } from './ends.ts';
import type { AboutMove } from './plan.ts';
import { knownHostsOf, type SshServer, type Way } from './reach.ts';

/** The move of a running guest, up to the moment the two hosts go on by themselves. */

/** What a live move needs to begin. */
export interface LiveMove {
  id: string;
  about: AboutMove & { domid: number };
  /** Names the guest's lock on the source. */
  lock: string;
  server: SshServer;
  way: Way;
  /** Addresses the source may come from, as the target sees it. */
  from: readonly string[];
  autoFolder: { source: string; target: string };
}

/**
 * Prepares both ends and starts the job on the source. When it throws, nothing is left at either end.
 * Problems: `guest.busy`, `config.exists`, `move.targetFailed`, `move.failedAtSource`.
 */
export async function startLiveMove(source: Remote, target: Remote, move: LiveMove, signal: AbortSignal): Promise<void> {
  const { id, about } = move;
  if (!move.server.keysFile) fail('move.targetFailed', { said: 'AuthorizedKeysFile none' });
  try {
    const prepared = await prepare(source, id, { config: about.configFile, autoFolder: move.autoFolder.source, about });
    signal.throwIfAborted();
    const staged = { uuid: about.uuid, prepared, keysFile: move.server.keysFile, from: move.from, autoFolder: move.autoFolder.target };
    await stage(target, id, { ...staged, configFile: about.configFile });
    signal.throwIfAborted();
    await startJob(
      source,
      {
        id,
        lock: move.lock,
        about,
        program: jobText,
        args: [about.guestName, String(about.domid), about.uuid, move.way.address],
        files: { carry: carryText, known_hosts: knownHostsOf(move.server), address: `${move.way.address}\n`, port: `${move.way.port}\n` },
      },
      about.guestName,
    );
  } catch (thrown) {
    // the job may have started although the answer was lost: then `aside done` must not take its folder (see undo)
    await undo(source, target, id).catch(() => {});
    throw thrown;
  }
}

async function undo(source: Remote, target: Remote, id: string): Promise<void> {
  await unstage(target, id);
  await aside(source, id, 'done');
}

/** The lines and signs of a move's job, gathered; what a task shows is derived from it. */
export interface Heard {
  lines: string[];
  began: number | null;
  end: JobEnd | null;
}

/** Takes in one thing a job said. */
export function hear(heard: Heard, said: JobSaid): void {
  if (said.is === 'line') heard.lines.push(said.text);
  else if (said.is === 'began') heard.began = said.uptime;
}

/** Wall time of the job, ms. */
export function wallMsOf(heard: Heard): number | null {
  return heard.began === null || heard.end === null ? null : Math.max(0, Math.round((heard.end.uptime - heard.began) * 1000));
}
