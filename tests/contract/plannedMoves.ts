import type { Plan, PlanStep } from '../../electron/contract/plan.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { Desk } from './desk.ts';

/** What tests of plans ask of a desktop, which may be another one after a restart, and of the simulated hosts. */
export function plannedMoves(desk: () => Desk, sims: () => readonly SimHost[]) {
  const planOf = (planId: string): Plan => {
    const plan = desk().plans.get(planId);
    if (!plan) throw new Error(`no plan ${planId}`);
    return plan;
  };
  return {
    planOf,
    stepOf(planId: string, name: string): PlanStep {
      const step = planOf(planId).steps.find((one) => one.name === name);
      if (!step) throw new Error(`no step of ${name}`);
      return step;
    },
    /** Labels of the simulated hosts on which a guest of this name runs: the truth. */
    runsOn: (name: string): string[] =>
      sims()
        .filter((host) => [...host.domains.values()].some((one) => one.config.name === name && one.runs))
        .map((one) => one.about.label),
    over: (planId: string) => desk().until('the plan’s end', () => planOf(planId).state === 'ended', 60_000),
  };
}
