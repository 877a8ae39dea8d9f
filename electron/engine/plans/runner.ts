import type { HostId } from '../../contract/host.ts';
import { isUnderWay, type Plan, type PlanId, type PlanStep, type StepState, type TypedForStep } from '../../contract/plan.ts';
import { isWithStop, type Move, wayOf } from '../../contract/planning.ts';
import { fail, type Problem, ProblemError, type ProblemOf, problem, problemOf } from '../../contract/problem.ts';
import type { Task, TaskId, TaskPhase } from '../../contract/task.ts';
import { refuseGuarded } from '../guard/guard.ts';
import { lastSeenOn } from '../guests/safety.ts';
import { findAgain, wasCutOff } from './again.ts';
import type { Book } from './book.ts';
import { allCame } from './coming.ts';
import { silentFor, whyNot } from './drafts.ts';
import { linesOf } from './line.ts';
import type { PlanParts } from './needs.ts';
import { pairOf, turnsOf } from './turns.ts';
import { keptNames } from './typedNames.ts';

/** How long after a move a host's memory may still be told as it was before, ms. */
const SETTLES_MS = 5_000;

/** Begins what is due in running plans, and notes how it ends. */
export interface Runner {
  /** Something may have become possible. */
  wake(): void;
  /** What was typed for guests of this plan, in place of what was typed before. */
  typed(id: PlanId, names: readonly TypedForStep[]): void;
  close(): void;
}

type Key = Pick<Move, 'guestId' | 'hostId'>;
const isSame = (a: Key, b: Key) => a.guestId === b.guestId && a.hostId === b.hostId;

/** Replaces one step; what became of the plan meanwhile stays. */
function withStep(plan: Plan, key: Key, state: StepState): Plan {
  return { ...plan, steps: plan.steps.map((one) => (isSame(one, key) ? { ...one, state } : one)) };
}

