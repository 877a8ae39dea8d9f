import type { Disk, Guest } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';
import { fail, type Problem, ProblemError, problem, problemOf } from '../../contract/problem.ts';
import { isOfDom0 } from '../../contract/rules.ts';
import { clashOf, hostsNotAsked, lastSeenOn, type Suspect } from '../guests/safety.ts';
import type { Guests, Hosts } from '../parts.ts';
import type { World } from '../world.ts';
import { worthOf } from './lease.ts';
import { type HostLook, lookAtDisks } from './look.ts';
import { isSameDisk } from './sameDisk.ts';

/** What the guard needs of the rest. */
export interface GuardParts {
  world: World;
  hosts: Pick<Hosts, 'all' | 'get' | 'remote'>;
  guests: Pick<Guests, 'all' | 'refresh'>;
}

/** What was found. `leases`: of each written disk, the id of the lease that may be taken over ('-': there is none). */
export interface Guarded {
  clash: Problem | null;
  notAsked: string[];
  /** Of these, where it ran when that host was heard last. */
  lastSeen: string | null;
  leases: { disk: string; seen: string }[];
}

/** A host that doesn't answer within this has not been asked. */
const ASK_MS = 20_000;
const AGAIN_MS = 300;

/**
 * Whether a guest may run on its host: asks every connected host anew what runs there, compares disks by what they are, and weighs the
 * leases beside them. Every start, restore, attach and move goes through here. The guest's own host must answer; what it says of the
 * guest is read (`find`) after that.
 */
export const guardGuest = (parts: GuardParts, hostId: HostId, find: () => Suspect): Promise<Guarded> =>
  guard(parts, { hostId, find, weighs: writes });

/** The same look at a disk that is only to be read, for a clone: whoever writes to it meanwhile spoils the copy. No lease of it is taken. */
export const guardSource = (parts: GuardParts, hostId: HostId, find: () => Suspect): Promise<Guarded> =>
  guard(parts, { hostId, find, weighs: () => true });

/** `weighs`: whether the lease beside a disk counts. */
interface Guarding {
  hostId: HostId;
  find: () => Suspect;
  weighs: (disk: Disk) => boolean;
}

async function guard(parts: GuardParts, { hostId, find, weighs }: Guarding): Promise<Guarded> {
  const { hosts } = parts;
  const silent = new Set<HostId>();
  const asked = hosts.all().filter((host) => host.link.is === 'open' && runsGuests(host));
  await Promise.all(
    asked.map((host) =>
      within(parts, (signal) => refresh(parts, host.id, signal)).catch((thrown: unknown) => {
        if (host.id === hostId) throw thrown;
        silent.add(host.id);
      }),
    ),
  );
  const suspect = find();
  const clash = clashOf(suspect, hosts.all(), parts.guests.all());
  if (clash) return clashing(clash);
  const answering = asked.filter((host) => !silent.has(host.id));
  return await compare(parts, { suspect, weighs }, answering);
}

/** What was found, and, of a clone, what is to be copied. */
type Found = Pick<Guarded, 'clash' | 'notAsked' | 'lastSeen'> & { copyOf?: string | null };

/** Refuses what the guard found, unless the operator typed the guest's name where hosts could not be asked. */
export function refuseGuarded({ clash, notAsked, lastSeen, copyOf }: Found, name: string, typedName: string | null): void {
  if (clash) throw new ProblemError(clash);
  if (notAsked.length === 0) return;
  if (typedName === null) fail('guard.notAsked', { name, hosts: notAsked, lastSeen, ...(copyOf ? { copyOf } : {}) });
  if (typedName !== name) fail('guest.nameMismatch', { name });
}

/** The same by what is known without asking: answers a call at once. */
export function refuseUnasked({ hosts, guests }: Pick<GuardParts, 'hosts' | 'guests'>, who: Who, typedName: string | null): void {
  const notAsked = hostsNotAsked(hosts.all());
  const lastSeen = lastSeenOn(who, hosts.all(), guests.all());
  refuseGuarded({ clash: null, notAsked, lastSeen, copyOf: who.copyOf ?? null }, who.name, typedName);
}

type Who = Pick<Suspect, 'key' | 'name' | 'uuid'> & Pick<Found, 'copyOf'>;

/** A host that has just come back listens only a moment later. */
async function refresh(parts: GuardParts, hostId: HostId, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      return await parts.guests.refresh(hostId);
    } catch (thrown) {
      const isOpen = parts.hosts.get(hostId).link.is === 'open';
      if (problemOf(thrown).code !== 'host.notOpen' || !isOpen || signal.aborted) throw thrown;
    }
    await new Promise<void>((resolve) => void parts.world.clock.after(AGAIN_MS, resolve));
  }
}

const runsGuests = (host: Host): boolean => host.facts !== null && host.facts.toolstack !== 'none';

interface Using {
  guest: Guest;
  host: Host;
  disk: Disk;
}

