import speedText from '../remote/programs/move-speed.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf } from '../remote/said.ts';
import type { World } from '../world.ts';

/** How fast the desktop could carry a move: from the source to here, and from here to the target, both at once as it will be. */

export const speedProgram = { name: 'move-speed', text: speedText };

const MIB = 1024 * 1024;
/** What is sent, until it took long enough to mean something. */
const STEPS: { bytes: number; enoughMs: number }[] = [
  { bytes: MIB / 4, enoughMs: 100 },
  { bytes: 4 * MIB, enoughMs: 200 },
  { bytes: 16 * MIB, enoughMs: 0 },
];
/** A line that has not carried the first piece by then is told as unknown. */
const PATIENCE_MS = 15_000;
/** Several guests that are looked at one after the other: the line between the same hosts is measured once. */
const HOLDS_MS = 120_000;

const kept = new WeakMap<Remote, WeakMap<Remote, { at: number; speed: Promise<number | null> }>>();

/** Bytes a second; null: it could not be measured. Takes about two seconds at most on a line that is worth it. */
export function speedBetween(world: Pick<World, 'clock' | 'random'>, source: Remote, target: Remote): Promise<number | null> {
  const ofSource = kept.get(source) ?? new WeakMap<Remote, { at: number; speed: Promise<number | null> }>();
  kept.set(source, ofSource);
  const known = ofSource.get(target);
  const now = world.clock.now();
  if (known && now - known.at < HOLDS_MS) return known.speed;
  const speed = measure(world, source, target);
  ofSource.set(target, { at: now, speed });
  void speed.then((rate) => rate === null && ofSource.get(target)?.speed === speed && ofSource.delete(target));
  return speed;
}

async function measure({ clock, random }: Pick<World, 'clock' | 'random'>, source: Remote, target: Remote): Promise<number | null> {
  const from = async (bytes: number) => {
    linesOf('move-speed', await source.program(speedProgram, ['out', String(bytes)], { timeoutMs: PATIENCE_MS }));
  };
  const to = async (bytes: number) => {
    const stdin = random.bytes(bytes);
    linesOf('move-speed', await target.program(speedProgram, ['in'], { stdin, timeoutMs: PATIENCE_MS }));
  };
  const timed = async (work: Promise<unknown>): Promise<number> => {
    const began = clock.now();
    await work;
    return clock.now() - began;
  };
  // what leaves the source is a third longer than its bytes
  const both = (bytes: number) => Promise.all([from(Math.ceil((bytes * 3) / 4)), to(bytes)]);
  try {
    const empty = await timed(both(0));
    let rate: number | null = null;
    for (const { bytes, enoughMs } of STEPS) {
      const took = await timed(both(bytes));
      rate = Math.round((bytes * 1000) / Math.max(1, took - empty));
      if (took - empty >= enoughMs) break;
    }
    return rate;
  } catch {
    return null; // it is only a figure: the move says what is wrong with the line
  }
}
