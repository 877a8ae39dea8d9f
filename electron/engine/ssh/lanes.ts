/** sshd's MaxSessions is 10 by default: commands queue beyond it, and what lasts may not take all of them. */
export interface Lanes {
  /** Waits for a free session; what lasts (watch, console, ping) gets null at once where none is left for it. */
  take(lasting: boolean, signal?: AbortSignal): Promise<(() => void) | null>;
  /** The server refused one more session while others are open: it allows fewer than we thought. False: none is open. */
  refused(): boolean;
}

interface Waiting {
  go: (release: () => void) => void;
}

/** `most` sessions, of which `spare` are kept for short commands. */
export function createLanes(most = 10, spare = 3): Lanes {
  let allowed = most;
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
      return true;
    },
  };
}
