import { type WayToGo, withStops } from '../../../../electron/contract/diskTravel.ts';
import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Fleet, type Judged, judgeMoves, type Move, orderMoves } from '../../../../electron/contract/planning.ts';
import type { Verdict } from '../../../../electron/contract/problem.ts';
import type { Program } from '../../state/program.ts';

/** Guests on a host as they are now. */
export function guestsOn(program: Program, hostId: HostId): Guest[] {
  const { byId, keysOf } = program.mirror.guests.getState();
  return (keysOf.get(hostId) ?? []).flatMap((key) => byId.get(key) ?? []);
}

/** All hosts and guests as they are now. */
export function fleetOf(program: Program): Fleet {
  return { hosts: [...program.mirror.hosts.getState().byId.values()], guests: [...program.mirror.guests.getState().byId.values()] };
}

/** One of several guests on their way to a host. */
export type JudgedGuest = Judged & { guest: Guest };

/**
 * Several guests with what the rules say of each on that host, biggest first, each after those before it. Who is there already is left out.
 * `hows`: those that don't go straight.
 */
export function moveVerdicts(
  program: Program,
  keys: readonly GuestKey[],
  targetId: HostId,
  hows: ReadonlyMap<GuestKey, WayToGo> = new Map(),
): JudgedGuest[] {
  const { fleet, moves } = going(program, keys, targetId, hows);
  return judged(fleet, orderMoves(fleet, moves));
}

/**
 * As `moveVerdicts`, and what can't go as it is goes with a stop after the others, where it may: saved, else shut down. What hinders it from
 * running on the way is its first warning then.
 */
export function dropVerdicts(program: Program, keys: readonly GuestKey[], targetId: HostId): JudgedGuest[] {
  const { fleet, moves } = going(program, keys, targetId, new Map());
  const asTheyAre = judged(fleet, orderMoves(fleet, moves));
  const why = asTheyAre.map(({ verdict }) => (verdict.may ? null : verdict.because));
  const stopping = withStops.reduce((so, how) => {
    const next = so.map(({ move, guest, verdict }, at) => ({ ...move, guest, ...(why[at] && !verdict.may ? { how } : {}) }));
    return judged(fleet, next);
  }, asTheyAre);
  return stopping.map((one, at) => {
    const because = why[at];
    if (one.move.hostId === targetId) return { ...one, verdict: { may: true } }; // back to where it really is
    if (!because) return one;
    const warnings = [because, ...((one.verdict.may && one.verdict.warnings) || [])];
    return { ...one, verdict: one.verdict.may ? { may: true, warnings } : { may: false, because } };
  });
}

/** What the rules say of this guest on that host, with a stop if need be. Null: one of them is gone, or it is there. */
export function moveVerdict(program: Program, key: GuestKey, targetId: HostId): Verdict | null {
  return dropVerdicts(program, [key], targetId)[0]?.verdict ?? null;
}

type GuestMove = Move & { guest: Guest };

const judged = (fleet: Fleet, moves: readonly GuestMove[]): JudgedGuest[] =>
  judgeMoves(fleet, moves).judged.map(({ move, verdict }) => ({ move, verdict, guest: move.guest }));

/** The moves, and the hosts and guests that have a say in them. */
function going(program: Program, keys: readonly GuestKey[], targetId: HostId, hows: ReadonlyMap<GuestKey, WayToGo>) {
  const all = program.mirror.guests.getState().byId;
  const guests = keys.flatMap((key) => {
    const guest = all.get(key);
    // what is tried on a board is a move from where the guest really is
    return guest && guest.hostId !== targetId ? { ...guest, hostId: program.homeOf?.(key) ?? guest.hostId } : [];
  });
  const fleet = { hosts: [...program.mirror.hosts.getState().byId.values()], guests: [...guestsOn(program, targetId), ...guests] };
  const moves = guests.map((guest): GuestMove => {
    const { guestId, hostId, key } = guest;
    return { guest, guestId, hostId, targetHostId: targetId, how: hows.get(key) ?? 'straight' };
  });
  return { fleet, moves };
}
