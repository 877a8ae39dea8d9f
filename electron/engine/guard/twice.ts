import type { Guest, GuestKey } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import { diskIdentity } from '../guests/safety.ts';

/**
 * Guests that run although another one that runs is the same, or writes to the same disk: somebody typed `xl create` on another host,
 * say. Pure. Hosts that are not connected say nothing of now; what is being moved stands at both ends for a moment.
 */
export function runningTwice(hosts: readonly Host[], guests: readonly Guest[]): Map<GuestKey, Problem> {
  const open = new Map<HostId, Host>(hosts.filter((host) => host.link.is === 'open').map((host) => [host.id, host]));
  const users = new Map<string, { guest: Guest; host: Host; written: boolean }[]>();
  for (const guest of guests) {
    const host = open.get(guest.hostId);
    if (!host || !runs(guest)) continue;
    const disks = ((guest.live ?? guest.config?.shape)?.disks ?? []).flatMap((disk) => diskIdentity(disk, host, hosts) ?? []);
    const self = guest.uuid ? [{ id: `uuid:${guest.uuid}`, written: true }] : [];
    for (const { id, written } of [...self, ...disks]) users.set(id, [...(users.get(id) ?? []), { guest, host, written }]);
  }
  const found = new Map<GuestKey, Problem>();
  for (const those of users.values()) {
    for (const one of those) {
      const other = those.find((two) => two.guest.key !== one.guest.key && (one.written || two.written));
      if (!other || found.has(one.guest.key)) continue;
      const where = other.host.label || other.host.address;
      found.set(one.guest.key, problem('guard.twice', { name: one.guest.name, other: other.guest.name, where }));
    }
  }
  return found;
}

const runs = (guest: Guest): boolean =>
  guest.state !== 'halted' && guest.state !== 'dying' && guest.state !== 'shutdown' && guest.leftover === null && guest.doing === null;
