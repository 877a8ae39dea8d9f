import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../engine/world.ts';

/** The real clock. Its timers don't keep the process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  every(ms, then) {
    const timer = setInterval(then, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};

export const realRandom: Random = { bytes: (count) => randomBytes(count) };
