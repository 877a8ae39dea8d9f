import type { HostId } from '../../../../electron/contract/host.ts';
import { isOpen, type Plan, type PlanStep } from '../../../../electron/contract/plan.ts';
import { type Problem, problemOf } from '../../../../electron/contract/problem.ts';
import type { Program } from '../../state/program.ts';

/** A change of one step, as the operator makes it. */
export type Change = { is: 'move'; by: -1 | 1 } | { is: 'leaveOut' } | { is: 'take' } | { is: 'target'; hostId: HostId };

/** Steps that can be put in another order: those that wait, or were left out. */
export const orderable = (plan: Plan): PlanStep[] => plan.steps.filter((one) => one.state.is === 'waiting' || one.state.is === 'skipped');

/** What is sent for a change: all that has not begun, in its new order. A failed step is named only when it shall be tried again. */
export function stepsAfter(plan: Plan, step: PlanStep, change: Change) {
  const open = plan.steps.filter((one) => isOpen(one) && (one.state.is !== 'failed' || one === step));
  const at = open.indexOf(step);
  if (change.is === 'move') {
    open.splice(at, 1);
    open.splice(Math.max(0, at + change.by), 0, step);
  }
  return open.map((one) => ({
    hostId: one.hostId,
    guestId: one.guestId,
    targetHostId: one === step && change.is === 'target' ? change.hostId : one.targetHostId,
    leftOut: one === step && (change.is === 'leaveOut' || change.is === 'take') ? change.is === 'leaveOut' : one.state.is === 'skipped',
  }));
}

/** Asks the engine for the change; the plan is shown as the engine then says it. */
export async function change(
  program: Program,
  plan: Plan,
  what: { step: PlanStep; change: Change },
  refused: (why: Problem | null) => void,
): Promise<void> {
  refused(null);
  await program.session
    .call('plan.save', { planId: plan.id, steps: stepsAfter(plan, what.step, what.change) })
    .catch((thrown: unknown) => refused(problemOf(thrown)));
}
