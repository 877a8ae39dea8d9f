import { expect, test } from 'vitest';
import type { Plan, PlanStep } from '../../contract/plan.ts';
import { madePlan, madeStep } from '../../contract/planTest.ts';
import type { Book } from './book.ts';
import { createRunner } from './runner.ts';

const step = (name: string, targetHostId: string, state: PlanStep['state']) => madeStep(name, { targetHostId, state });

test('what was under way when the program ended, and is found to have failed after the plan was let go on, pauses it', async () => {
  let plan: Plan = madePlan({
    purpose: { is: 'moves' },
    state: 'running',
    steps: [step('x', 'gone', { is: 'checking', since: 0 }), step('y', 'b', { is: 'waiting' })],
  });
  const book = {
    all: () => [plan],
    get: () => plan,
    put: async (next: Plan) => {
      plan = next;
    },
  } as unknown as Book;
  const nothing = () => () => {};
  const parts = {
    world: { log: () => {}, clock: { now: () => 0, after: nothing } },
    hosts: { all: () => [{ id: 'a', link: { is: 'open' } }], onChange: nothing, onOpen: nothing },
    guests: { all: () => [], onChange: nothing },
    tasks: { all: () => [], history: () => [], get: () => null, onChange: nothing },
  } as unknown as Parameters<typeof createRunner>[0]; // as much of the engine as looking for it asks
  const runner = createRunner(parts, book);
  await expect.poll(() => plan.steps[0]?.state.is).toBe('failed');
  expect(plan).toMatchObject({ state: 'paused', pausedBy: 'failure', steps: [{}, { state: { is: 'waiting' } }] });
  runner.close();
});
