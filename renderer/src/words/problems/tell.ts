import type { Problem, ProblemParams } from '../../../../electron/contract/problem.ts';
import type { Words } from '../words.ts';
import { effectsEn, problemsEn } from './en.ts';
import { effectsJa, problemsJa } from './ja.ts';
import type { ProblemWords, Told } from './shape.ts';

/** A problem in words: what happened, whether anything changed, what to do next. */
export interface ToldProblem {
  what: string;
  changed: string;
  next: string;
}

/** Puts a problem into words. A code of a newer engine is told as it is. */
export function tellProblem(problem: Problem, words: Pick<Words, 'language' | 'format'>): ToldProblem {
  const table: ProblemWords = words.language === 'ja' ? problemsJa : problemsEn;
  const effects = words.language === 'ja' ? effectsJa : effectsEn;
  const tell: unknown = Object.hasOwn(table, problem.code) ? table[problem.code] : null;
  const [what, next] =
    typeof tell === 'function'
      ? // the table pairs each code with its own parameters; the compiler can't follow that through an index
        (tell as (params: ProblemParams[typeof problem.code], format: Words['format']) => Told)(problem, words.format)
      : [problem.code, ''];
  return { what, changed: effects[problem.effect], next };
}
