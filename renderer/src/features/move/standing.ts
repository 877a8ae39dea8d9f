import type { WayToGo } from '../../../../electron/contract/diskTravel.ts';
import { wayOf } from '../../../../electron/contract/planning.ts';
import type { Problem, Verdict } from '../../../../electron/contract/problem.ts';
import type { Checked } from './MoveSheet.tsx';

/** How a move stands before it begins: by the rules, and by what the hosts said, where they were asked. */
export type Standing =
  | { is: 'refused'; because: Problem | null }
  | { is: 'asking' }
  | { is: 'fits'; warnings: readonly Problem[]; checked: boolean; expectedSeconds: number | null };

/** The rule's word first: it is the newer one. */
export function standingOf(verdict: Verdict, checked: Checked | undefined, how: WayToGo = 'straight'): Standing {
  if (!verdict.may) return { is: 'refused', because: verdict.because };
  if (checked?.is === 'asking') return { is: 'asking' };
  if (checked?.is === 'refused') return { is: 'refused', because: checked.problem };
  const way = checked ? wayOf(checked.check, how) : null;
  const bads = way?.checks.filter((one) => one.verdict === 'bad') ?? [];
  // memory is reckoned after the moves before it, which the hosts can't know of
  const bad = bads.find((one) => one.what !== 'memory');
  if (bad) return { is: 'refused', because: bad.problem };
  const asked = way?.checks.flatMap((one) => (one.verdict === 'warning' && one.problem ? [one.problem] : [])) ?? [];
  const expectedSeconds = way?.expectedSeconds ?? null;
  const own = verdict.warnings ?? [];
  const warnings = [...own, ...asked.filter((one) => !own.some((other) => other.code === one.code))];
  const isGrave = (one: Problem) => one.code === 'guard.notAsked';
  return {
    is: 'fits',
    // a list has room for one: that which asks for a name to be typed
    warnings: [...warnings.filter(isGrave), ...warnings.filter((one) => !isGrave(one))],
    checked: way !== null && bads.length === 0, // where memory is short now, nothing else was looked at
    expectedSeconds,
  };
}
