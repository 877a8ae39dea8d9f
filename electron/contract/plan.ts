import { z } from 'zod';
import { type WayToGo, type WithStop, waysToGo } from './diskTravel.ts';
import type { GuestId } from './guest.ts';
import type { HostId } from './host.ts';
import type { Problem, ProblemOf } from './problem.ts';
import type { TaskId } from './task.ts';

/** Several moves, one after another. A plan is data: it can be read, changed and kept before anything of it happens. */
export type PlanId = string;

/** How far one move of a plan is. */
export type StepState =
  /** `notAsked`: its turn had come, and hosts could not be asked whether its guest runs there too. */
  | { is: 'waiting'; notAsked?: ProblemOf<'guard.notAsked'> }
  /** Its turn has come: the hosts are looked at once more, and the move is begun. `since`: ms since 1970. */
  | { is: 'checking'; since: number }
  | { is: 'moving'; taskId: TaskId }
  /** `taskId` null: it was found at its target already. */
  | { is: 'done'; taskId: TaskId | null }
  /** The operator left it out. */
  | { is: 'skipped' }
  /** `taskId` null: refused before anything began. */
  | { is: 'failed'; taskId: TaskId | null; problem: Problem };

/** One guest's move. */
export interface PlanStep {
  guestId: GuestId;
  /** Knows it again where its config had none of its own; null: it had none at all. */
  uuid: string | null;
  /** As it was called when the plan was made. */
  name: string;
  memoryMiB: number;
  /** It ran when the plan was made: so it shall at its target. */
  runs: boolean;
  hostId: HostId;
  targetHostId: HostId;
  /** One that goes with a stop has to run when its turn comes: nobody would start it there. */
  how: WayToGo;
  state: StepState;
}

/** A guest that stays, and why. */
export interface Left {
  guestId: GuestId;
  name: string;
  hostId: HostId;
  /** Hosts that take it with a stop though none takes it while it runs, and which stop, the best first; none: nobody takes it at all. */
  withStop: { hostId: HostId; how: WithStop }[];
  /** What each host says against it. */
  reasons: { hostId: HostId; because: Problem }[];
}

/**
 * - draft: nothing has begun
 * - running: moves begin by themselves, one at a time between two hosts
 * - paused: no further move begins; those under way go on to their end
 * - ended: nothing of it waits any more
 */
export type PlanState = 'draft' | 'running' | 'paused' | 'ended';

/** What a plan is for. `back`: the way back of what another plan did. */
export type PlanPurpose = { is: 'empty'; hostId: HostId } | { is: 'moves' } | { is: 'back'; of: PlanId };

/** A plan with all that is known of it. Times: ms since 1970. */
export interface Plan {
  id: PlanId;
  purpose: PlanPurpose;
  state: PlanState;
  /** In the order in which they begin. */
  steps: PlanStep[];
  left: Left[];
  /** What copied disks of each of its moves may take of the line; null: as fast as it goes. */
  limitMiBPerS: number | null;
  madeAt: number;
  /** Why it is paused: by the operator, by a move that failed, by hosts that could not be asked, or because the program was started anew. */
  pausedBy: 'operator' | 'failure' | 'notAsked' | 'restart' | null;
}

/** A step as the operator wants it. */
export const stepInput = z.strictObject({
  hostId: z.string(),
  guestId: z.string(),
  targetHostId: z.string(),
  leftOut: z.boolean().default(false),
  how: z.enum(waysToGo).default('straight'),
});
export type StepInput = z.infer<typeof stepInput>;

/** The operator made sure that a guest of a plan does not run on hosts that can't be asked. */
export const typedForStep = z.strictObject({
  guestId: z.string(),
  /** Its name, typed. */
  typedName: z.string().max(300),
  /** Those hosts, as `guard.notAsked` names them: nothing is said of others. */
  hosts: z.array(z.string()).max(1000),
});
export type TypedForStep = z.infer<typeof typedForStep>;

/** Whether this step has not begun, so that it may still be changed. */
export function isOpen(step: PlanStep): boolean {
  return step.state.is === 'waiting' || step.state.is === 'skipped' || step.state.is === 'failed';
}

/** Whether this step is under way. */
export function isUnderWay(step: PlanStep): boolean {
  return step.state.is === 'checking' || step.state.is === 'moving';
}
