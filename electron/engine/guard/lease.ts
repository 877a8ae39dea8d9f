import type { Guest, GuestKey } from '../../contract/guest.ts';
import type { Host, HostId } from '../../contract/host.ts';

/** Who says that a guest runs from an image: the file beside it, written by `lease.sh`. Evidence, not a lock. */
export interface Lease {
  id: string;
  /** /etc/machine-id of the host, and its boot. */
  machine: string;
  boot: string;
  hostname: string;
  /** '' where the guest's config has none. */
  uuid: string;
  /** Its domain runs, or did: false as long as it is being started. */
  up: boolean;
  name: string;
  /** s since 1970, the host's clock. */
  since: number;
}

/** Reads a lease; null: it is none of ours, or damaged, and says nothing. */
export function readLease(lines: readonly string[]): Lease | null {
  if (lines[0] !== 'xenferry-lease 1') return null;
  const of = (word: string) => lines.find((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? '';
  const lease = { id: of('id'), machine: of('machine'), boot: of('boot'), hostname: of('hostname'), uuid: of('uuid'), name: of('name') };
  if (lease.id === '' || lease.boot === '') return null;
  return { ...lease, up: of('domid') !== '-', since: Number(of('since')) || 0 };
}

/**
 * What a lease is worth now. `over`: its host went down since, or runs no such guest and says so; `own`: it is of the guest that asks;
 * `held`: that guest runs; `unknown`: its host could not be asked, or starts it at this moment.
 */
export type LeaseWorth = { is: 'over' | 'own' } | { is: 'held'; by: Guest } | { is: 'unknown'; host: string };

/** A start takes no longer; whoever was killed meanwhile left a lease that says nothing more. */
const STARTING_S = 600;

/** Judges a lease. `now`: ms, the desktop's clock; of a start that may be going on, Infinity sees nothing. `answered`: the boot of each host that was asked just now, and whose guests are therefore known. */
export function worthOf(
  lease: Lease,
  ground: { own: GuestKey; now: number; hosts: readonly Host[]; answered: ReadonlyMap<HostId, string>; guests: readonly Guest[] },
): LeaseWorth {
  const { own, now, hosts, answered, guests } = ground;
  // machines that were cloned may share their id: the boot tells them apart
  const places = hosts.filter((host) => lease.machine !== '' && host.facts?.machineId === lease.machine);
  const there = places.find((host) => answered.get(host.id) === lease.boot);
  if (!there) {
    const silent = places.find((host) => !answered.has(host.id));
    if (places.length > 0 && !silent) return { is: 'over' };
    return { is: 'unknown', host: silent ? silent.label || silent.address : lease.hostname || lease.machine };
  }
  const by = guests.find((one) => one.hostId === there.id && one.state !== 'halted' && isOf(lease, one));
  const age = (now + (there.facts?.clockOffsetMs ?? 0)) / 1000 - lease.since;
  // on one host, the guest's lock keeps a second start away
  if (!by && !lease.up && !own.startsWith(`${there.id}/`) && Math.abs(age) < STARTING_S)
    return { is: 'unknown', host: there.label || there.address };
  if (!by) return { is: 'over' };
  return by.key === own ? { is: 'own' } : { is: 'held', by };
}

/** A guest gets another domid with each reboot: it is known by its UUID, or else by its name. */
const isOf = (lease: Lease, guest: Guest): boolean =>
  lease.uuid !== '' && guest.uuid !== null ? lease.uuid === guest.uuid : lease.name === guest.name;
