import type { Guest, GuestKey } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';
import { type Problem, problem } from '../../contract/problem.ts';
import { isOfDom0 } from '../../contract/rules.ts';
import type { Guests, Hosts } from '../parts.ts';
import type { World } from '../world.ts';
import { worthOf } from './lease.ts';
import { lookAtDisks } from './look.ts';
import { runningTwice } from './twice.ts';

/** What was not asked of us is noticed afterwards: a guest that runs twice, or beside whose disk a lease names another host. */

/** The two ends of a move, seen one after the other, look like a guest that runs twice: what is true stays true this long. */
const SETTLE_MS = 5_000;
/** How often leases are looked at while nothing changes. */
const LEASES_MS = 5 * 60_000;

export interface NoticeParts {
  world: World;
  hosts: Pick<Hosts, 'all' | 'remote'>;
  guests: Pick<Guests, 'all' | 'refresh' | 'onChange'>;
  /** Says what is wrong with each guest that runs; the rest have no warning. */
  warn(found: ReadonlyMap<GuestKey, Problem>): void;
}

/** Watches for it until undone. */
export function noticeClashes(parts: NoticeParts): () => void {
  const { world, guests } = parts;
  let warned: ReadonlyMap<GuestKey, Problem> = new Map();
  let leased = new Map<GuestKey, Problem>();
  let looked = new Set<string>();
  let pending: (() => void) | null = null;
  let busy = false;
  let again = false;
  let over = false;

  const check = async () => {
    const news = [...runningTwice(parts.hosts.all(), guests.all()).keys()].filter((key) => !warned.has(key));
    const where = new Set(news.map((key) => key.slice(0, key.indexOf('/'))));
    await Promise.all([...where].map((hostId) => guests.refresh(hostId).catch(() => {})));
    const fileUsers = sharedUsers(parts.hosts.all(), guests.all());
    const running = new Set(fileUsers.map(({ guest }) => `${guest.key} ${guest.domid}`));
    if (leased.size > 0 || [...running].some((one) => !looked.has(one))) leased = await readLeases(parts, fileUsers);
    looked = running;
    const still = new Set(
      guests
        .all()
        .filter((guest) => guest.state !== 'halted')
        .map((guest) => guest.key),
    );
    if (over) return;
    warned = new Map([...[...leased].filter(([key]) => still.has(key)), ...runningTwice(parts.hosts.all(), guests.all())]);
    parts.warn(warned);
  };
  const run = async () => {
    pending = null;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    await check().catch((thrown: unknown) => world.log('warn', 'guard.notLooked', { why: String(thrown) }));
    busy = false;
    if (again) soon();
    again = false;
  };
  const soon = () => {
    if (!over) pending ??= world.clock.after(SETTLE_MS, () => void run());
  };
  const undo = [
    guests.onChange(soon),
    world.clock.every(LEASES_MS, () => {
      looked = new Set();
      soon();
    }),
  ];
  return () => {
    over = true;
    pending?.();
    for (const one of undo) one();
  };
}

interface FileUser {
  guest: Guest;
  host: Host;
  path: string;
}

/** Guests that run from image files on storage their host shares with others. */
function sharedUsers(hosts: readonly Host[], guests: readonly Guest[]): FileUser[] {
  return guests.flatMap((guest) => {
    const host = hosts.find((one) => one.id === guest.hostId);
    if (host?.link.is !== 'open' || guest.state === 'halted' || guest.leftover !== null || guest.doing !== null) return [];
    const places = (host.facts?.places ?? []).flatMap((place) =>
      place.is === 'directory' && place.shared !== null ? [`${place.path}/`] : [],
    );
    const disks = (guest.live?.disks ?? []).filter((disk) => disk.access === 'rw' && !disk.cdrom && isOfDom0(disk));
    return disks.flatMap(({ target: path }) => (places.some((place) => path.startsWith(place)) ? [{ guest, host, path }] : []));
  });
}

/** What the leases beside these images say against their guests. */
async function readLeases(parts: NoticeParts, users: readonly FileUser[]): Promise<Map<GuestKey, Problem>> {
  const hosts = parts.hosts.all();
  const answered = new Map<HostId, string>();
  const looks = await Promise.all(
    hosts
      .filter((host) => host.link.is === 'open' && users.length > 0)
      .map(async (host) => {
        const own = users.filter((one) => one.host.id === host.id);
        const look = await lookAtDisks(
          parts.hosts.remote(host.id),
          own.map((one) => one.path),
        ).catch(() => null);
        if (look) answered.set(host.id, look.boot);
        return (look?.disks ?? []).map(({ lease }, nth) => ({ lease, of: own[nth] }));
      }),
  );
  const found = new Map<GuestKey, Problem>();
  for (const { lease, of } of looks.flat()) {
    if (!lease || !of) continue;
    const { guest, path } = of;
    const worth = worthOf(lease, { own: guest.key, now: Number.POSITIVE_INFINITY, hosts, answered, guests: parts.guests.all() });
    const holder = worth.is === 'held' ? hosts.find((host) => host.id === worth.by.hostId)?.label : undefined;
    const where = worth.is === 'unknown' ? worth.host : holder;
    if (where !== undefined) found.set(guest.key, problem('guard.leaseElsewhere', { name: guest.name, disk: path, where }));
  }
  return found;
}
