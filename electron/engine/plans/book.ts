import { z } from 'zod';
import { waysToGo, withStops } from '../../contract/diskTravel.ts';
import type { Plan, PlanId } from '../../contract/plan.ts';
import { fail, type Problem, type ProblemOf } from '../../contract/problem.ts';
import { type EntityFeed, feedOf } from '../feedOf.ts';
import { openVersioned } from '../store/versioned.ts';
import type { World } from '../world.ts';

/** Problems as they were; which codes there are is the words' business. */
const problem = z.custom<Problem>((one) => typeof one === 'object' && one !== null && 'code' in one && 'effect' in one);

const notAsked = z.custom<ProblemOf<'guard.notAsked'>>((one) => problem.safeParse(one).data?.code === 'guard.notAsked');

const state = z.discriminatedUnion('is', [
  z.object({ is: z.literal('waiting'), notAsked: notAsked.exactOptional() }),
  z.object({ is: z.literal('checking'), since: z.number() }),
  z.object({ is: z.literal('moving'), taskId: z.string() }),
  z.object({ is: z.literal('done'), taskId: z.string().nullable() }),
  z.object({ is: z.literal('skipped') }),
  z.object({ is: z.literal('failed'), taskId: z.string().nullable(), problem }),
]);

const plan: z.ZodType<Plan> = z.object({
  id: z.string(),
  purpose: z.discriminatedUnion('is', [
    z.object({ is: z.literal('empty'), hostId: z.string() }),
    z.object({ is: z.literal('moves') }),
    z.object({ is: z.literal('back'), of: z.string() }),
  ]),
  state: z.enum(['draft', 'running', 'paused', 'ended']),
  steps: z.array(
    z.object({
      guestId: z.string(),
      uuid: z.string().nullable(),
      name: z.string(),
      memoryMiB: z.number(),
      runs: z.boolean().default(false), // of plans from before this was noted: not known
      hostId: z.string(),
      targetHostId: z.string(),
      how: z.enum(waysToGo),
      state,
    }),
  ),
  left: z.array(
    z.object({
      guestId: z.string(),
      name: z.string(),
      hostId: z.string(),
      withStop: z.array(z.object({ hostId: z.string(), how: z.enum(withStops) })),
      reasons: z.array(z.object({ hostId: z.string(), because: problem })),
    }),
  ),
  limitMiBPerS: z.number().nullable().default(null),
  madeAt: z.number(),
  pausedBy: z.enum(['operator', 'failure', 'notAsked', 'restart']).nullable(),
});

/** Version 1 knew one way with a stop: shut down here, started there. */
function fromBooleans(old: unknown): unknown {
  const plans = z.array(
    z.looseObject({
      steps: z.array(z.looseObject({ stops: z.boolean().default(false) })),
      left: z.array(z.looseObject({ withStop: z.array(z.string()).default([]) })),
    }),
  );
  return plans.parse(old).map((one) => ({
    ...one,
    steps: one.steps.map(({ stops, ...step }) => ({ ...step, how: stops ? 'stopped' : 'straight' })),
    left: one.left.map((left) => ({ ...left, withStop: left.withStop.map((hostId) => ({ hostId, how: 'stopped' })) })),
  }));
}

/** Ended plans that are kept; the oldest go. */
const KEPT = 30;

/** All plans, in plans.json: what is said of one is on disk before anything is done by it. */
export interface Book {
  feed: EntityFeed<Plan>;
  all(): Plan[];
  /** Problem: `plan.unknown`. */
  get(id: PlanId): Plan;
  /** Tells it, and resolves when it is on disk. Problems: `store.unwritable`, `store.newer`. */
  put(plan: Plan): Promise<void>;
  drop(id: PlanId): Promise<void>;
}

/** Opens plans.json. What was running when the program ended is paused: a program that is opened days later moves nothing by itself. */
export async function openBook(world: World): Promise<Book> {
  const file = await openVersioned<Plan[]>(world, {
    name: 'plans.json',
    version: 2,
    shape: z.array(plan),
    migrations: { 1: fromBooleans },
  });
  const plans = new Map<PlanId, Plan>();
  for (const one of file.stored ?? []) plans.set(one.id, one.state === 'running' ? { ...one, state: 'paused', pausedBy: 'restart' } : one);
  const all = () => [...plans.values()];
  const feed = feedOf<Plan>((one) => one.id, all);
  let last: Promise<void> = Promise.resolve();
  const save = () => {
    const mine = last.then(() => file.write(all()));
    last = mine.catch((thrown: unknown) => world.log('error', 'plans.unwritable', { why: String(thrown) }));
    return mine;
  };
  return {
    feed,
    all,
    get: (id) => plans.get(id) ?? fail('plan.unknown', { planId: id }),
    put(one) {
      plans.set(one.id, one);
      feed.put(one);
      const ended = all().filter((old) => old.state === 'ended');
      for (const old of ended.slice(0, Math.max(0, ended.length - KEPT))) {
        plans.delete(old.id);
        feed.gone(old.id);
      }
      return save();
    },
    drop(id) {
      plans.delete(id);
      feed.gone(id);
      return save();
    },
  };
}
