import type { Guest, GuestKey } from './guest.ts';
import type { GuestType, Host, HostId } from './host.ts';
import { mayChangeHost, memoryNeededMiB } from './rules.ts';

/**
 * If a host failed now: would its running guests find room on the others? Pure; knows what the mirror knows, which is memory, guest
 * types and bridges. Whether their disks can be reached from there is not known here.
 */
export type SpareCapacity =
  /** No guest runs there: nothing would be missing. */
  | { is: 'idle' }
  /** `on`: what they would take of each host, MiB. */
  | { is: 'fits'; on: ReadonlyMap<HostId, number> }
  /** No other host is connected and may be changed. */
  | { is: 'alone' }
  /** `left`: who would stay without a host, largest first; `shortMiB`: memory missing for those that only memory stops. */
  | { is: 'short'; left: LeftOut[]; shortMiB: number };

/** A guest without room elsewhere, and why: all others counted in, no host has the memory, the type, the bridge; or it holds a device of its host. */
export interface LeftOut {
  key: GuestKey;
  name: string;
  because: { is: 'memory'; shortMiB: number } | { is: 'type'; type: GuestType } | { is: 'bridge'; bridge: string } | { is: 'devices' };
}

/** A guest that does not exist yet, counted as if it ran on that host. */
export interface PlannedGuest {
  hostId: HostId;
  name: string;
  /** With what Xen needs for its tables, MiB. */
  neededMiB: number;
  type: GuestType;
  bridges: string[];
}

type GuestsOn = (hostId: HostId) => readonly Guest[];

/** Spare capacity of every host, with all guests as they are. */
export function spareCapacity(hosts: readonly Host[], guestsOn: GuestsOn): Map<HostId, SpareCapacity> {
  const rack = rackOf(hosts, null);
  return new Map(hosts.map(({ id }) => [id, spareOf(id, guestsOn(id), rack)]));
}

/**
 * The same with one guest more. Only hosts that can have become worse are looked at again: its own, and those whose guests would
 * have taken that memory. (Who was short before stays as it was said.)
 */
export function spareWith(
  hosts: readonly Host[],
  guestsOn: GuestsOn,
  before: ReadonlyMap<HostId, SpareCapacity>,
  planned: PlannedGuest,
): Map<HostId, SpareCapacity> {
  const rack = rackOf(hosts, planned);
  const free = rack.rooms.find((room) => room.hostId === planned.hostId)?.freeMiB ?? 0;
  const after = new Map(before);
  for (const [id, spare] of before) {
    const loses = spare.is === 'fits' && (spare.on.get(planned.hostId) ?? 0) > free;
    if (id === planned.hostId || loses) after.set(id, spareOf(id, guestsOn(id), rack));
  }
  return after;
}

/** What all hosts offer. */
interface Rack {
  /** The roomiest first. */
  rooms: Room[];
  kinds: Kind[];
  planned: PlannedGuest | null;
  mostTries: number;
}

function rackOf(hosts: readonly Host[], planned: PlannedGuest | null): Rack {
  const kinds: Kind[] = [];
  const rooms = hosts.filter((host) => mayChangeHost(host).may).map((host) => roomOf(host, planned, kinds));
  rooms.sort((a, b) => b.freeMiB - a.freeMiB);
  return { rooms, kinds, planned, mostTries: Math.max(200, Math.min(5000, 20_000 / hosts.length)) };
}

function spareOf(id: HostId, guests: readonly Guest[], { rooms, kinds, planned, mostTries }: Rack): SpareCapacity {
  const needs = guests.flatMap((guest) => (counts(guest) ? [needOf(guest)] : []));
  if (planned?.hostId === id) needs.push({ ...planned, key: `${id}/`, devices: false });
  if (needs.length === 0) return { is: 'idle' };
  const others = rooms.filter((room) => room.hostId !== id);
  if (others.length === 0) return { is: 'alone' };
  needs.sort((a, b) => b.neededMiB - a.neededMiB);
  const loads = needs.map((need): Load => ({ ...need, takenBy: new Set(kinds.filter((kind) => takes(kind, need))) }));
  return fitElsewhere(loads, others, mostTries);
}

/** A domain that serves somebody: not the half of a move, and not one that has ended. */
const counts = ({ state, leftover }: Guest): boolean =>
  leftover === null && (state === 'running' || state === 'blocked' || state === 'paused');

/** Hosts of one kind can take the same guests; a rack has few kinds. */
interface Kind {
  types: readonly GuestType[];
  bridges: readonly string[];
}
interface Room {
  hostId: HostId;
  freeMiB: number;
  kind: Kind;
}
interface Need {
  key: GuestKey;
  name: string;
  neededMiB: number;
  type: GuestType | null;
  bridges: readonly string[];
  devices: boolean;
}
type Load = Need & { takenBy: ReadonlySet<Kind> };

