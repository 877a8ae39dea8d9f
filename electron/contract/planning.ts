import { type WayToGo, type WithStop, withStops } from './diskTravel.ts';
import type { Guest, GuestId } from './guest.ts';
import type { Host, HostId } from './host.ts';
import type { Left, PlanStep } from './plan.ts';
import { type Problem, problem, type Verdict } from './problem.ts';
import { asHalted, mayMigrate, mayMoveSaved, mayMoveStopped, memoryNeededMiB } from './rules.ts';

/**
 * Who goes where, and in what order. Pure: the engine plans with it, and the what-if board of the page is nothing else.
 * Every question of "may it?" is asked of `mayMigrate`, `mayMoveSaved` or `mayMoveStopped`, over hosts and guests as they would be after the moves before.
 */

/** Hosts and guests at one moment, real or thought. */
export interface Fleet {
  hosts: readonly Host[];
  guests: readonly Guest[];
}

/** One guest from a host to another. */
export interface Move {
  guestId: GuestId;
  hostId: HostId;
  targetHostId: HostId;
  /** Absent: straight. */
  how?: WayToGo;
}

const ruleOf = { straight: mayMigrate, saved: mayMoveSaved, stopped: mayMoveStopped };

/** Whether it stands still for more than a moment, so that it has to run. */
export const isWithStop = ({ how }: Pick<Move, 'how'>): boolean => how === 'saved' || how === 'stopped';

const hostOf = (fleet: Fleet, id: HostId) => fleet.hosts.find((one) => one.id === id);

/** The guest of a move, where the move takes it from. */
export function guestOf(fleet: Fleet, move: Pick<Move, 'guestId' | 'hostId'>): Guest | undefined {
  return fleet.guests.find((one) => one.hostId === move.hostId && one.guestId === move.guestId);
}

/** The guest of a plan's step where it stands on this host: by its id, by its UUID, and one that has none by its name. */
export function guestOfStep(guests: readonly Guest[], step: { guestId: GuestId; uuid: string | null; name: string }, hostId: HostId) {
  const there = guests.filter((one) => one.hostId === hostId && one.leftover === null);
  return (
    there.find((one) => one.guestId === step.guestId) ??
    there.find((one) => (step.uuid === null ? one.uuid === null && one.name === step.name : one.uuid === step.uuid))
  );
}

/** Whether a step's guest got to its target: it is done; or its move failed after that, when it is there and at its source no more. */
export function wentOver(guests: readonly Guest[], step: PlanStep): boolean {
  if (step.state.is === 'done') return true;
  const isAt = (hostId: HostId) => guestOfStep(guests, step, hostId) !== undefined;
  return step.state.is === 'failed' && isAt(step.targetHostId) && !isAt(step.hostId);
}

/** Free memory of a host as the rules see it, MiB. */
export function freeOf(host: Host): number {
  return host.freeMemoryMiB ?? host.facts?.freeMemoryMiB ?? 0;
}

/** What a move takes of its target's memory, MiB: one that is shut down starts anew there, by its config. */
export function memoryOfMove(guest: Guest, move: Pick<Move, 'how'>): number {
  return memoryNeededMiB(move.how === 'stopped' ? asHalted(guest) : guest);
}

/**
 * What the rules say of a move in this fleet. `guest.unknown`, `host.unknown`: it is about something that isn't there. `plan.stopHalted`: who
 * said "with a stop" counts on its running there, and it stands still.
 */
export function verdictOf(fleet: Fleet, move: Move): Verdict {
  const guest = guestOf(fleet, move);
  if (!guest) return { may: false, because: problem('guest.unknown', { guest: move.guestId }) };
  const source = hostOf(fleet, move.hostId);
  const target = hostOf(fleet, move.targetHostId);
  if (!source || !target) return { may: false, because: problem('host.unknown', { hostId: source ? move.targetHostId : move.hostId }) };
  if (isWithStop(move) && guest.state === 'halted') return { may: false, because: problem('plan.stopHalted', { name: guest.name }) };
  return ruleOf[move.how ?? 'straight'](
    guest,
    source,
    target,
    fleet.guests.filter((one) => one.hostId === target.id),
  );
}