export function createRunner(parts: PlanParts, book: Book): Runner {
  const { world, hosts, guests, tasks, migration } = parts;
  let closed = false;
  let woken = false;
  const touched = new Map<HostId, number>();
  const phases = new Map<TaskId, TaskPhase>();
  /** How often in a row a step's hosts did not answer in time; of steps for which that was the last word. */
  const slow = new Map<string, number>();
  const names = keptNames();
  /** Looks of steps that wait for the line. */
  const waiting = new Set<() => void>();
  let undoTimer = () => {};

  const note = (id: PlanId, key: Key, state: StepState, more: Partial<Plan> = {}): Promise<void> => {
    if (closed || !book.all().some((one) => one.id === id)) return Promise.resolve();
    const plan = { ...withStep(book.get(id), key, state), ...more };
    const over = plan.state !== 'draft' && plan.steps.every((one) => one.state.is === 'done' || one.state.is === 'skipped');
    return book.put(over ? { ...plan, state: 'ended', pausedBy: null } : plan);
  };
  /** What hindered this move may hinder the next, so a person looks first: it had begun and failed, or hosts could not be asked. */
  const stopFor = (id: PlanId, pausedBy: 'failure' | 'notAsked' = 'failure'): Partial<Plan> =>
    book.get(id).state === 'running' ? { state: 'paused', pausedBy } : {};
  /** Nothing was done to it, and it will not pass by itself: it waits for the operator. */
  const putBack = (id: PlanId, step: PlanStep, notAsked: ProblemOf<'guard.notAsked'>) =>
    note(id, step, { is: 'waiting', notAsked }, stopFor(id, 'notAsked'));

  /** What can't be written down can't be found again after a restart. */
  const stopWriting = (id: PlanId, thrown: unknown) => {
    lost(thrown);
    void book.put({ ...book.get(id), ...stopFor(id) }).catch(lost);
  };

  const wake = () => {
    if (woken || closed) return;
    woken = true;
    queueMicrotask(() => {
      woken = false;
      for (const look of waiting) look();
      if (!closed) for (const plan of book.all()) advance(plan);
    });
  };

  const advance = (plan: Plan) => {
    if (plan.state !== 'running') return;
    const { busy, ready, underWay } = linesOf(book.all(), tasks.all());
    const turns = turnsOf(plan, { fleet: { hosts: hosts.all(), guests: guests.all() }, underWay, busy, ready, isSettled });
    for (const turn of turns) {
      const step = plan.steps[turn.at];
      if (!step) continue;
      if (turn.is === 'begin') void begin(plan.id, step);
      else if (turn.is === 'there') void note(plan.id, step, { is: 'done', taskId: null }).then(wake, lost);
      else {
        // one that got there and does not run is a reason to stop; a mere refusal holds nobody up
        const more = turn.problem.effect === 'none' ? {} : stopFor(plan.id);
        void note(plan.id, step, { is: 'failed', taskId: null, problem: turn.problem }, more).then(wake, lost);
      }
    }
    const waits = plan.steps.some((one) => one.state.is === 'waiting' || isUnderWay(one));
    if (turns.length === 0 && !waits) void book.put({ ...plan, state: 'ended', pausedBy: null }).catch(lost);
    else if (turns.length === 0) later();
  };
  const lost = (thrown: unknown) => world.log('error', 'plans.lost', { why: problemOf(thrown).code });
  /** Memory is told a little late; nobody calls when it was settled. */
  const later = () => {
    undoTimer();
    undoTimer = world.clock.after(SETTLES_MS, wake);
  };
  const isSettled = (id: HostId) => world.clock.now() - (touched.get(id) ?? 0) >= SETTLES_MS;

  /** Resolves when the move before carries nothing over the line any more, or this one isn't wanted any more. */
  const lineFree = (id: PlanId, step: PlanStep): Promise<void> => {
    const isFree = () => {
      if (closed || book.all().find((one) => one.id === id)?.state !== 'running') return true;
      const { busy, free } = linesOf(book.all(), tasks.all(), step);
      const pair = pairOf(step.hostId, step.targetHostId);
      return !busy.has(pair) || free.has(pair);
    };
    return new Promise((resolve) => {
      const look = () => {
        if (!isFree()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  };

  /** Whether this was the first or second time in a row that hosts did not answer in time: then they are asked again. Counts it. */
  const asksAgain = (id: PlanId, step: PlanStep, why: Problem): boolean => {
    const key = `${id} ${step.hostId} ${step.guestId}`;
    const times = why.code === 'command.timedOut' ? (slow.get(key) ?? 0) + 1 : 0;
    const may = times === 1 || times === 2;
    if (may) slow.set(key, times);
    else slow.delete(key);
    return may;
  };

  /** It is written down that this begins before it does: whoever finds it written looks on the hosts what came of it. */
  const begin = async (id: PlanId, step: PlanStep) => {
    const { hostId, guestId, targetHostId } = step;
    try {
      await note(id, step, { is: 'checking', since: world.clock.now() });
      await allCame(parts);
      await Promise.allSettled([guests.refresh(hostId), guests.refresh(targetHostId)]);
      const check = await migration.handlers['migration.check'](
        { hostId, guestId, targetHostId, transport: null, places: {}, formats: {} },
        new AbortController().signal,
      );
      const way = wayOf(check, step.how) ?? fail('plan.stopHalted', { name: step.name });
      const bad = whyNot(way.checks, step.name);
      if (bad) throw new ProblemError(bad);
      await lineFree(id, step);
      if (closed) return;
      if (book.get(id).state !== 'running') return await note(id, step, { is: 'waiting' });
      const silent = silentFor(parts, way.checks);
      const typedName = names.of(id, guestId, silent);
      const guest = guests.get(hostId, guestId);
      refuseGuarded({ clash: null, notAsked: silent, lastSeen: lastSeenOn(guest, hosts.all(), guests.all()) }, guest.name, typedName);
      if (isWithStop(step) && guest.state === 'halted') fail('plan.stopHalted', { name: step.name });
      const started = await migration.handlers['migration.start'](
        {
          hostId,
          guestId,
          targetHostId,
          pingAddress: check.pingAddress,
          limitMiBPerS: book.get(id).limitMiBPerS,
          typedName,
          transport: null,
          places: {},
          formats: {},
          stop: isWithStop(step),
          save: step.how === 'saved',
          at: null,
        },
        new AbortController().signal,
      );
      // it has begun: that this can't be written down changes nothing of it, but nothing more begins
      await note(id, step, { is: 'moving', taskId: started.taskId }).catch((thrown: unknown) => stopWriting(id, thrown));
      const task = tasks.get(started.taskId);
      if (task) follow(task); // it may have ended already
    } catch (thrown) {
      const why = problemOf(thrown);
      if (why.code === 'guard.notAsked') return await putBack(id, step, why).catch(lost);
      const passing =
        ['host.notOpen', 'guest.busy', 'memory.short'].includes(why.code) || why.code.startsWith('ssh.') || asksAgain(id, step, why);
      // nothing was done: what passes by itself is waited for, and turnsOf says when it doesn't
      if (why.code.startsWith('store.')) stopWriting(id, thrown);
      await note(id, step, passing ? { is: 'waiting' } : { is: 'failed', taskId: null, problem: why }).catch(lost);
      if (passing) return later();
    }
    wake();
  };

  /** Brings the steps of a task to where it stands. */
  const follow = (task: Task) => {
    for (const plan of book.all()) {
      const step = plan.steps.find((one) => 'taskId' in one.state && one.state.taskId === task.id);
      if (!step || step.state.is === 'done') continue;
      if (!task.outcome) {
        if (step.state.is === 'failed') void note(plan.id, step, { is: 'moving', taskId: task.id }).catch(lost);
        continue;
      }
      for (const one of [step.hostId, step.targetHostId]) touched.set(one, world.clock.now());
      void ended(plan, step, task).then(wake, lost);
    }
  };
  const ended = async (plan: Plan, step: PlanStep, task: Task) => {
    const { outcome } = task;
    if (!outcome) return;
    if (outcome.is === 'done') return note(plan.id, step, { is: 'done', taskId: task.id });
    if (wasCutOff(task)) return lookAgain(); // the hosts know how it went
    const why = outcome.is === 'cancelled' ? problem('plan.stepCancelled', { name: step.name }) : outcome.problem;
    if (why.code === 'guard.notAsked') return putBack(plan.id, step, why);
    if (step.state.is === 'failed' && step.state.problem.code === why.code) return;
    await note(plan.id, step, { is: 'failed', taskId: task.id, problem: why }, stopFor(plan.id));
  };
  const again = findAgain(parts, book, { note, stopFor, follow, wake });
  const lookAgain = () => again.look();
  const undo = [
    tasks.onChange((task) => {
      follow(task);
      const goesOn = task.outcome === null && phases.get(task.id) === task.phase;
      if (task.outcome) phases.delete(task.id);
      else phases.set(task.id, task.phase);
      if (!goesOn) wake();
    }),
    hosts.onChange(wake),
    guests.onChange(wake),
    () => undoTimer(),
    again.close,
  ];
  again.look();
  return {
    wake,
    typed: names.put,
    close() {
      closed = true;
      for (const look of waiting) look();
      for (const one of undo) one();
    },
  };
}
