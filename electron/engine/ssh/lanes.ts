import type { Clock } from '../world.ts';

/** sshd's MaxSessions is 10 by default: commands queue beyond it, and what lasts may not take all of them. */
export interface Lanes {
  /** Waits for a free session; what lasts (watch, console, ping) gets null at once where none is left for it. */
  take(lasting: boolean, signal?: AbortSignal): Promise<(() => void) | null>;
  /**
   * The server refused one more session while others are open: it allows fewer than we thought, for now. What we gave up may still hold
   * its session there until its process ends, so more is tried again after a while. False: none is open.
   */
  refused(): boolean;
}

interface Waiting {
  go: (release: () => void) => void;
}

/** After this long without one a session more is tried again, ms. */
const RECOVER_MS = 10_000;

/** `most` sessions, of which `spare` are kept for short commands. */
export function createLanes(clock: Pick<Clock, 'after'>, most = 10, spare = 3): Lanes {
  let allowed = most;
  let recovering = false;
  const recover = () => {
    if (recovering || allowed >= most) return;
    recovering = true;
    clock.after(RECOVER_MS, () => {
      recovering = false;
      allowed++;
      next();
      recover();
    });
  };
  let taken = 0;
  let lastingTaken = 0;
  const waiting: Waiting[] = [];
  const next = () => {
    while (taken < allowed) {
      const first = waiting.shift();
      if (!first) return;
      first.go(hold(false));
    }
  };
  const hold = (lasting: boolean) => {
    let held = true;
    taken++;
    if (lasting) lastingTaken++;
    return () => {
      if (!held) return;
      held = false;
      taken--;
      if (lasting) lastingTaken--;
      next();
    };
  };
  return {
    async take(lasting, signal) {
      signal?.throwIfAborted();
      if (lasting && lastingTaken >= Math.max(1, allowed - spare)) return null;
      if (taken < allowed && waiting.length === 0) return hold(lasting);
      return await new Promise((resolve, reject) => {
        const one: Waiting = { go: resolve };
        if (lasting) waiting.unshift(one);
        else waiting.push(one);
        const leave = () => {
          const at = waiting.indexOf(one);
          if (at < 0) return;
          waiting.splice(at, 1);
          reject(signal?.reason);
        };
        signal?.addEventListener('abort', leave, { once: true });
      });
    },
    refused() {
      // the refused one is counted in `taken`
      if (taken <= 1) return false;
      allowed = Math.max(1, Math.min(allowed, taken - 1));
      recover();
      return true;
    },
  };
}
