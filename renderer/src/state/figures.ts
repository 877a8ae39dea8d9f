import type { Figures, HostSample } from '../../../electron/contract/guest.ts';

/** Samples kept for one guest or dom0: ten minutes at one every two seconds. */
const KEPT = 300;

/** What can be drawn over time. */
export type Series = 'cpuPercent' | 'memoryMiB' | 'netRxBytesPerS' | 'netTxBytesPerS' | 'diskReadBytesPerS' | 'diskWriteBytesPerS';

/** One sample with its time. */
export interface TimedFigures extends Figures {
  at: number;
}

/** The last minutes of figures, outside React: thousands of guests tick without a render. */
export interface FigureStore {
  take(sample: HostSample): void;
  /** Puts samples from before this page in front of what it has. */
  fill(samples: readonly HostSample[]): void;
  /** Oldest first. The same array until the next sample. Keys: a guest's key, or `dom0Key(hostId)`. */
  of(key: string): readonly TimedFigures[];
  latest(key: string): TimedFigures | null;
  /** Called after each sample of this key. */
  watch(key: string, changed: () => void): () => void;
}

/** Key of dom0's own figures. */
export const dom0Key = (hostId: string): string => `${hostId}/dom0`;

const nothing: readonly TimedFigures[] = [];

/** Makes the store of figures. */
export function createFigureStore(): FigureStore {
  const kept = new Map<string, TimedFigures[]>();
  const watchers = new Map<string, Set<() => void>>();
  const add = (key: string, figures: Figures, at: number) => {
    const before = kept.get(key) ?? [];
    const last = before.at(-1);
    if (last && last.at >= at) return;
    const next = before.length >= KEPT ? before.slice(before.length - KEPT + 1) : before.slice();
    next.push({ ...figures, at });
    kept.set(key, next);
    for (const changed of watchers.get(key) ?? []) changed();
  };
  const fillOne = (key: string, past: readonly TimedFigures[]) => {
    const before = kept.get(key) ?? [];
    const first = before[0]?.at ?? Number.POSITIVE_INFINITY;
    const older = past.filter((one) => one.at < first);
    if (older.length === 0) return;
    kept.set(key, [...older, ...before].slice(-KEPT));
    for (const changed of watchers.get(key) ?? []) changed();
  };
  return {
    fill(samples) {
      const byKey = new Map<string, TimedFigures[]>();
      const gather = (key: string, figures: TimedFigures) => {
        const those = byKey.get(key);
        if (those) those.push(figures);
        else byKey.set(key, [figures]);
      };
      for (const { hostId, at, dom0, guests } of samples) {
        if (dom0) gather(dom0Key(hostId), { ...dom0, at });
        for (const guest of guests) gather(guest.key, { ...guest, at });
      }
      for (const [key, past] of byKey) fillOne(key, past);
    },
    take(sample) {
      if (sample.dom0) add(dom0Key(sample.hostId), sample.dom0, sample.at);
      for (const guest of sample.guests) add(guest.key, guest, sample.at);
    },
    of: (key) => kept.get(key) ?? nothing,
    latest: (key) => kept.get(key)?.at(-1) ?? null,
    watch(key, changed) {
      const those = watchers.get(key) ?? new Set();
      watchers.set(key, those.add(changed));
      return () => {
        those.delete(changed);
        if (those.size === 0) watchers.delete(key);
      };
    },
  };
}
