import pLimit from 'p-limit';
import type { Check } from '../../contract/creation.ts';
import { type WayToGo, waysToGo } from '../../contract/diskTravel.ts';
import type { Guest } from '../../contract/guest.ts';
import type { HostId } from '../../contract/host.ts';
import type { Left, Plan, PlanStep } from '../../contract/plan.ts';
import {
  backwards,
  type Emptying,
  type Fleet,
  guestOf,
  guestOfStep,
  judgeMoves,
  leftBehind,
  type Move,
  orderMoves,
  planEmpty,
  wayOf,
  wentOver,
} from '../../contract/planning.ts';
import { type Problem, problem, problemOf } from '../../contract/problem.ts';
import { hostsNotAsked } from '../guests/safety.ts';
import type { PlanParts } from './needs.ts';
import { movedAway } from './turns.ts';

/** Plans as they are first proposed. Nothing is changed anywhere. */

/** Looks at a time: each asks both hosts a dozen things, and their guests want the processor too. */
const LOOKS_AT_ONCE = 2;

export const fleetOf = ({ hosts, guests }: Pick<PlanParts, 'hosts' | 'guests'>): Fleet => ({ hosts: hosts.all(), guests: guests.all() });

/** A step that waits. */
export function stepOf(guest: Guest, targetHostId: HostId, how: WayToGo = 'straight'): PlanStep {
  const { guestId, uuid, name, memoryMiB, hostId, state } = guest;
  return { guestId, uuid, name, memoryMiB, runs: state !== 'halted', hostId, targetHostId, how, state: { is: 'waiting' } };
}

/** What a look found against a move: a refusal before anything that could only not be asked. */
export function whyNot(checks: readonly Check[], name: string): Problem | null {
  const bad = checks.filter((one) => one.verdict === 'bad').map((one) => one.problem ?? problem('guest.unknown', { guest: name }));
  return bad.find((one) => one.code !== 'command.timedOut') ?? bad[0] ?? null;
}

/** Hosts that can't be asked whether the guest runs there: by what a look found, and by how they are now, which may be later. */
export function silentFor({ hosts }: Pick<PlanParts, 'hosts'>, checks: readonly Check[]): string[] {
  const found = checks.flatMap(({ problem: why }) => (why?.code === 'guard.notAsked' ? why.hosts : []));
  return [...new Set([...hostsNotAsked(hosts.all()), ...found])];
}

/**
 * Who goes where when a host is emptied. What the mirror can't know (whether disks are there too) is looked for on the hosts;
 * a guest that is refused by the host it was meant for is planned anew.
 */
export async function draftEmpty(
  parts: PlanParts,
  { hostId, halted, stops }: { hostId: HostId; halted: boolean; stops: boolean },
  signal: AbortSignal,
): Promise<Emptying> {
  /** By move: what the look said, null where nothing. */
  const seen = new Map<string, Problem | null>();
  const keyOf = ({ guestId, targetHostId, how = 'straight' }: Move) => `${guestId} ${targetHostId} ${how}`;
  const turn = pLimit(LOOKS_AT_ONCE);
  const look = async (move: Move) => {
    signal.throwIfAborted();
    const { guestId, targetHostId } = move;
    const asked = { guestId, hostId: move.hostId, targetHostId, transport: null, places: {}, formats: {} };
    const whyNotSo = await parts.migration.handlers['migration.check'](asked, signal).then(
      (found) => (how: WayToGo) => whyNot(wayOf(found, how)?.checks ?? [], guestId),
      (thrown: unknown) => () => problemOf(thrown),
    );
    for (const how of waysToGo) {
      const why = whyNotSo(how);
      // a host that is slow to answer has refused nobody: it is looked at once more when the turn of this move comes
      seen.set(keyOf({ ...move, how }), why?.code === 'command.timedOut' ? null : why);
    }
  };
  for (;;) {
    const draft = planEmpty(fleetOf(parts), hostId, { halted, stops, refused: (move) => seen.get(keyOf(move)) ?? null });
    const unseen = draft.moves.filter((move) => !seen.has(keyOf(move)));
    if (unseen.length === 0) return draft;
    await Promise.all(unseen.map((move) => turn(() => look(move))));
    signal.throwIfAborted();
  }
}

/** The way back of what a plan did, also of those that got there and do not run: the last first, where memory allows it. */
export function draftBack(fleet: Fleet, plan: Plan): { steps: PlanStep[]; left: Left[] } {
  const left: Left[] = [];
  const found: Move[] = [];
  for (const way of backwards(plan.steps.filter((one) => wentOver(fleet.guests, one)))) {
    const step = plan.steps.find((one) => one.guestId === way.guestId && one.targetHostId === way.hostId);
    const guest = step && guestOfStep(fleet.guests, step, step.targetHostId);
    // one that was shut down since goes back as it is
    if (guest) found.push({ ...way, guestId: guest.guestId, how: guest.state === 'halted' ? 'straight' : (way.how ?? 'straight') });
    else if (step) left.push(goneFrom(fleet, step));
  }
  const straight = judgeMoves(fleet, found);
  const cramped = straight.judged.some((one) => !one.verdict.may && one.verdict.because.code === 'memory.short');
  const judged = cramped ? judgeMoves(fleet, orderMoves(fleet, found)) : straight;
  const steps: PlanStep[] = [];
  for (const one of judged.judged) {
    const guest = guestOf(fleet, one.move);
    if (!guest) continue;
    if (one.verdict.may) steps.push(stepOf(guest, one.move.targetHostId, one.move.how));
    else left.push(leftBehind(judged.after, guest, [one]));
  }
  return { steps, left };
}

function goneFrom(fleet: Fleet, step: PlanStep): Left {
  const because = movedAway(fleet, step) ?? problem('guest.unknown', { guest: step.name });
  return { guestId: step.guestId, name: step.name, hostId: step.targetHostId, withStop: [], reasons: [{ hostId: step.hostId, because }] };
}