type Judged = Pick<Guarding, 'weighs'> & { suspect: Suspect };

async function compare(parts: GuardParts, { suspect, weighs }: Judged, asked: readonly Host[]): Promise<Guarded> {
  const guests = parts.guests.all();
  const own = disksOf(suspect.config?.shape ?? suspect.live);
  const looks = new Map<HostId, { look: HostLook; used: Using[] }>();
  const look = async (host: Host) => {
    const used = guests
      .filter((guest) => guest.hostId === host.id && guest.key !== suspect.key && guest.state !== 'halted')
      .flatMap((guest) => {
        return disksOf(guest.live ?? guest.config?.shape ?? null).map((disk): Using => ({ guest, host, disk }));
      });
    const paths = [...(host.id === suspect.hostId ? own : []), ...used.map((one) => one.disk)].map((disk) => disk.target);
    looks.set(host.id, { look: await within(parts, (signal) => lookAtDisks(parts.hosts.remote(host.id), paths, signal)), used });
  };
  await Promise.all(
    asked.map((host) =>
      look(host).catch((thrown: unknown) => {
        if (host.id === suspect.hostId) throw thrown; // another one that says nothing is named (weighLeases)
      }),
    ),
  );
  const here = looks.get(suspect.hostId);
  if (!here) return fail('host.notOpen', { label: parts.hosts.get(suspect.hostId).label });
  const at = { disks: here.look.disks.slice(0, own.length), host: parts.hosts.get(suspect.hostId) };
  for (const [hostId, { look: there, used }] of looks) {
    const seen = hostId === suspect.hostId ? there.disks.slice(own.length) : there.disks;
    for (const [nth, using] of used.entries()) {
      const mine = own.find((disk, n) => {
        const [a, b] = [at.disks[n], seen[nth]];
        return (
          a && b && (writes(disk) || writes(using.disk)) && isSameDisk({ host: at.host, seen: a.seen }, { host: using.host, seen: b.seen })
        );
      });
      if (mine) return clashing(inUse(mine, using.guest, using.host));
    }
  }
  const answered = new Map([...looks].map(([hostId, one]) => [hostId, one.look.boot]));
  return weighLeases(parts, { suspect, weighs }, { own, seen: at.disks, answered });
}

/** What the leases beside the disks say. */
function weighLeases(
  parts: GuardParts,
  { suspect, weighs }: Judged,
  known: { own: readonly Disk[]; seen: HostLook['disks']; answered: ReadonlyMap<HostId, string> },
): Guarded {
  const hosts = parts.hosts.all();
  // one that was asked and said nothing, and one whose link came back only after the others were asked
  const quiet = hosts.filter((host) => runsGuests(host) && !known.answered.has(host.id)).map((host) => host.label || host.address);
  const notAsked = new Set([...hostsNotAsked(hosts), ...quiet]);
  const leases: Guarded['leases'] = [];
  for (const [nth, disk] of known.own.entries()) {
    if (!weighs(disk) || !disk.target.startsWith('/')) continue;
    const lease = known.seen[nth]?.lease ?? null;
    if (writes(disk)) leases.push({ disk: disk.target, seen: lease?.id ?? '-' });
    if (!lease) continue;
    const worth = worthOf(lease, {
      own: suspect.key,
      now: parts.world.clock.now(),
      hosts,
      answered: known.answered,
      guests: parts.guests.all(),
    });
    if (worth.is === 'unknown') notAsked.add(worth.host);
    const holder = worth.is === 'held' ? hosts.find((host) => host.id === worth.by.hostId) : null;
    if (worth.is === 'held' && holder) return clashing(inUse(disk, worth.by, holder));
  }
  return { clash: null, notAsked: [...notAsked], lastSeen: lastSeenOn(suspect, hosts, parts.guests.all()), leases };
}

const clashing = (clash: Problem): Guarded => ({ clash, notAsked: [], lastSeen: null, leases: [] });

const writes = (disk: Disk): boolean => disk.access === 'rw' && !disk.cdrom;

/** Disks that a path leads to: none in an empty drive, none behind a script. */
const disksOf = (shape: Guest['live']): Disk[] => (shape?.disks ?? []).filter((disk) => disk.target.startsWith('/') && isOfDom0(disk));

const inUse = (disk: Disk, guest: Guest, host: Host): Problem =>
  problem('guest.diskInUse', { disk: disk.target, name: guest.name, where: host.label || host.address });

/** Work that is not waited for longer than a host may take to answer. */
async function within<T>({ world }: GuardParts, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborter = new AbortController();
  return await new Promise<T>((resolve, reject) => {
    const undo = world.clock.after(ASK_MS, () => {
      aborter.abort();
      reject(new ProblemError(problem('command.timedOut', { command: 'guard-look', seconds: ASK_MS / 1000 })));
    });
    work(aborter.signal).then(resolve, reject).finally(undo);
  });
}
