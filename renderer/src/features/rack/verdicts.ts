import type { Guest, GuestKey } from '../../../../electron/contract/guest.ts';
import type { HostId } from '../../../../electron/contract/host.ts';
import type { Verdict } from '../../../../electron/contract/problem.ts';
import { mayMigrate } from '../../../../electron/contract/rules.ts';
import type { Program } from '../../state/program.ts';

/** Guests on a host as they are now. */
export function guestsOn(program: Program, hostId: HostId): Guest[] {
  const { byId, keysOf } = program.mirror.guests.getState();
  return (keysOf.get(hostId) ?? []).flatMap((key) => byId.get(key) ?? []);
}

/** What the rule says of this guest on that host, by what the mirror knows. Null: one of them is gone. */
export function moveVerdict(program: Program, key: GuestKey, targetId: HostId): Verdict | null {
  const guest = program.mirror.guests.getState().byId.get(key);
  const hosts = program.mirror.hosts.getState().byId;
  const source = guest && hosts.get(guest.hostId);
  const target = hosts.get(targetId);
  return guest && source && target ? mayMigrate(guest, source, target, guestsOn(program, targetId)) : null;
}
