import type { Ping } from '../../contract/task.ts';
import type { Remote } from '../remote/remote.ts';
import type { World } from '../world.ts';
import { longestGap, type PingTrack, pingFromDesktop, pingFromHost } from './pings.ts';

/** Watching one guest while it moves, from several places, for the ping strip and for the downtime. */
export interface Observation {
  /** Longest gap of replies, on the clock of `from`; null: unknown, also where the gap has not ended (`untilReply`). */
  downtimeMs(): number | null;
  /** Whose clock that is: a host's label, or `desktop`. */
  from(): string | null;
  /** Hears all so far, then each batch. */
  watch(say: (batch: { from: string; pings: Ping[] }) => void): () => void;
  /** Resolves when `from` has heard one more reply, or after `ms`; at once where nobody heard any, or nobody hears any more. */
  untilReply(ms: number): Promise<void>;
  stop(): void;
}

/** Kept a place, for who comes late: ten minutes. */
const KEPT = 3000;
const BATCH_MS = 500;
/** No move lasts longer than this; a forgotten ping ends by itself. */
const MOST_SECONDS = 6 * 3600;
/** Between two echoes of the host whose clock counts; and of the others, one of which has its hands full sending the guest away. */
const EVERY_SECONDS = 0.2;
const ELSEWHERE_SECONDS = 1;
/** The desktop as an observer, in `from`. */
export const DESKTOP = 'desktop';

/** Starts pinging from the given hosts and from the desktop. The first host's clock is the one that counts. */
export function observe(world: World, address: string, hosts: readonly { label: string; remote: Remote }[]): Observation {
  const kept = new Map<string, Ping[]>();
  const waiting = new Map<string, Ping[]>();
  const watchers = new Set<(batch: { from: string; pings: Ping[] }) => void>();
  const tracks: PingTrack[] = [];
  const replied = new Set<() => void>();
  const deafened = new Set<() => void>();
  let stopped = false;
  let silent = false;
  const heard = (from: string, ping: Ping) => {
    kept.set(from, [...(kept.get(from) ?? []), ping].slice(-KEPT));
    waiting.set(from, [...(waiting.get(from) ?? []), ping]);
    if (ping.rttMs !== null && from === counting()?.from) for (const tell of replied) tell();
  };
  const flush = () => {
    for (const [from, pings] of waiting) for (const say of watchers) say({ from, pings });
    waiting.clear();
  };
  const stopFlushing = world.clock.every(BATCH_MS, flush);
  const add = (track: PingTrack) => {
    if (stopped) track.stop();
    else tracks.push(track);
  };
  for (const [nth, { label, remote }] of hosts.entries()) {
    const what = { address, seconds: MOST_SECONDS, everySeconds: nth === 0 ? EVERY_SECONDS : ELSEWHERE_SECONDS };
    const deaf = () => {
      for (const tell of deafened) tell();
    };
    pingFromHost(remote, label, what, { heard, deaf }).then(add, () => world.log('info', 'ping.refused', { from: label }));
  }
  // an observer without a single echo: it can't reach the guest
  const cannot = (from: string) => {
    kept.set(from, []);
    waiting.set(from, []);
  };
  add(pingFromDesktop(world, DESKTOP, address, { heard, cannot }));
  /** The observer that counts: the first host in the order given that had replies, else the desktop; before those that hear no more. */
  const counting = () => {
    const all = [...hosts.map((one) => one.label), DESKTOP].map((label) => tracks.find((one) => one.from === label));
    const replied = all.filter((one) => (one?.replies.length ?? 0) > 1);
    return replied.find((one) => one?.hears) ?? replied[0];
  };
  return {
    downtimeMs: () => (silent ? null : longestGap(counting()?.replies ?? [])),
    from: () => counting()?.from ?? null,
    watch(say) {
      for (const [from, pings] of kept) say({ from, pings });
      watchers.add(say);
      return () => {
        watchers.delete(say);
      };
    },
    untilReply(ms) {
      return new Promise((resolve) => {
        if (!counting()) return resolve();
        const done = () => {
          replied.delete(done);
          deafened.delete(isDeaf);
          undo();
          resolve();
        };
        const giveUp = () => {
          silent = true;
          done();
        };
        const undo = world.clock.after(ms, giveUp);
        const isDeaf = () => {
          if (!counting()?.hears) giveUp();
        };
        replied.add(done);
        deafened.add(isDeaf);
        isDeaf();
      });
    },
    stop() {
      stopped = true;
      flush();
      stopFlushing();
      for (const track of tracks) track.stop();
    },
  };
}
