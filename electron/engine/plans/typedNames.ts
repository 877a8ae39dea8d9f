import type { PlanId, TypedForStep } from '../../contract/plan.ts';

/**
 * Names that were typed when a plan was let go on. They hold for this run of it, and for the hosts that were named: who falls silent
 * later was not meant. Not kept over a restart: then the plan is paused, and whoever lets it go on looks again.
 */
export function keptNames() {
  const kept = new Map<PlanId, readonly TypedForStep[]>();
  return {
    put: (id: PlanId, typed: readonly TypedForStep[]) => void kept.set(id, typed),
    /** What was typed for this guest, if these hosts are silent and all of them were meant; else null. */
    of(id: PlanId, guestId: string, silent: readonly string[]): string | null {
      const typed = kept.get(id)?.find((one) => one.guestId === guestId);
      const meant = silent.length > 0 && silent.every((one) => typed?.hosts.includes(one));
      return typed && meant ? typed.typedName : null;
    },
  };
}
