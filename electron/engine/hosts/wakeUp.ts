import type { Clock } from '../world.ts';

const TICK_MS = 5_000;
/** A busy machine is late by seconds; one that slept, by more. */
const JUMP_MS = 15_000;

/** Calls when the clock jumped: the desktop slept, and what was open may be dead. */
export function onWakeUp(clock: Clock, woke: () => void): () => void {
  let last = clock.now();
  return clock.every(TICK_MS, () => {
    const now = clock.now();
    const jumped = now - last > TICK_MS + JUMP_MS;
    last = now;
    if (jumped) woke();
  });
}
