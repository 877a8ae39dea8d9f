import { expect, test } from 'vitest';
import { manualClock } from '../testWorld.ts';
import { createLanes } from './lanes.ts';

/** Lets what was just resolved be heard. */
const heard = () => new Promise((resolve) => setImmediate(resolve));

test('a refusal lowers what is allowed only for a while: nobody waits behind it for ever', async () => {
  const clock = manualClock();
  const lanes = createLanes(clock, 4, 1);
  const held = [await lanes.take(true), await lanes.take(true), await lanes.take(true)];
  expect(held.every((release) => release !== null)).toBe(true);
  // the server still holds a session of something that was given up: the fourth is refused
  const refused = await lanes.take(false);
  expect(lanes.refused()).toBe(true);
  refused?.();
  let got = false;
  void lanes.take(false).then(() => {
    got = true;
  });
  await heard();
  expect(got).toBe(false);
  clock.advance(10_000);
  await heard();
  expect(got).toBe(true);
  // and it never allows more than the most
  clock.advance(60_000);
  expect(await lanes.take(true)).toBeNull();
});
