import { isOpen, isUnderWay, type Plan, type PlanStep, type StepInput, type TypedForStep } from '../../contract/plan.ts';
import { fail, ProblemError } from '../../contract/problem.ts';
import { mayChangeHost } from '../../contract/rules.ts';
import type { Plans } from '../parts.ts';
import { openBook } from './book.ts';
import { draftBack, draftEmpty, fleetOf, stepOf } from './drafts.ts';
import type { PlanParts } from './needs.ts';
import { createRunner } from './runner.ts';

/** Several moves as one piece of work: proposed, changed, run, paused, and brought back. */
export async function createPlans(parts: PlanParts): Promise<Plans> {
  const { world, hosts } = parts;
  const book = await openBook(world);
  const runner = createRunner(parts, book);
  const add = async (what: Pick<Plan, 'purpose' | 'steps' | 'left'> & Partial<Pick<Plan, 'limitMiBPerS'>>) => {
    const id = Buffer.from(world.random.bytes(12)).toString('hex');
    await book.put({ id, state: 'draft', limitMiBPerS: null, madeAt: world.clock.now(), pausedBy: null, ...what });
    return { planId: id };
  };
  return {
    handlers: {
      'plan.watch': (_input, say) => book.feed.watch(say),
      'plan.empty': async (what, signal) => {
        const { hostId } = what;
        const may = mayChangeHost(hosts.get(hostId));
        if (!may.may) throw new ProblemError(may.because);
        const { moves, left } = await draftEmpty(parts, what, signal);
        const steps = moves.map((one) => stepOf(parts.guests.get(one.hostId, one.guestId), one.targetHostId, one.how));
        return add({ purpose: { is: 'empty', hostId }, steps, left });
      },
      'plan.back': async ({ planId }) => {
        const plan = book.get(planId);
        // the same line, the other way
        return add({ purpose: { is: 'back', of: planId }, limitMiBPerS: plan.limitMiBPerS, ...draftBack(fleetOf(parts), plan) });
      },
      'plan.save': async ({ planId, steps }) => {
        refuseTwice(steps);
        if (planId === null) return add({ purpose: { is: 'moves' }, steps: steps.map((one) => newStep(parts, one, null)), left: [] });
        const plan = book.get(planId);
        if (plan.state === 'running') fail('plan.underWay', {});
        await book.put(changed(parts, plan, steps));
        return { planId };
      },
      'plan.run': async ({ planId, typedNames }) => {
        const plan = book.get(planId);
        if (plan.state === 'running') return null;
        if (!plan.steps.some((one) => one.state.is === 'waiting' || isUnderWay(one))) fail('plan.nothingWaits', {});
        refuseMistyped(plan, typedNames);
        runner.typed(planId, typedNames);
        const steps = plan.steps.map((one): PlanStep => (one.state.is === 'waiting' ? { ...one, state: { is: 'waiting' } } : one));
        await book.put({ ...plan, steps, state: 'running', pausedBy: null });
        runner.wake();
        return null;
      },
      'plan.limit': async ({ planId, limitMiBPerS }) => {
        await book.put({ ...book.get(planId), limitMiBPerS });
        return null;
      },
      'plan.pause': async ({ planId }) => {
        const plan = book.get(planId);
        if (plan.state === 'running') await book.put({ ...plan, state: 'paused', pausedBy: 'operator' });
        runner.wake(); // one that waits for the line need not wait any more
        return null;
      },
      'plan.discard': async ({ planId }) => {
        const plan = book.get(planId);
        if (plan.state === 'running' || plan.steps.some(isUnderWay)) fail('plan.underWay', {});
        await book.drop(planId);
        return null;
      },
    },
    close: () => runner.close(),
  };
}

function refuseTwice(steps: readonly StepInput[]): void {
  const seen = new Set<string>();
  for (const { guestId } of steps) {
    if (seen.has(guestId)) fail('plan.twice', { name: guestId });
    seen.add(guestId);
  }
}

function refuseMistyped(plan: Plan, typed: readonly TypedForStep[]): void {
  for (const { guestId, typedName } of typed) {
    const step = plan.steps.find((one) => one.guestId === guestId);
    if (step && step.name !== typedName) fail('guest.nameMismatch', { name: step.name });
  }
}

/** The plan with other steps for what has not begun. */
function changed(parts: PlanParts, plan: Plan, wanted: readonly StepInput[]): Plan {
  const isNamed = (step: PlanStep) => wanted.some((one) => one.guestId === step.guestId && one.hostId === step.hostId);
  const kept = plan.steps.filter((one) => !isOpen(one) || (one.state.is === 'failed' && !isNamed(one)));
  const fresh = wanted
    .filter((one) => !kept.some((step) => step.guestId === one.guestId))
    .map((one) => newStep(parts, one, plan.steps.find((step) => step.guestId === one.guestId && step.hostId === one.hostId) ?? null));
  const waits = fresh.some((one) => one.state.is === 'waiting');
  const left = plan.left.filter((one) => !fresh.some((step) => step.guestId === one.guestId));
  const next = { ...plan, steps: [...kept, ...fresh], left };
  if (plan.state === 'ended' && waits) return { ...next, state: 'paused', pausedBy: 'operator' };
  // the last one that stood open was left out: nothing is to be looked at any more
  const isOver = next.steps.every((one) => one.state.is === 'done' || one.state.is === 'skipped');
  return plan.state === 'paused' && isOver ? { ...next, state: 'ended', pausedBy: null } : next;
}

/** A step as the operator wants it; `known` where the plan had it, so that it can be changed while its host can't be reached. */
function newStep({ guests, hosts }: PlanParts, input: StepInput, known: PlanStep | null): PlanStep {
  hosts.get(input.targetHostId);
  const step = known ?? stepOf(guests.get(input.hostId, input.guestId), input.targetHostId, input.how);
  // what it was put back for stays beside it
  const waits: PlanStep['state'] = step.state.is === 'waiting' ? step.state : { is: 'waiting' };
  return { ...step, targetHostId: input.targetHostId, how: input.how, state: input.leftOut ? { is: 'skipped' } : waits };
}
