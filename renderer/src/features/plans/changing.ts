import type { WayToGo } from '../../../../electron/contract/diskTravel.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { isOpen, type Plan, type PlanId, type PlanStep, type StepInput } from '../../../../electron/contract/plan.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import type { Program } from '../../state/program.ts';

/** A change of one step, as the operator makes it. */
export type Change =
  | { is: 'move'; by: -1 | 1 }
  | { is: 'leaveOut' }
  | { is: 'take' }
  | { is: 'how'; how: WayToGo }
  | { is: 'target'; hostId: HostId };

/** Whether its place and its way can be changed: it waits, or was left out. One that failed is tried again first. */
export const isOrderable = ({ state }: PlanStep): boolean => state.is === 'waiting' || state.is === 'skipped';

/** Steps that can be put in another order. */
export const orderable = (plan: Plan): PlanStep[] => plan.steps.filter(isOrderable);

/** A step as it stands, for the engine. */
export const inputOf = ({ hostId, guestId, targetHostId, how, state }: PlanStep): StepInput => ({
  hostId,
  guestId,
  targetHostId,
  leftOut: state.is === 'skipped',
  how,
});

/** What is sent for a change: all that has not begun, in its new order. A failed step is named only when it shall be tried again. */
export function stepsAfter(plan: Plan, step: PlanStep, change: Change): StepInput[] {
  const open = plan.steps.filter((one) => isOpen(one) && (one.state.is !== 'failed' || one === step));
  const at = open.indexOf(step);
  if (change.is === 'move') {
    open.splice(at, 1);
    open.splice(Math.max(0, at + change.by), 0, step);
  }
  return open.map((one): StepInput => {
    const was = inputOf(one);
    if (one !== step || change.is === 'move') return was;
    if (change.is === 'target') return { ...was, targetHostId: change.hostId };
    if (change.is === 'how') return { ...was, how: change.how };
    return { ...was, leftOut: change.is === 'leaveOut' };
  });
}

/** How long the engine's word on a change may take to reach the mirror after its answer, ms. */
const MIRRORED_MS = 500;

let turn: Promise<void> = Promise.resolve();

/**
 * Asks the engine for the change; the plan is shown as the engine then says it. One after the other, each from what the one before
 * made of the plan: two quick presses must not undo each other.
 */
export function change(
  program: Program,
  planId: PlanId,
  what: { step: PlanStep; change: Change },
  refused: (why: Problem | null) => void,
): Promise<void> {
  const ask = (plan: Plan) => {
    const step = plan.steps.find((one) => one.guestId === what.step.guestId && one.hostId === what.step.hostId);
    return step && program.session.call('plan.save', { planId, steps: stepsAfter(plan, step, what.change) });
  };
  return inTurn(program, planId, ask, refused);
}

/** How much of the line it may take; in its turn among the changes. */
export function limitPlan(
  program: Program,
  plan: Plan,
  limitMiBPerS: number | null,
  refused: (why: Problem | null) => void,
): Promise<void> {
  const { id: planId } = plan;
  return inTurn(program, planId, () => program.session.call('plan.limit', { planId, limitMiBPerS }), refused);
}

/** `ask` is handed the plan as it is when all changes before are made; undefined: there is nothing to ask. */
function inTurn(
  program: Program,
  planId: PlanId,
  ask: (plan: Plan) => Promise<unknown> | undefined,
  refused: (why: Problem | null) => void,
): Promise<void> {
  refused(null);
  const mine = turn.then(async () => {
    const plan = program.mirror.plans.getState().byId.get(planId);
    const mirrored = plan && nextWord(program, plan);
    await (plan && ask(plan))?.then(
      () => mirrored,
      (thrown: unknown) => refused(problemOf(thrown)),
    );
  });
  turn = mine;
  return mine;
}

/** Resolves when all changes made so far are the engine's: what is started is what one sees. */
export const changesMade = (): Promise<void> => turn;

/** Resolves when the mirror has another word on this plan. */
function nextWord({ mirror }: Program, plan: Plan): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      undo();
      clearTimeout(timer);
      resolve();
    };
    const undo = mirror.plans.subscribe((all) => {
      if (all.byId.get(plan.id) !== plan) end();
    });
    const timer = setTimeout(end, MIRRORED_MS);
  });
}
