/** Time of the simulated world. Durations are told as real hardware takes them; `speed` makes them pass faster. */
export interface SimTime {
  now(): number;
  /** Resolves after `ms` of simulated work; at once when the signal is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back after `ms` of simulated work; returns the undo. */
  after(ms: number, then: () => void): () => void;
  /** Calls back after `ms` of real time. */
  later(ms: number, then: () => void): () => void;
  /** Calls back every `ms` of real time (ticks of figures are asked for in seconds of the asker). */
  every(ms: number, then: () => void): () => void;
}

/** What a simulated world needs of a clock: the engine's own Clock fits. */
export interface SimClock {
  now(): number;
  after(ms: number, then: () => void): () => void;
  every(ms: number, then: () => void): () => void;
}

export const systemClock: SimClock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  every(ms, then) {
    const timer = setInterval(then, ms);
    return () => clearInterval(timer);
  },
};

export function simTime(clock: SimClock, speed: number): SimTime {
  return {
    now: () => clock.now(),
    wait: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const undo = clock.after(ms / speed, done);
        function done(): void {
          signal?.removeEventListener('abort', done);
          undo();
          resolve();
        }
        signal?.addEventListener('abort', done, { once: true });
      }),
    after: (ms, then) => clock.after(ms / speed, then),
    later: (ms, then) => clock.after(ms, then),
    every: (ms, then) => clock.every(ms, then),
  };
}