function roomOf(host: Host, planned: PlannedGuest | null, kinds: Kind[]): Room {
  const kind: Kind = { types: host.facts?.types ?? [], bridges: (host.facts?.bridges ?? []).map((one) => one.name).sort() };
  const known = kinds.find((one) => one.types.join() === kind.types.join() && one.bridges.join() === kind.bridges.join());
  if (!known) kinds.push(kind);
  const taken = planned?.hostId === host.id ? planned.neededMiB : 0;
  const freeMiB = Math.max(0, (host.freeMemoryMiB ?? host.facts?.freeMemoryMiB ?? 0) - taken);
  return { hostId: host.id, freeMiB, kind: known ?? kind };
}

function needOf(guest: Guest): Need {
  const shape = guest.live ?? guest.config?.shape;
  const bridges = (shape?.nics ?? []).map((nic) => nic.bridge ?? 'xenbr0');
  const { key, name, type } = guest;
  return { key, name, type, bridges, neededMiB: memoryNeededMiB(guest), devices: shape?.passthrough ?? false };
}

const runs = (kind: Kind, { type }: Need): boolean => type === null || kind.types.includes(type);
const takes = (kind: Kind, need: Need): boolean =>
  !need.devices && runs(kind, need) && need.bridges.every((bridge) => kind.bridges.includes(bridge));

/** First fit, the largest first; where that leaves somebody out, other ways are tried before it is said. `rooms`: the roomiest first. */
function fitElsewhere(loads: readonly Load[], rooms: readonly Room[], mostTries: number): SpareCapacity {
  const free = rooms.map((room) => room.freeMiB);
  const without = loads.filter((load) => {
    const at = firstFit(load, rooms, free);
    if (at >= 0) free[at] = (free[at] ?? 0) - load.neededMiB;
    return at < 0;
  });
  const placed = without.length === 0 ? free : fitsSomehow(loads, rooms, mostTries);
  if (placed) return { is: 'fits', on: new Map(rooms.map((room, at) => [room.hostId, room.freeMiB - (placed[at] ?? 0)])) };
  const left = without.map((load): LeftOut => ({ key: load.key, name: load.name, because: reasonFor(load, rooms, free) }));
  return { is: 'short', left, shortMiB: left.reduce((sum, { because }) => sum + (because.is === 'memory' ? because.shortMiB : 0), 0) };
}

function firstFit(load: Load, rooms: readonly Room[], free: readonly number[]): number {
  const at = rooms.findIndex(
    (room, nth) => room.freeMiB < load.neededMiB || ((free[nth] ?? 0) >= load.neededMiB && load.takenBy.has(room.kind)),
  );
  return (free[at] ?? 0) >= load.neededMiB ? at : -1; // too small: and so are all that follow
}

/** Why this one has no room. Short memory is counted against the roomiest host, which then is full. */
function reasonFor(load: Load, rooms: readonly Room[], free: number[]): LeftOut['because'] {
  if (load.devices) return { is: 'devices' };
  let best = -1;
  rooms.forEach((room, at) => {
    if (load.takenBy.has(room.kind) && (best < 0 || (free[at] ?? 0) > (free[best] ?? 0))) best = at;
  });
  if (best < 0) {
    const typed = rooms.filter((room) => runs(room.kind, load));
    if (load.type !== null && typed.length === 0) return { is: 'type', type: load.type };
    const nowhere = (bridge: string) => typed.every((room) => !room.kind.bridges.includes(bridge));
    const bridge = load.bridges.find(nowhere) ?? load.bridges.find((one) => !typed[0]?.kind.bridges.includes(one)) ?? '';
    return { is: 'bridge', bridge };
  }
  const shortMiB = load.neededMiB - (free[best] ?? 0);
  free[best] = 0;
  return { is: 'memory', shortMiB };
}

/**
 * Looks for any way to place all: what is free then; null: none. Usually answered by a sum; else by trying, without what can't make a difference. After
 * `mostTries` it counts as short: too careful rather than too slow.
 */
function fitsSomehow(loads: readonly Load[], rooms: readonly Room[], mostTries: number): number[] | null {
  const free = rooms.map((room) => room.freeMiB);
  if (loads.some((load) => firstFit(load, rooms, free) < 0)) return null;
  let room = free.reduce((sum, one) => sum + one, 0);
  let need = loads.reduce((sum, one) => sum + one.neededMiB, 0);
  let tries = 0;
  const place = (nth: number): boolean => {
    const load = loads[nth];
    if (!load) return true;
    if (need > room || ++tries > mostTries) return false;
    const tried = new Map<Kind, Set<number>>();
    need -= load.neededMiB;
    for (const [into, { kind, freeMiB }] of rooms.entries()) {
      if (freeMiB < load.neededMiB) break;
      const had = free[into] ?? 0;
      if (had < load.neededMiB || !load.takenBy.has(kind) || tried.get(kind)?.has(had)) continue;
      tried.set(kind, (tried.get(kind) ?? new Set()).add(had));
      free[into] = had - load.neededMiB;
      room -= load.neededMiB;
      if (place(nth + 1)) return true;
      free[into] = had;
      room += load.neededMiB;
    }
    need += load.neededMiB;
    return false;
  };
  return place(0) ? free : null;
}