/** Of a look at a move: what it says of the way that is meant. null: there is no such way, it does not run. */
export function wayOf<Way>(found: Way & Record<WithStop, Way | null>, how: WayToGo): Way | null {
  return how === 'straight' ? found : found[how];
}

/** The fleet after a move. What it frees is what it has, what it takes is what the rules want for it: never too little is counted. */
export function afterMove(fleet: Fleet, move: Move): Fleet {
  const guest = guestOf(fleet, move);
  if (!guest) return fleet;
  const runs = guest.state !== 'halted';
  const { hostId, targetHostId } = move;
  const change = (host: Host): Host => {
    if (!runs || (host.id !== hostId && host.id !== targetHostId)) return host;
    return { ...host, freeMemoryMiB: freeOf(host) + (host.id === hostId ? guest.memoryMiB : -memoryOfMove(guest, move)) };
  };
  const moved: Guest = { ...guest, hostId: targetHostId, key: `${targetHostId}/${guest.guestId}`, doing: null };
  return { hosts: fleet.hosts.map(change), guests: fleet.guests.map((one) => (one === guest ? moved : one)) };
}

/** A move with what the rules say of it when its turn comes. */
export interface Judged<M extends Move = Move> {
  move: M;
  verdict: Verdict;
}

/** Moves in their order, each judged after those before it that may. `after`: the fleet at the end. */
export function judgeMoves<M extends Move>(fleet: Fleet, moves: readonly M[]): { judged: Judged<M>[]; after: Fleet } {
  let after = fleet;
  const judged = moves.map((move) => {
    const verdict = verdictOf(after, move);
    if (verdict.may) after = afterMove(after, move);
    return { move, verdict };
  });
  return { judged, after };
}

/** An order in which these moves are possible, biggest first; what is possible at no time comes last. */
export function orderMoves<M extends Move>(fleet: Fleet, moves: readonly M[]): M[] {
  const sizeOf = (move: M) => {
    const guest = guestOf(fleet, move);
    return guest ? memoryOfMove(guest, move) : 0;
  };
  const waiting = [...moves].sort((a, b) => sizeOf(b) - sizeOf(a));
  const ordered: M[] = [];
  let now = fleet;
  for (;;) {
    const at = waiting.findIndex((move) => verdictOf(now, move).may);
    const [next] = at < 0 ? [] : waiting.splice(at, 1);
    if (!next) return [...ordered, ...waiting];
    ordered.push(next);
    now = afterMove(now, next);
  }
}

/** What a look at the hosts themselves said of a move; null: nothing against it. */
export type Refused = (move: Move) => Problem | null;

/** How a host is emptied. */
export interface Emptying {
  moves: Move[];
  left: Left[];
}

/**
 * Every guest of a host to another one: biggest first, to where it can come back from, then to where most memory stays free.
 * If something does not fit that way, or would have to stop, by packing tightly. `halted`: guests that don't run go too. `stops`: those
 * that no host takes while they run go with a stop.
 */
export function planEmpty(fleet: Fleet, hostId: HostId, how: { halted: boolean; stops: boolean; refused?: Refused }): Emptying {
  const { stops, refused = () => null } = how;
  const leaving = fleet.guests
    .filter((one) => one.hostId === hostId && (how.halted || one.state !== 'halted'))
    .sort((a, b) => Number(a.state === 'halted') - Number(b.state === 'halted') || sizeOrder(a, b));
  const spread = place(fleet, leaving, { stops, refused, tightly: false });
  const stopsIn = ({ moves }: Emptying) => moves.filter(isWithStop).length;
  if (spread.left.length === 0 && stopsIn(spread) === 0) return spread;
  const packed = place(fleet, leaving, { stops, refused, tightly: true });
  const fewer = packed.left.length - spread.left.length || stopsIn(packed) - stopsIn(spread);
  return fewer < 0 ? packed : spread;
}

const sizeOrder = (a: Guest, b: Guest) => memoryNeededMiB(b) - memoryNeededMiB(a) || (a.name < b.name ? -1 : 1);

