import type { Effect, ProblemCode, ProblemParams } from '../../../../electron/contract/problem.ts';
import type { Format } from '../format.ts';

/** What happened, and what to do next. */
export type Told = readonly [what: string, next: string];

/** A sentence set for every code: one that is missing doesn't compile. */
export type ProblemWords = { [Code in ProblemCode]: (params: ProblemParams[Code], format: Format) => Told };

/** Whether anything changed, by effect. */
export type EffectWords = Record<Effect, string>;
