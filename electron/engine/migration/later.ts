import type { Guest } from '../../contract/guest.ts';
import { isMoveOf } from '../../contract/guestIdentity.ts';
import { fail, type NotBegun, notBegun, ProblemError, problem, problemOf, type Verdict } from '../../contract/problem.ts';
import { memoryNeededMiB } from '../../contract/rules.ts';
import type { Task } from '../../contract/task.ts';
import { hinderedLater, type Transport } from '../../contract/transport.ts';
import type { Tasks } from '../parts.ts';
import { cancelJob } from '../remote/jobs.ts';
import doorText from '../remote/programs/move-door.sh?raw';
import knockText from '../remote/programs/move-knock.sh?raw';
import type { World } from '../world.ts';
import type { MoveAnswer } from './checks.ts';
import { look } from './ends.ts';
import type { Following } from './follow.ts';
import { openLink } from './links.ts';
import type { MigrationParts } from './needs.ts';

/**
 * A move that waits for its time at its hosts (docs/decisions/0036). Both count the seconds until then by themselves, so that no clock
 * matters but the one of the desktop on which the time was chosen.
 */

const MINUTE_MS = 60_000;
const LATEST_MS = 7 * 24 * 3600 * 1000;
/** The target lets the source knock this much earlier: the two count from different moments. */
const DOOR_BEFORE_S = 120;

/** Throws why a move can't be made to wait for this time. */
export function refuseTime(
  { world, limits }: Pick<MigrationParts, 'world' | 'limits'>,
  guest: Guest,
  { at, transport, stop }: { at: number; transport: Transport | null; stop: boolean },
): void {
  const ahead = at - world.clock.now();
  if (guest.state === 'halted') fail('move.notRunning', { name: guest.name });
  if (stop) fail('move.laterStopped', {});
  refuseWay(transport);
  if (ahead < limits.soonestMoveMs || ahead > LATEST_MS) fail('move.badTime', {});
}

/** Throws where it would go by a way that needs this desktop. */
export function refuseWay(transport: Transport | null): void {
  const why = hinderedLater(transport);
  if (why) throw new ProblemError(why);
}

/** Throws when a move of this guest waits for its time: it would find the guest gone. */
export function refuseSecond(tasks: Tasks, guest: Guest): void {
  const waits = tasks.all().find((one) => !one.outcome && one.startsAt !== undefined && isMoveOf(one, guest));
  if (waits) fail('move.scheduled', { name: guest.name, at: waits.startsAt ?? null });
}

/** What a move needs to wait. */
export interface Later {
  /** Until then, seconds from now. */
  seconds: () => number;
  /** Paths of disks that both hosts see. */
  shared: readonly string[];
  /** Files for the target's folder. */
  files: [string, string][];
}

/** When the target lets the source knock. */
export const doorSeconds = ({ seconds }: Later): number => Math.max(0, seconds() - DOOR_BEFORE_S);

/** For the time that was chosen, from what the look beforehand found. */
export function laterOf(world: World, at: number, guest: Guest, { travel, inactive }: MoveAnswer): Later {
  const shared = travel.flatMap((one) => (one.travels === 'shared' ? [one.path] : []));
  const files: [string, string][] = [
    ['door', doorText],
    ['knock', knockText],
    ['name', `${guest.name}\n`],
    ['needs', `${memoryNeededMiB(guest)}\n`],
    ['volumes', inactive.map((one) => `${one}\n`).join('')],
  ];
  return { seconds: () => Math.max(0, Math.round((at - world.clock.now()) / 1000)), shared, files };
}

const cancelling: Verdict = { may: false, because: problem('task.notCancellable', {}) };
/** How often a waiting move is looked at, ms: somebody else may cancel it, its host may be booted. */
const LOOK_MS = MINUTE_MS;
/** And when its time is near. */
const NEAR_MS = 2000;

/** Returns when the waiting is over: it moves, or has ended, or somebody cancelled. Nothing is held up meanwhile, no channel is in use. */
export async function untilItsTime({ world, hosts, hand, sourceId, about }: Omit<Following, 'observation'>): Promise<void> {
  const { at } = about;
  if (at === undefined) return;
  hand.tell({ phase: 'scheduled', mayCancel: { may: true }, progress: null });
  for (;;) {
    try {
      const seen = await look(await openLink(hosts, sourceId), hand.id, about.uuid);
      if (seen.job !== 'running' || (seen.phase !== null && seen.phase !== 'waiting')) return;
    } catch (thrown) {
      if (problemOf(thrown).code === 'host.unknown') throw thrown;
      if (!(thrown instanceof ProblemError)) throw thrown;
      // the link is lost: it is waited for, above
    }
    const left = at - world.clock.now();
    await untilWoken({ world, hosts, sourceId, signal: hand.signal }, left > LOOK_MS ? LOOK_MS : Math.max(left, NEAR_MS));
    if (!hand.signal.aborted) continue;
    hand.tell({ mayCancel: cancelling });
    await cancelJob(await openLink(hosts, sourceId), hand.id);
    return;
  }
}

/** Some time, or until somebody cancels, or the source's link opens anew: it may have been booted. */
function untilWoken(
  { world, hosts, sourceId, signal }: Pick<Following, 'world' | 'hosts' | 'sourceId'> & { signal: AbortSignal },
  ms: number,
): Promise<void> {
  return new Promise((resolve) => {
    const undo = [world.clock.after(ms, wake)];
    function wake(): void {
      for (const one of undo) one();
      signal.removeEventListener('abort', wake);
      resolve();
    }
    if (signal.aborted) return wake();
    signal.addEventListener('abort', wake, { once: true });
    let known = true; // what is open now was looked at just before
    undo.push(
      hosts.onOpen((open) => {
        if (!known && open.hostId === sourceId) wake();
        return () => {};
      }),
    );
    known = false;
  });
}

/** Why it did not begin, in the words of its programs; null: it did. */
export function notBegunOf(lines: readonly string[]): { why: NotBegun; said: string } | null {
  for (const line of lines) {
    const [, word = '', said = ''] = /^xenferry: later (\w+) ?(.*)$/.exec(line) ?? [];
    const why = notBegun.find((one) => one === word);
    if (why) return { why, said };
  }
  return null;
}

/** A task that this program knew before it was ended, of which its host may know more. */
export const wasInterrupted = ({ outcome }: Task): boolean =>
  outcome?.is === 'unknown' && (outcome.problem.code === 'task.interrupted' || outcome.problem.code === 'task.scheduled');
