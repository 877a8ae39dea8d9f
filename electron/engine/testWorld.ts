import type { World } from './world.ts';

/** A clock that stands until it is told to go on: for tests. */
export interface ManualClock {
  now(): number;
  after(ms: number, then: () => void): () => void;
  every(ms: number, then: () => void): () => void;
  /** Lets time pass, running what falls due in order. */
  advance(ms: number): void;
}

export function manualClock(start = 1_700_000_000_000): ManualClock {
  let now = start;
  let next = 1;
  const waiting = new Map<number, { at: number; every: number | null; then: () => void }>();
  const add = (ms: number, every: number | null, then: () => void) => {
    const id = next++;
    waiting.set(id, { at: now + ms, every, then });
    return () => {
      waiting.delete(id);
    };
  };
  return {
    now: () => now,
    after: (ms, then) => add(ms, null, then),
    every: (ms, then) => add(ms, ms, then),
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const due = [...waiting].filter(([, one]) => one.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0];
        if (!due) break;
        const [id, one] = due;
        now = one.at;
        if (one.every === null) waiting.delete(id);
        else one.at += one.every;
        one.then();
      }
      now = end;
    },
  };
}

/** A world in memory for unit tests. Pass the files of an earlier one to see what a restart finds. */
export function testWorld(kept: Map<string, string> = new Map()): { world: World; clock: ManualClock; files: Map<string, string> } {
  const clock = manualClock();
  let counter = 0;
  const secrets = new Map<string, string>();
  const world: World = {
    clock,
    random: { bytes: (count) => Uint8Array.from({ length: count }, () => (counter = (counter + 37) % 256)) },
    files: {
      read: async (name) => kept.get(name) ?? null,
      write: async (name, text) => void kept.set(name, text),
      append: async (name, text) => void kept.set(name, (kept.get(name) ?? '') + text),
      remove: async (name) => void kept.delete(name),
      list: async (folder) => [...kept.keys()].filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
    },
    secrets: {
      kept: 'memory',
      read: async (name) => secrets.get(name) ?? null,
      write: async (name, secret) => void secrets.set(name, secret),
      remove: async (name) => void secrets.delete(name),
    },
    desktop: {
      home: '/home/tester',
      user: 'tester',
      readFile: async () => null,
      listFolder: async () => [],
      agent: null,
      ping: async () => 'cannot',
    },
    dial: async () => {
      throw new Error('no network in this world');
    },
    log: () => {},
    version: '0.0.0',
    shell: 'server',
    demo: false,
    platform: 'linux',
  };
  return { world, clock, files: kept };
}
