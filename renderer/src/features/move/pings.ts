import type { Ping } from '../../../../electron/contract/task.ts';

/** As many as can be drawn. */
const KEPT = 2000;

/** Pings with new ones: in order, each once (a late reply replaces its gap). */
export function addPings(before: readonly Ping[], more: readonly Ping[]): readonly Ping[] {
  const bySeq = new Map(before.map((one) => [one.seq, one]));
  for (const one of more) bySeq.set(one.seq, one);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq).slice(-KEPT);
}

/** What a line of pings says: replies, missing ones, and the longest time between two replies around a missing one. */
export function summaryOf(pings: readonly Ping[]): { replies: number; missing: number; longestGapMs: number } {
  let replies = 0;
  let missing = 0;
  let longestGapMs = 0;
  let last: number | null = null;
  let missed = false;
  for (const one of pings) {
    if (one.rttMs === null) {
      missing++;
      missed = true;
      continue;
    }
    replies++;
    if (missed && last !== null) longestGapMs = Math.max(longestGapMs, one.at - last);
    last = one.at;
    missed = false;
  }
  return { replies, missing, longestGapMs };
}
