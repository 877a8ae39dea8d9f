import type { Effect, ProblemCode, ProblemParams } from '../../../../electron/contract/problem.ts';
import type { Format } from '../format.ts';

/** What happened, and what to do next. */
export type Told = readonly [what: string, next: string];

/** A sentence set for every code: one that is missing doesn't compile. */
export type ProblemWords = { [Code in ProblemCode]: (params: ProblemParams[Code], format: Format) => Told };

/** Whether anything changed, by effect. */
export type EffectWords = Record<Effect, string>;

/** Where room ran out while disks came, as the target's program said it; null: it said something else. */
export function roomOf(said: string): { place: string; shortMiB: number } | null {
  const [, place = '', short = ''] = /^(.+): (\d+) MiB short\s*$/.exec(said) ?? [];
  // memory that is saved comes to the folder of its move
  return short === '' ? null : { place: place === '.' ? '/var/lib/xenferry' : place, shortMiB: Number(short) };
}
