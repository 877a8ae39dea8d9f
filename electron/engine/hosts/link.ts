import type { HostLink } from '../../contract/host.ts';
import { type Problem, type ProblemCode, problemOf } from '../../contract/problem.ts';
import type { Limits } from '../limits.ts';
import type { Clock, Random } from '../world.ts';

/** Something that was reached and can be lost. */
export interface Reachable {
  /** Once; null: we closed it ourselves. */
  onClose(closed: (why: Problem | null) => void): void;
  close(): void;
}

export interface LinkParts<R extends Reachable> {
  clock: Clock;
  random: Random;
  limits: Pick<Limits, 'reconnectFirstMs' | 'reconnectMostMs'>;
  connect(signal: AbortSignal): Promise<R>;
  changed(): void;
  /** The link is open; the undo is called when it no longer is. */
  opened(reached: R): () => void;
}

/** One link to one host: opened, lost, opened again after a growing while. */
export interface Link<R extends Reachable> {
  now(): HostLink;
  reached(): R | null;
  /** Opens it, at once also when it waits; resolves after this attempt, whatever became of it. */
  open(): Promise<void>;
  /** Takes over what was reached outside. */
  adopt(reached: R): void;
  /** Closes it and keeps it closed. */
  close(): void;
}

/** These won't change by trying again, and trying a password again may lock an account. */
const final = (code: ProblemCode): boolean => /^(auth|hostKey|host|jump|program|secrets)\./.test(code) || code === 'ssh.noCommonAlgorithm';

export function createLink<R extends Reachable>(parts: LinkParts<R>): Link<R> {
  const { clock, limits } = parts;
  let link: HostLink = { is: 'closed' };
  let current: { reached: R; undo: () => void } | null = null;
  let attempt = 0;
  let stop: (() => void) | null = null;
  let opening: Promise<void> | null = null;

  const set = (next: HostLink) => {
    link = next;
    parts.changed();
  };
  const halt = () => {
    stop?.();
    stop = null;
  };
  const lose = (why: Problem) => {
    const delay = final(why.code) ? null : backoff(attempt++);
    const retryAt = delay === null ? null : clock.now() + delay;
    if (delay !== null) stop = clock.after(delay, () => void tryOnce());
    set({ is: 'lost', since: clock.now(), retryAt, problem: why });
  };
  /** Doubling, with a fifth of chance in it so that many hosts don't come back at the same moment. */
  const backoff = (times: number): number => {
    const base = Math.min(limits.reconnectMostMs, limits.reconnectFirstMs * 2 ** Math.min(times, 20));
    const [chance = 128] = parts.random.bytes(1);
    return Math.round(base * (0.9 + (0.2 * chance) / 255));
  };
  const settle = (reached: R) => {
    attempt = 0;
    const mine = { reached, undo: () => {} };
    current = mine;
    set({ is: 'open', since: clock.now() });
    mine.undo = parts.opened(reached);
    reached.onClose((why) => {
      if (current !== mine) return;
      current = null;
      mine.undo();
      if (why) lose(why);
    });
  };
  const tryOnce = (): Promise<void> => {
    if (opening) return opening;
    halt();
    const aborter = new AbortController();
    stop = () => aborter.abort();
    set({ is: 'opening', attempt: attempt + 1, since: clock.now() });
    const mine = (async () => {
      try {
        const reached = await parts.connect(aborter.signal);
        if (aborter.signal.aborted) return reached.close();
        opening = null;
        stop = null;
        settle(reached);
      } catch (thrown) {
        if (aborter.signal.aborted) return;
        opening = null;
        stop = null;
        lose(problemOf(thrown));
      }
    })();
    opening = mine;
    return mine;
  };
  const drop = () => {
    halt();
    opening = null;
    const last = current;
    current = null;
    last?.undo();
    last?.reached.close();
  };
  return {
    now: () => link,
    reached: () => current?.reached ?? null,
    open() {
      if (current) return Promise.resolve();
      if (!opening) attempt = 0;
      return tryOnce();
    },
    adopt(reached) {
      drop();
      settle(reached);
    },
    close() {
      drop();
      set({ is: 'closed' });
    },
  };
}
