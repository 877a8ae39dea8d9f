import { fail, ProblemError, problem, problemOf, type Verdict } from '../../contract/problem.ts';
import type { Progress } from '../../contract/task.ts';
import type { TaskHand } from '../parts.ts';
import { cancelJob, type FoundJob, followJob, listJobs, removeJobs } from '../remote/jobs.ts';
import type { Remote } from '../remote/remote.ts';
import type { CreationParts } from './creation.ts';
import { creationProblem, emptyTally, parseCreate, readAbout, recoverCreation, tallied } from './making.ts';

/** A creation's job on its host. */
export interface Followed {
  hostId: string;
  jobId: string;
  /** Bytes of the image that is copied; 0: none. */
  copyBytes: number;
}

/** Ended jobs that were seen go after an hour; those nobody saw to their end, after a week. */
const SEEN_SECONDS = 3600;
const UNSEEN_SECONDS = 7 * 24 * 3600;

/** Finds the creations of this host: goes on with those that run, puts an end to those that were cut off. */
export async function adoptCreations(parts: CreationParts, hostId: string, remote: Remote, signal: AbortSignal): Promise<void> {
  const { tasks } = parts;
  const stale: string[] = [];
  for (const job of await listJobs(remote)) {
    if (signal.aborted) return;
    const about = readAbout(job.about);
    if (!about || job.state === 'new') continue;
    const known = tasks.get(job.id);
    const seen = known !== null && known.outcome !== null && !isInterrupted(known.outcome);
    if (isStale(job, seen)) stale.push(job.id);
    if (seen || isStale(job, seen)) continue;
    const found = { id: job.id, startedAt: about.startedAt, foreign: known === null };
    const what = { kind: 'guest.create', hostId, guestId: about.guestId, guestName: about.guestName, found } as const;
    tasks.start({ ...what, mayCancel: { may: true } }, (hand) =>
      followCreation(parts, hand, { hostId, jobId: job.id, copyBytes: about.copies ? about.diskBytes : 0 }),
    );
  }
  await removeJobs(remote, stale);
}

const isStale = (job: FoundJob, seen: boolean): boolean => job.state === 'ended' && job.ageSeconds > (seen ? SEEN_SECONDS : UNSEEN_SECONDS);
const isInterrupted = (outcome: { is: string }): boolean => outcome.is === 'unknown';

const tooLate: Verdict = { may: false, because: problem('task.notCancellable', {}) };

/** Follows a job to its end, over lost links; tells the task; throws what went wrong. */
export async function followCreation(parts: CreationParts, hand: TaskHand, followed: Followed): Promise<void> {
  const { guests } = parts;
  let tally = emptyTally();
  let lines = 0;
  const progressAt = copyProgress(followed.copyBytes, () => parts.world.clock.now());
  const hear = (line: string) => {
    lines++;
    const said = parseCreate(line);
    tally = tallied(tally, said);
    if (said.is === 'percent') hand.tell({ progress: progressAt(said.percent) });
    else hand.log(line.replace(/^\|/, ''));
    if (said.is === 'step') hand.tell({ phase: said.phase, ...(said.step === 'copy' ? {} : { progress: null }) });
  };
  const cancel = () => void cancelOn(parts, followed).catch(() => {}); // told by how the job ends
  hand.signal.addEventListener('abort', cancel, { once: true });
  if (hand.signal.aborted) cancel();
  try {
    for (;;) {
      const remote = await whenOpen(parts, followed.hostId);
      const end = await followOnce(parts, remote, followed.jobId, lines, { hear, late: () => hand.tell({ mayCancel: tooLate }) });
      if (end === null) continue; // the link went, or its process is gone and was recovered: what the log says now tells more
      await guests.refresh(followed.hostId).catch(() => {}); // the watch will see it anyway
      if (tally.ended === 'cancelled' && tally.left.length === 0) fail('task.cancelled', {});
      const why = creationProblem(tally, end.exit);
      if (why) throw new ProblemError(why);
      return;
    }
  } finally {
    hand.signal.removeEventListener('abort', cancel);
  }
}

async function followOnce(
  parts: CreationParts,
  remote: Remote,
  jobId: string,
  skipLines: number,
  tell: { hear: (line: string) => void; late: () => void },
): Promise<{ exit: number } | null> {
  try {
    const end = await followJob(remote, jobId, {
      skipLines,
      clock: parts.world.clock,
      said: (what) => {
        if (what.is === 'line') tell.hear(what.text);
        else if (what.is === 'committed') tell.late();
      },
    });
    if (end?.exit !== null) return end === null ? null : { exit: end.exit };
    if ((await recoverCreation(remote, jobId)) === 'busy') await pause(parts, 5_000);
    return null;
  } catch (thrown) {
    const why = problemOf(thrown);
    if (why.code === 'ssh.closed' || why.code === 'host.notOpen') {
      await pause(parts, 1_000); // the link's state follows
      return null;
    }
    if (why.code === 'command.failed' && why.said === 'gone') fail('task.interrupted', {}, { effect: 'unknown' });
    throw thrown;
  }
}

async function cancelOn(parts: CreationParts, { hostId, jobId }: Followed): Promise<void> {
  await cancelJob(await whenOpen(parts, hostId), jobId);
}

/** The host's link, when it is open. Problem: `host.unknown` when the host was removed. */
async function whenOpen({ hosts, world }: CreationParts, hostId: string): Promise<Remote> {
  for (;;) {
    if (hosts.get(hostId).link.is === 'open') {
      try {
        return hosts.remote(hostId);
      } catch (thrown) {
        if (problemOf(thrown).code !== 'host.notOpen') throw thrown;
      }
    }
    await new Promise<void>((resolve) => {
      const undo = hosts.onChange((host) => {
        if (host.id === hostId) done();
      });
      // a host that is removed says nothing more: looked for by the clock
      const stop = world.clock.after(30_000, () => done());
      const done = () => {
        undo();
        stop();
        resolve();
      };
    });
  }
}

const pause = ({ world }: CreationParts, ms: number) => new Promise<void>((resolve) => void world.clock.after(ms, resolve));

/** Bytes copied, with the speed since the copying began. */
function copyProgress(copyBytes: number, now: () => number): (percent: number) => Progress {
  let first: { done: number; at: number } | null = null;
  return (percent) => {
    const done = Math.round((percent / 100) * copyBytes);
    const at = now();
    first ??= { done, at };
    const seconds = (at - first.at) / 1000;
    const bytesPerS = seconds > 0 && done > first.done ? Math.round((done - first.done) / seconds) : null;
    const secondsLeft = bytesPerS === null ? null : Math.ceil((copyBytes - done) / bytesPerS);
    return { done, total: copyBytes, unit: 'bytes', bytesPerS, secondsLeft };
  };
}
