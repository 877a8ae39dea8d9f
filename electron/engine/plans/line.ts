import { isUnderWay, type Plan, type PlanStep } from '../../contract/plan.ts';
import type { Move } from '../../contract/planning.ts';
import type { Task, TaskPhase } from '../../contract/task.ts';
import { hasArrived } from '../migration/phases.ts';
import { pairOf } from './turns.ts';

/**
 * What goes between two hosts, from all plans and by hand. One move at a time has the line; while it only copies memory the next one of a
 * plan is looked at, and begins when the guest of the one before runs at its target, while that is still tidied up after. Pure.
 */
export interface Lines {
  /** Pairs between which something is under way. */
  busy: Set<string>;
  /** Of those, the ones where a look at the next is due. */
  ready: Set<string>;
  /** Of those, the ones where the next may begin. */
  free: Set<string>;
  /** What is under way, each guest once. */
  underWay: Move[];
}

const late: readonly TaskPhase[] = ['copyingMemory', 'finalPause', 'resuming', 'tidying'];
/** The guest runs at its target: nothing more goes over the line, and nothing can go wrong that would be a reason to stop the plan. */
const isBehind = ({ kind, phase, log }: Task) => kind === 'guest.migrate' && phase === 'tidying' && hasArrived(log);
const isLate = ({ kind, phase }: Task) => kind === 'guest.migrate' && late.includes(phase);

/** `but`: a step that asks for itself. */
export function linesOf(plans: readonly Plan[], tasks: readonly Task[], but: PlanStep | null = null): Lines {
  const stands: { pair: string; task: Task | null }[] = [];
  const moves = new Map<string, Move>();
  for (const step of plans.flatMap((plan) => plan.steps.filter(isUnderWay))) {
    if (but && step.hostId === but.hostId && step.guestId === but.guestId) continue;
    const { state } = step;
    const task = state.is === 'moving' ? tasks.find((one) => one.id === state.taskId) : undefined;
    // how it ended isn't written down yet: it may pause its plan
    stands.push({ pair: pairOf(step.hostId, step.targetHostId), task: task && !task.outcome ? task : null });
    moves.set(`${step.hostId}/${step.guestId}`, step);
  }
  for (const task of tasks) {
    const sends = task.kind === 'guest.migrate' || task.kind === 'guest.moveStopped';
    if (!sends || task.outcome || task.phase === 'scheduled' || task.targetHostId === null) continue;
    stands.push({ pair: pairOf(task.hostId, task.targetHostId), task });
    const { hostId, targetHostId, guestId, kind } = task;
    const key = `${hostId}/${guestId}`;
    // of a plan's own it is known which stop it is
    if (guestId !== null && !moves.has(key))
      moves.set(key, { hostId, targetHostId, guestId, how: kind === 'guest.moveStopped' ? 'stopped' : 'straight' });
  }
  const all = (is: (task: Task) => boolean) => {
    const not = new Set(stands.flatMap(({ pair, task }) => (task && is(task) ? [] : [pair])));
    return new Set(stands.map((one) => one.pair).filter((pair) => !not.has(pair)));
  };
  return { busy: new Set(stands.map((one) => one.pair)), ready: all(isLate), free: all(isBehind), underWay: [...moves.values()] };
}
