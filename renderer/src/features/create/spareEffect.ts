import type { Guest } from '../../../../electron/contract/guest.ts';
import type { Host, HostId } from '../../../../electron/contract/host.ts';
import { type PlannedGuest, type SpareCapacity, spareCapacity, spareWith } from '../../../../electron/contract/spareCapacity.ts';
import { type Known, memoryNeeded, type Values } from './values.ts';

/** What making a guest on a host does to the spare capacity of all connected hosts. */
export type SpareEffect =
  /** Whichever host fails, its guests fit elsewhere, before and after. */
  | { is: 'kept' }
  /** They fit now; if one of these failed afterwards, its guests would not. */
  | { is: 'lost'; hosts: HostId[] }
  /** If one of these fails, its guests don't fit, now as well. */
  | { is: 'wasShort'; hosts: HostId[] }
  /** No other host could take over, now as well. */
  | { is: 'alone' };

/** Asks for each host what the choice of it does. Reckons what is known now once, then for each host only what it changes. */
export function spareEffects(values: Values, known: Known): (host: Host) => SpareEffect {
  const byHost = new Map<HostId, Guest[]>(known.hosts.map((host) => [host.id, []]));
  for (const guest of known.guests) byHost.get(guest.hostId)?.push(guest);
  const guestsOn = (id: HostId) => byHost.get(id) ?? [];
  const before = spareCapacity(known.hosts, guestsOn);
  const planned = { name: values.name, type: values.type, neededMiB: memoryNeeded(values) };
  return (host) => {
    const here: PlannedGuest = { ...planned, hostId: host.id, bridges: bridgesOn(values, host) };
    return effectOf(known.hosts, before, spareWith(known.hosts, guestsOn, before, here));
  };
}

/** The bridge is chosen again on another host, unless it is there too. */
function bridgesOn({ bridge }: Values, { facts }: Host): string[] {
  const own = facts?.bridges ?? [];
  const taken = own.find((one) => one.name === bridge) ?? (bridge === '' ? undefined : (own.find((one) => one.up) ?? own[0]));
  return taken ? [taken.name] : [];
}

type Spares = ReadonlyMap<HostId, SpareCapacity>;
function effectOf(hosts: readonly Host[], before: Spares, after: Spares): SpareEffect {
  const open = hosts.filter((host) => host.link.is === 'open').map((host) => host.id);
  const fits = (spares: Spares, id: HostId) => ['fits', 'idle'].includes(spares.get(id)?.is ?? '');
  const short = open.filter((id) => !fits(after, id));
  if (short.length === 0) return { is: 'kept' };
  if (short.every((id) => after.get(id)?.is === 'alone')) return { is: 'alone' };
  const lost = short.filter((id) => fits(before, id));
  return lost.length > 0 ? { is: 'lost', hosts: lost } : { is: 'wasShort', hosts: short };
}