interface Placing {
  stops: boolean;
  refused: Refused;
  tightly: boolean;
}

function place(fleet: Fleet, leaving: readonly Guest[], how: Placing): Emptying {
  const moves: Move[] = [];
  const left: Left[] = [];
  let now = fleet;
  for (const guest of leaving) {
    const ways = now.hosts
      .filter((one) => one.id !== guest.hostId)
      .map((one): Move => ({ guestId: guest.guestId, hostId: guest.hostId, targetHostId: one.id }));
    const asked = ways.map((move) => judge(now, move, how));
    const [live] = bestFirst(now, guest, asked, how);
    const [stopped] = live || !how.stops ? [] : withStop(now, guest, ways, how);
    const best = live ?? stopped;
    if (best) {
      moves.push(best);
      now = afterMove(now, best);
    } else left.push(leftBehind(now, guest, asked, how));
  }
  return { moves, left };
}

function judge(fleet: Fleet, move: Move, { refused }: Placing): Judged {
  const looked = refused(move);
  return { move, verdict: looked ? { may: false, because: looked } : verdictOf(fleet, move) };
}

/** The moves that may be, the best first. */
function bestFirst(fleet: Fleet, guest: Guest, asked: readonly Judged[], { tightly }: Placing): Move[] {
  const free = ({ move }: Judged) => {
    const target = hostOf(fleet, move.targetHostId);
    return target ? freeOf(target) : 0;
  };
  return asked
    .filter((one) => one.verdict.may)
    .sort((a, b) => rank(fleet, guest, b) - rank(fleet, guest, a) || (tightly ? 1 : -1) * (free(a) - free(b)))
    .map((one) => one.move);
}

/**
 * Those of these moves that may be with a stop, the best first: what runs in a guest that is saved goes on. Each host once; none of a guest
 * that does not run.
 */
function withStop(fleet: Fleet, guest: Guest, ways: readonly Move[], placing: Placing): (Move & { how: WithStop })[] {
  if (guest.state !== 'running' && guest.state !== 'blocked') return [];
  const all = withStops.flatMap((how) => {
    const asked = ways.map((move) => judge(fleet, { ...move, how }, placing));
    return bestFirst(fleet, guest, asked, placing).map((move) => ({ ...move, how }));
  });
  return all.filter((one, at) => all.findIndex((other) => other.targetHostId === one.targetHostId) === at);
}

/** A target it can come back from is better than one it can't (an older Xen takes nothing from a newer one); then one without a warning. */
function rank(fleet: Fleet, guest: Guest, { move, verdict }: Judged): number {
  const there = afterMove(fleet, move);
  // whether there is room is no question: it has room there now
  const roomy = {
    ...there,
    hosts: there.hosts.map((one) => (one.id === guest.hostId ? { ...one, freeMemoryMiB: Number.MAX_SAFE_INTEGER } : one)),
  };
  const returns = verdictOf(roomy, { ...move, hostId: move.targetHostId, targetHostId: guest.hostId }).may;
  return (returns ? 2 : 0) + (verdict.may && !verdict.warnings ? 1 : 0);
}

const plainly: Placing = { stops: false, refused: () => null, tightly: false };

/** A guest that no asked host takes, with what each says, and those that take it with a stop. */
export function leftBehind(fleet: Fleet, guest: Guest, asked: readonly Judged[], placing: Placing = plainly): Left {
  const reasons = asked.flatMap(({ move, verdict }) => (verdict.may ? [] : [{ hostId: move.targetHostId, because: verdict.because }]));
  const ways = asked.map((one) => one.move);
  const taking = withStop(fleet, guest, ways, placing).map((one) => ({ hostId: one.targetHostId, how: one.how }));
  return { guestId: guest.guestId, name: guest.name, hostId: guest.hostId, withStop: taking, reasons };
}

/** The way back of moves that were made: the last first. */
export function backwards(moves: readonly Move[]): Move[] {
  return moves
    .map(({ guestId, hostId, targetHostId, how }) => ({
      guestId,
      hostId: targetHostId,
      targetHostId: hostId,
      ...(how ? { how } : {}),
    }))
    .reverse();
}
