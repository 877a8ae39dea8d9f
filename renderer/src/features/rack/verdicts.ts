import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import { type Fleet, type Judged, judgeMoves, orderMoves } from '../../../../electron/contract/planning.ts';
import type { Verdict } from '../../../../electron/contract/problem.ts';
import { mayMigrate, mayMoveStopped } from '../../../../electron/contract/rules.ts';
import type { Program } from '../../state/program.ts';

/** Guests on a host as they are now. */
export function guestsOn(program: Program, hostId: HostId): Guest[] {
  const { byId, keysOf } = program.mirror.guests.getState();
  return (keysOf.get(hostId) ?? []).flatMap((key) => byId.get(key) ?? []);
}

/**
 * What the rule says of this guest on that host, by what the mirror knows. Null: one of them is gone. What hinders only a live move is a
 * warning: it may go with a stop.
 */
export function moveVerdict(program: Program, key: GuestKey, targetId: HostId): Verdict | null {
  const guest = program.mirror.guests.getState().byId.get(key);
  const hosts = program.mirror.hosts.getState().byId;
  const source = guest && hosts.get(guest.hostId);
  const target = hosts.get(targetId);
  if (!guest || !source || !target) return null;
  const others = guestsOn(program, targetId);
  const verdict = mayMigrate(guest, source, target, others);
  if (verdict.may || !mayMoveStopped(guest, source, target, others).may) return verdict;
  return { may: true, warnings: [verdict.because] };
}

/** All hosts and guests as they are now. */
export function fleetOf(program: Program): Fleet {
  return { hosts: [...program.mirror.hosts.getState().byId.values()], guests: [...program.mirror.guests.getState().byId.values()] };
}

/**
 * Several guests with what the rules say of each on that host, biggest first, each after those before it. Who is there already is left out.
 * `stopping`: those that go with a stop.
 */
export function moveVerdicts(
  program: Program,
  keys: readonly GuestKey[],
  targetId: HostId,
  stopping: ReadonlySet<GuestKey> = new Set(),
): (Judged & { guest: Guest })[] {
  const all = program.mirror.guests.getState().byId;
  const going = keys.flatMap((key) => all.get(key) ?? []).filter((one) => one.hostId !== targetId);
  // no other guest has a say in it
  const fleet = { hosts: [...program.mirror.hosts.getState().byId.values()], guests: [...guestsOn(program, targetId), ...going] };
  const moves = going.map((guest) => {
    const { guestId, hostId, key } = guest;
    return { guest, guestId, hostId, targetHostId: targetId, stops: stopping.has(key) };
  });
  return judgeMoves(fleet, orderMoves(fleet, moves)).judged.map(({ move, verdict }) => ({ move, verdict, guest: move.guest }));
}
