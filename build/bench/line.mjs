// How busy a line was: what went over it each second, against what one connection gets through when nobody else does.

/** A second with less than this of the line's speed is idle: pings and links alone stay below it. */
const IDLE_BELOW = 1 / 10;

export function lineShares(sent, speed) {
  if (sent.length === 0 || !(speed > 0)) return { idle: null, mean: null };
  const idle = sent.filter((bytes) => bytes <= speed * IDLE_BELOW).length / sent.length;
  // a second that is not idle may still be nearly so: only the mean says how much of the line was used
  return { idle, mean: sent.reduce((sum, bytes) => sum + bytes, 0) / sent.length / speed };
}
