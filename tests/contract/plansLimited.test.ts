import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, problemOf } from './desk.ts';
import { simulatedWorld } from './simulated.ts';
import { deskWithHosts } from './world.ts';

/** What a plan may take of the line while it copies disks. */

/** Runs on the first host; its disks are only there. */
const moves = 'wiki';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
beforeAll(async () => {
  world = await simulatedWorld();
  ({ desk, first, second } = await deskWithHosts(world));
});
afterAll(async () => {
  desk.close();
  await world.close();
});

test('every move of a plan is as fast as the plan may be, and so is its way back', async () => {
  const { guestId } = await desk.until('it', () => desk.guest(first, moves));
  const { planId } = await desk.client.call('plan.save', { planId: null, steps: [{ hostId: first, guestId, targetHostId: second }] });
  expect(desk.plans.get(planId)?.limitMiBPerS).toBeNull();
  await desk.client.call('plan.limit', { planId, limitMiBPerS: 20 });
  expect(desk.plans.get(planId)?.limitMiBPerS).toBe(20);
  await desk.client.call('plan.run', { planId });
  const task = await desk.until('disks are copied', () =>
    [...desk.tasks.values()].find((one) => one.guestName === moves && (one.migration?.disks?.copiedBytes ?? 0) >= 200 * 1048576),
  );
  // the model runs 20 times faster than life
  expect((task.migration?.bytesPerS ?? 0) / 20).toBeLessThan(24 * 1048576);
  await desk.client.call('task.cancel', { taskId: task.id });
  await desk.until('its pause', () => desk.plans.get(planId)?.state === 'paused', 30_000);
  const back = await desk.client.call('plan.back', { planId });
  expect(desk.plans.get(back.planId)?.limitMiBPerS).toBe(20);
  await desk.client.call('plan.limit', { planId, limitMiBPerS: null });
  expect(desk.plans.get(planId)).toMatchObject({ limitMiBPerS: null, state: 'paused' });
  expect((await problemOf(desk.client.call('plan.limit', { planId: 'no', limitMiBPerS: 1 }))).code).toBe('plan.unknown');
}, 60_000);
