import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ping } from '../../../../electron/contract/task.ts';
import { addPings, summaryOf } from './pings.ts';

const ping = (seq: number, rttMs: number | null): Ping => ({ seq, at: seq * 200, rttMs });

test('the longest gap is the time between the replies around missing ones', () => {
  const pings = [ping(1, 1), ping(2, null), ping(3, null), ping(4, 2), ping(5, null), ping(6, 1)];
  expect(summaryOf(pings)).toEqual({ replies: 3, missing: 3, longestGapMs: 600 });
});

test('without a missing one there is no gap, however slow', () => {
  expect(summaryOf([ping(1, 900), ping(9, 900)])).toEqual({ replies: 2, missing: 0, longestGapMs: 0 });
});

test('in whatever pieces they arrive, they stand in order and once', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 1, max: 60 }))), (pieces) => {
      const all = pieces.reduce<readonly Ping[]>(
        (so, seqs) =>
          addPings(
            so,
            seqs.map((seq) => ping(seq, 1)),
          ),
        [],
      );
      expect(all.map((one) => one.seq)).toEqual([...new Set(pieces.flat())].sort((a, b) => a - b));
    }),
  );
});
