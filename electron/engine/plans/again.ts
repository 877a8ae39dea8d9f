import { isUnderWay, type Plan, type PlanId, type PlanStep, type StepState } from '../../contract/plan.ts';
import { guestOfStep } from '../../contract/planning.ts';
import { problem, problemOf } from '../../contract/problem.ts';
import type { Task } from '../../contract/task.ts';
import { moveOf } from '../migration/plan.ts';
import { type FoundJob, listJobs } from '../remote/jobs.ts';
import type { Remote } from '../remote/remote.ts';
import type { Book } from './book.ts';
import { fleetOf } from './drafts.ts';
import type { PlanParts } from './needs.ts';
import { lookThere } from './turns.ts';

/**
 * Moves that were under way when the program ended. The truth is on the hosts: a job that is there is joined by its id, and only
 * where there is none the guest itself tells whether it went. Nothing is begun twice.
 */

/** The program ended while this task ran; whether it goes on, the hosts know. */
export function wasCutOff(task: Task | null): boolean {
  return task?.outcome?.is === 'unknown' && task.outcome.problem.code === 'task.interrupted';
}

/** What the runner lends. */
interface Lent {
  note(id: PlanId, step: PlanStep, state: StepState, more?: Partial<Plan>): Promise<void>;
  /** What becomes of a plan when a move that had begun failed. */
  stopFor(id: PlanId): Partial<Plan>;
  follow(task: Task): void;
  wake(): void;
}

/** Looks for them whenever a link opens, until each is joined or known to have come to nothing. */
export function findAgain(parts: PlanParts, book: Book, lent: Lent): { look(): void; close(): void } {
  const { world, hosts, tasks } = parts;
  // only what an earlier run of the program left under way
  const orphans = new Set(book.all().flatMap((plan) => plan.steps.filter(isUnderWay).map((step) => keyOf(plan, step))));
  let stop = () => {};
  let looking = Promise.resolve();
  const lookAll = async () => {
    for (const plan of book.all()) {
      for (const step of plan.steps.filter(isUnderWay)) {
        if (!orphans.has(keyOf(plan, step))) continue;
        const joined = await lookFor(parts, step);
        if (joined === 'unknown') continue;
        if (joined.is !== 'moving' || !wasCutOff(tasks.get(joined.taskId))) orphans.delete(keyOf(plan, step));
        // the operator may have let it go on meanwhile
        const more = joined.is === 'failed' ? lent.stopFor(plan.id) : {};
        if (JSON.stringify(joined) !== JSON.stringify(step.state)) await lent.note(plan.id, step, joined, more);
        const task = joined.is === 'moving' ? tasks.get(joined.taskId) : null;
        if (task && !wasCutOff(task)) lent.follow(task);
        lent.wake();
      }
    }
  };
  const look = () => {
    if (orphans.size === 0) return;
    looking = looking.then(lookAll).catch((thrown: unknown) => world.log('warn', 'plans.again', { why: problemOf(thrown).code }));
    stop();
    stop = world.clock.after(AGAIN_MS, look);
  };
  const undoOpen = hosts.onOpen(() => {
    look();
    return () => {};
  });
  return {
    look,
    close() {
      orphans.clear();
      stop();
      undoOpen();
    },
  };
}
const AGAIN_MS = 2_000;

const keyOf = (plan: Plan, step: PlanStep) => `${plan.id} ${step.hostId} ${step.guestId}`;

async function lookFor(parts: PlanParts, step: PlanStep): Promise<StepState | 'unknown'> {
  const { hosts, guests, tasks } = parts;
  const known = step.state.is === 'moving' ? tasks.get(step.state.taskId) : taskSince(parts, step);
  if (known && !wasCutOff(known)) return { is: 'moving', taskId: known.id };
  const [source, target] = [step.hostId, step.targetHostId].map((id) => hosts.all().find((one) => one.id === id));
  if (!source || !target)
    return { is: 'failed', taskId: known?.id ?? null, problem: problem('task.interrupted', {}, { effect: 'unknown' }) };
  if (source.link.is !== 'open' || target.link.is !== 'open') return 'unknown';
  const job = await jobOf(hosts.remote(source.id), step, known?.id ?? null);
  // prepared and never begun: whoever prepared it was us, and is gone
  const begun = job && (job.state !== 'new' || moveOf(job)?.kind === 'guest.moveConfig');
  if (begun) return { is: 'moving', taskId: job.id };
  await Promise.all([guests.refresh(source.id), guests.refresh(target.id)]);
  const at = (hostId: string) => guestOfStep(guests.onHost(hostId), step, hostId);
  const [here, there] = [at(source.id), at(target.id)];
  if (here && (!there || there.state === 'halted')) return here.doing ? 'unknown' : { is: 'waiting' };
  // one that stood still when its turn came went as it was
  const went = known?.kind === 'guest.moveConfig' ? { ...step, runs: false } : step;
  const found = lookThere(went, fleetOf(parts));
  if (found === 'there') return { is: 'done', taskId: known?.id ?? null };
  const isGone = found.code === 'guest.unknown';
  return { is: 'failed', taskId: known?.id ?? null, problem: isGone ? problem('task.interrupted', {}, { effect: 'unknown' }) : found };
}

/** The task of a step that was about to begin, and did. */
function taskSince({ tasks }: PlanParts, step: PlanStep): Task | null {
  const { state } = step;
  if (state.is !== 'checking') return null;
  const isIts = (one: Task) =>
    one.guestId === step.guestId && one.hostId === step.hostId && one.targetHostId === step.targetHostId && one.startedAt >= state.since;
  return [...tasks.all(), ...tasks.history()].find(isIts) ?? null;
}

/** Its job on the source: by the task's id, or, where none was noted, by the guest and the time. */
async function jobOf(remote: Remote, step: PlanStep, taskId: string | null): Promise<FoundJob | null> {
  const jobs = await listJobs(remote);
  if (taskId !== null) return jobs.find((one) => one.id === taskId) ?? null;
  const since = step.state.is === 'checking' ? step.state.since : Number.POSITIVE_INFINITY;
  return (
    jobs.find((one) => {
      const about = moveOf(one);
      const its = about && (about.guestId === step.guestId || (step.uuid !== null && about.uuid === step.uuid));
      return its && about.startedAt >= since;
    }) ?? null
  );
}
