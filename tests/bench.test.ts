import { expect, test } from 'vitest';
import { lineShares } from '../build/bench/line.mjs';

test('a line that carries a little all the time is not idle, and the mean says how little', () => {
  expect(lineShares([12, 12, 12, 12], 100)).toEqual({ idle: 0, mean: 0.12 });
  expect(lineShares([100, 0, 100, 0], 100)).toEqual({ idle: 0.5, mean: 0.5 });
  expect(lineShares([], 100)).toEqual({ idle: null, mean: null });
});
