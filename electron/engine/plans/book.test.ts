import { expect, test } from 'vitest';
import type { World } from '../world.ts';
import { openBook } from './book.ts';

test('plans from before a guest could go saved and restored are read: their stop was a shutdown', async () => {
  const step = { guestId: 'x', uuid: 'x', name: 'x', memoryMiB: 64, hostId: 'a', targetHostId: 'b', state: { is: 'waiting' } };
  const left = { guestId: 'z', name: 'z', hostId: 'a', reasons: [] };
  const data = [
    {
      id: 'p',
      purpose: { is: 'empty', hostId: 'a' },
      state: 'running',
      steps: [step, { ...step, guestId: 'y', stops: true }],
      left: [left, { ...left, guestId: 'w', withStop: ['b'] }],
      madeAt: 0,
      pausedBy: null,
    },
  ];
  const written = new Map([['plans.json', JSON.stringify({ version: 1, data })]]);
  const world = {
    files: {
      read: async (name: string) => written.get(name) ?? null,
      write: async (name: string, text: string) => void written.set(name, text),
    },
    log: () => {},
    clock: { now: () => 0 },
  } as unknown as World; // as much of it as a book asks
  const book = await openBook(world);
  const plan = book.get('p');
  expect(plan.state).toBe('paused');
  expect(plan.steps.map((one) => one.how)).toEqual(['straight', 'stopped']);
  expect(plan.left.map((one) => one.withStop)).toEqual([[], [{ hostId: 'b', how: 'stopped' }]]);
  // and once written, it is read again as it is
  await book.put({ ...plan, steps: plan.steps.map((one) => ({ ...one, how: 'saved' })) });
  expect((await openBook(world)).get('p').steps.map((one) => one.how)).toEqual(['saved', 'saved']);
  expect([...written.keys()]).toEqual(['plans.json']);
});
