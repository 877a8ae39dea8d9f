import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ping } from '../../contract/task.ts';
import { hear, keptOf, nothingHeard } from './keptPings.ts';

/** One echo each fifth of a second; `missing`: those without a reply. */
const pings = (count: number, missing: readonly number[]): Ping[] =>
  Array.from({ length: count }, (_, at) => ({ seq: at + 1, at: 1_000_000 + at * 200, rttMs: missing.includes(at + 1) ? null : 1.234 }));
const kept = (echoes: readonly Ping[]) => keptOf('osaka', echoes.reduce(hear, nothingHeard));
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

test('of a long move what is around its longest silence stays, and the counts of all of it', () => {
  const told = kept(pings(3000, [...range(100, 101), ...range(1500, 1504)]));
  expect(told).toMatchObject({ from: 'osaka', replies: 2993, missing: 7, longestGapMs: 1200 });
  const echoes = told?.echoes ?? [];
  expect(echoes[0]).toEqual([0, 1.2]);
  expect(echoes.filter(([, rtt]) => rtt === null)).toHaveLength(5);
  expect(echoes.at(-1)?.[0]).toBe(8000 + 1200 + 8000);
  expect(JSON.stringify(echoes).length).toBeLessThan(1500);
});

test('a reply that comes late stands for the one that was missed', () => {
  const told = kept([...pings(10, [5]), { seq: 5, at: 1_001_950, rttMs: 1100 }]);
  expect(told).toMatchObject({ replies: 10, missing: 0, longestGapMs: 400 });
  expect(told?.echoes.map(([, rtt]) => rtt)).not.toContain(null);
});

test('of a silence of hours the middle is left out, and its length is not', () => {
  const told = kept(pings(20_000, range(50, 19_000)));
  expect(told?.longestGapMs).toBe(200 * 18_952);
  expect(told?.echoes.length).toBeLessThanOrEqual(400);
  // the reply that ended it is among them
  expect(told?.echoes.some(([after, rtt]) => rtt !== null && after > 3_000_000)).toBe(true);
});

test('without two replies nothing can be told', () => {
  expect(kept([])).toBeNull();
  expect(kept(pings(5, [1, 2, 4, 5]))).toBeNull();
});

test('whatever is missing, the gap is the longest between two replies, and both of them are kept', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 }), (missing) => {
      const all = pings(60, missing);
      const replies = all.filter((one) => one.rttMs !== null).map((one) => one.at);
      const gaps = replies.slice(1).map((at, nth) => at - (replies[nth] ?? 0));
      const told = kept(all);
      expect(told?.longestGapMs ?? null).toBe(gaps.length > 0 ? Math.max(...gaps) : null);
      const kinds = (told?.echoes ?? []).filter(([, rtt]) => rtt !== null).map(([after]) => after);
      expect(kinds.slice(1).some((after, nth) => after - (kinds[nth] ?? 0) === told?.longestGapMs)).toBe(told !== null);
    }),
  );
});
