import { cleanup, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { WayToGo } from '../../../../electron/contract/diskTravel.ts';
import type { Plan, StepState } from '../../../../electron/contract/plan.ts';
import { madePlan, madeStep } from '../../../../electron/contract/planTest.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import { guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** The keyboard in a plan: what a key changes leaves the focus where one goes on. */

afterEach(cleanup);

const step = (name: string, state: StepState = { is: 'waiting' }, how: WayToGo = 'straight') => madeStep(name, { state, how });
const plan = (more: Partial<Plan> = {}) =>
  madePlan({
    state: 'paused',
    steps: [step('mail'), step('web')],
    left: [
      {
        guestId: 'fax',
        name: 'fax',
        hostId: 'a',
        withStop: [{ hostId: 'b', how: 'saved' }],
        reasons: [{ hostId: 'b', because: problem('move.pvNoShadow', { host: 'a' }) }],
      },
    ],
    pausedBy: 'failure',
    ...more,
  });

/** An engine that does what it is asked with the steps of the plan. */
const open = async (first: Plan) => {
  const names = ['mail', 'web', 'fax'];
  const guests = names.map((name) => guest('a', name, 'running', 1024, { guestId: name, key: `a/${name}` }));
  const { office, user } = openPage({ hosts: [host('a'), host('b')], guests });
  office.answer('migration.check', async () => looked);
  let now = first;
  office.answer('plan.save', async ({ steps }) => {
    const made = steps.map(({ guestId, leftOut, how }) => step(guestId, { is: leftOut ? 'skipped' : 'waiting' }, how));
    const kept = now.steps.filter((one) => !made.some((other) => other.guestId === one.guestId));
    now = { ...now, steps: [...kept, ...made], left: now.left.filter((one) => !made.some((other) => other.guestId === one.guestId)) };
    office.plans.put(now);
    return { planId: 'p' };
  });
  await screen.findByRole('button', { name: /^mail/ });
  office.plans.put(first);
  await user.click(await screen.findByRole('button', { name: 'Open the plan' }));
  const press = async (name: string) => {
    (await screen.findByRole('button', { name })).focus();
    await user.keyboard('{Enter}');
  };
  const focused = (name: string) => waitFor(() => expect(document.activeElement?.getAttribute('aria-label')).toBe(name));
  return { press, focused, user };
};

test('left out, the focus is on taking it in again; and the other way round', async () => {
  const { press, focused } = await open(plan());
  await press('Leave out: mail');
  await focused('Take in: mail');
  await press('Take in: mail');
  await focused('Leave out: mail');
});

test('tried again, the focus stays in its row; gone another way, where that was chosen', async () => {
  const failed: StepState = { is: 'failed', taskId: 't', problem: problem('move.targetFailed', { said: 'no' }) };
  const { press, focused, user } = await open(plan({ steps: [step('mail', failed, 'stopped'), step('web')] }));
  await press('Try again: mail');
  await focused('Leave out: mail');
  const way = () => screen.getByRole('button', { name: /How mail goes/ });
  way().focus();
  await user.keyboard('{Enter}');
  await user.click(await screen.findByRole('option', { name: /^Live/ }));
  await waitFor(() => expect(way().textContent).toContain('Live'));
  await waitFor(() => expect(document.activeElement).toBe(way()));
});

test('taken in from those that stay, the focus goes with it', async () => {
  const { press, focused } = await open(plan());
  await press('Take in, saved and restored: fax');
  await focused('Leave out: fax');
});
