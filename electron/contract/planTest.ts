import type { Plan, PlanStep } from './plan.ts';

/** Made-up plans for tests. */

/** From host a to host b; it runs, and waits for its turn. */
export const madeStep = (name: string, more: Partial<PlanStep> = {}): PlanStep => ({
  guestId: name,
  uuid: name,
  name,
  memoryMiB: 1024,
  runs: true,
  hostId: 'a',
  targetHostId: 'b',
  how: 'straight',
  state: { is: 'waiting' },
  ...more,
});

/** Of emptying host a. */
export const madePlan = (more: Partial<Plan> = {}): Plan => ({
  id: 'p',
  purpose: { is: 'empty', hostId: 'a' },
  state: 'draft',
  steps: [],
  left: [],
  limitMiBPerS: null,
  madeAt: 1_700_000_000_000,
  pausedBy: null,
  ...more,
});
