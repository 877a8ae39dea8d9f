import type { Guest } from '../../contract/guest.ts';
import type { HostId } from '../../contract/host.ts';
import { isUnderWay, type Plan, type PlanStep } from '../../contract/plan.ts';
import { type Fleet, freeOf, guestOf, guestOfStep, isWithStop, type Move, memoryOfMove, verdictOf } from '../../contract/planning.ts';
import { type Problem, problem } from '../../contract/problem.ts';

/** Whose turn it is in a running plan. Pure. */

/** What becomes of a step now. Those that go on waiting are not told of. */
export type Turn = { at: number } & ({ is: 'begin' } | { is: 'there' } | { is: 'refused'; problem: Problem });

/** What else is going on. */
export interface Around {
  fleet: Fleet;
  /** All moves under way, of this plan, of others, and by hand. */
  underWay: readonly Move[];
  /** Pairs of hosts between which something moves. */
  busy: ReadonlySet<string>;
  /** Of those, the ones where the next may be looked at meanwhile. */
  ready: ReadonlySet<string>;
  /** Whether what is known of this host's memory is of after the last move. */
  isSettled(hostId: HostId): boolean;
}

/** Two hosts, whichever way. */
export function pairOf(a: HostId, b: HostId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/** Steps that begin, or end without beginning. The order holds within a pair of hosts, and for the memory of a target. */
export function turnsOf(plan: Plan, around: Around): Turn[] {
  const taken = new Set([...around.busy].filter((pair) => !around.ready.has(pair)));
  const hungry = new Set<HostId>(); // targets whose memory an earlier step waits for
  const turns: Turn[] = [];
  const short: Turn[] = [];
  let waits = 0;
  let now = around.underWay.reduce(reserve, around.fleet);
  plan.steps.forEach((step, at) => {
    if (step.state.is !== 'waiting') return;
    const pair = pairOf(step.hostId, step.targetHostId);
    if (taken.has(pair) || hungry.has(step.targetHostId)) return;
    const said = lookAt(step, now);
    if (said === 'wait') waits++;
    else if (said === 'begin') {
      taken.add(pair);
      now = reserve(now, step);
      turns.push({ at, is: 'begin' });
    } else if (said === 'there') turns.push({ at, is: 'there' });
    else if (said.code !== 'memory.short') turns.push({ at, is: 'refused', problem: said });
    else {
      // one that comes later and leaves this host may make room
      hungry.add(step.targetHostId);
      short.push({ at, is: 'refused', problem: said });
    }
  });
  const stirs = turns.length > 0 || waits > 0 || plan.steps.some(isUnderWay) || around.busy.size > 0;
  const [first] = short;
  const target = first && plan.steps[first.at]?.targetHostId;
  // nothing will make room any more: the first one that waits for it has waited in vain
  if (!stirs && first && target !== undefined && around.isSettled(target)) turns.push(first);
  return turns;
}

/** Takes the memory at the target; what the source will have back is not there yet. */
function reserve(fleet: Fleet, move: Move): Fleet {
  const guest = guestOf(fleet, move);
  // one that moves with a stop is halted on its way, and needs it when it is started there
  if (!guest || (guest.state === 'halted' && !isWithStop(move))) return fleet;
  const need = memoryOfMove(guest, move);
  const hosts = fleet.hosts.map((one) => (one.id === move.targetHostId ? { ...one, freeMemoryMiB: freeOf(one) - need } : one));
  return { ...fleet, hosts };
}

/** That a step's guest is on another host than its target; null: on none that is known. `is`: only one of which this is true. */
export function movedAway({ hosts, guests }: Fleet, step: PlanStep, is: (guest: Guest) => boolean = () => true): Problem | null {
  const isSame = (one: Guest) => one.guestId === step.guestId || (step.uuid !== null && one.uuid === step.uuid);
  const found = guests.find((one) => one.hostId !== step.targetHostId && one.leftover === null && isSame(one) && is(one));
  const where = hosts.find((one) => one.id === found?.hostId)?.label;
  return where === undefined ? null : problem('plan.movedAway', { name: step.name, where });
}

/** Of a step whose guest is not at its source any more: it is at its target as it should be, or what became of it. */
export function lookThere(step: PlanStep, fleet: Fleet): 'there' | Problem {
  const hostOf = (id: HostId) => fleet.hosts.find((one) => one.id === id);
  const there = guestOfStep(fleet.guests, step, step.targetHostId);
  if (!there) return movedAway(fleet, step) ?? problem('guest.unknown', { guest: step.name });
  if (!isDown(there)) return 'there';
  // only its config lies there; what a host without a link said last proves nothing
  const away = movedAway(fleet, step, (one) => !isDown(one) && hostOf(one.hostId)?.link.is === 'open');
  if (away) return away;
  const host = hostOf(step.targetHostId)?.label ?? '';
  if (isWithStop(step)) return problem('move.notStarted', { name: step.name, host, said: '' }, { effect: 'partial' });
  return step.runs ? problem('plan.notRunning', { name: step.name, host }, { effect: 'partial' }) : 'there';
}

const isDown = ({ state }: Guest): boolean => ['halted', 'crashed', 'shutdown', 'dying'].includes(state);

function lookAt(step: PlanStep, fleet: Fleet): 'begin' | 'there' | 'wait' | Problem {
  const host = (id: HostId) => fleet.hosts.find((one) => one.id === id);
  const source = host(step.hostId);
  const target = host(step.targetHostId);
  const unread = [source, target].some((one) => one && (one.link.is !== 'open' || one.seenAt === null));
  if (unread) return 'wait';
  if (!guestOf(fleet, step)) return lookThere(step, fleet);
  const verdict = verdictOf(fleet, step);
  if (verdict.may) return 'begin';
  return verdict.because.code === 'host.notOpen' || verdict.because.code === 'guest.busy' ? 'wait' : verdict.because;
}
