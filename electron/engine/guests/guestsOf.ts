import type { Disk, Guest, GuestShape, Nic, StoredConfig } from '../../contract/guest.ts';
import type { Domain } from '../xen/domains.ts';
import type { Picture, SeenConfig } from './picture.ts';

type Doing = (guestId: string) => Guest['doing'];

/**
 * Joins what runs and what is stored. Pure. A config belongs to the domain with its UUID; one without UUID to the domain
 * of its name. Each guestId stands once: of two domains with one UUID (a reboot) the dying one is left out.
 */
export function guestsOf(hostId: string, picture: Picture, doing: Doing): Guest[] {
  const taken = new Set<string>();
  const unmatched = new Map(picture.configs);
  const guests: Guest[] = [];
  const add = (guestId: string, make: (id: string) => Guest) => {
    let id = guestId;
    for (let more = 2; taken.has(id); more++) id = `${guestId}#${more}`;
    taken.add(id);
    guests.push(make(id));
  };
  for (const domain of bestFirst(picture.domains)) {
    if (domain.state === 'dying' && domain.uuid && taken.has(domain.uuid)) continue;
    const name = nameOf(domain, picture);
    const leftover = leftoverOf(name);
    const seen = configOf({ domain, name: leftover ? name.replace(/--(incoming|migratedaway)$/, '') : name }, unmatched);
    if (seen) unmatched.delete(seen.file);
    const ownId = domain.uuid ?? `${hostId}:domain-${domain.domid}`;
    const id = seen && !seen.config?.uuid ? `${hostId}:${seen.file}` : ownId;
    add(id, (guestId) => runningGuest({ hostId, guestId, name, domain, seen, picture }, doing));
  }
  for (const seen of unmatched.values()) {
    add(seen.config?.uuid ?? `${hostId}:${seen.file}`, (guestId) => haltedGuest({ hostId, guestId, seen }, doing));
  }
  return guests;
}

/** Living domains before dying ones, so that they keep the identity. dom0 is no guest. */
function bestFirst(domains: readonly Domain[]): Domain[] {
  const rank = (one: Domain) => (one.state === 'dying' ? 1 : 0);
  return domains.filter((one) => one.domid !== 0).sort((a, b) => rank(a) - rank(b) || b.domid - a.domid);
}

function nameOf(domain: Domain, picture: Picture): string {
  if (domain.name === '(null)') return (domain.uuid && picture.names.get(domain.uuid)) || domain.name;
  const live = picture.live.get(domain.domid);
  // xl list may show less of a name than it has, never another: a name that changed since counts at once
  return live && (live.name === domain.name || live.name.includes('\n') || live.name.trim() === domain.name) ? live.name : domain.name;
}

/** Whether a domain is a rest or a half of a migration, by its name. */
export function leftoverOf(name: string): Guest['leftover'] {
  const found = /--(incoming|migratedaway)$/.exec(name)?.[1];
  return found === 'incoming' || found === 'migratedaway' ? found : null;
}

function configOf(of: { domain: Domain; name: string }, configs: ReadonlyMap<string, SeenConfig>): SeenConfig | null {
  const all = [...configs.values()];
  const same = all.filter((one) => one.config?.uuid && one.config.uuid === of.domain.uuid);
  const byUuid = same.find((one) => one.config?.name === of.name) ?? same[0];
  return byUuid ?? all.find((one) => !one.config?.uuid && nameOfConfig(one) === of.name) ?? null;
}

function nameOfConfig(seen: SeenConfig): string {
  return seen.config?.name ?? (seen.file.split('/').at(-1) ?? seen.file).replace(/\.cfg$/, '');
}

function runningGuest(
  of: { hostId: string; guestId: string; name: string; domain: Domain; seen: SeenConfig | null; picture: Picture },
  doing: Doing,
): Guest {
  const { hostId, guestId, domain, seen } = of;
  const live = of.picture.live.get(domain.domid)?.shape ?? null;
  const leftover = leftoverOf(of.name);
  return {
    key: `${hostId}/${guestId}`,
    hostId,
    guestId,
    name: of.name,
    uuid: domain.uuid,
    state: domain.state,
    domid: domain.domid,
    config: seen ? storedConfig(seen) : null,
    live,
    needsRestart: live && seen?.config && !leftover ? differences(seen.config.shape, live) : [],
    leftover,
    memoryMiB: domain.memoryMiB,
    vcpus: domain.vcpus,
    type: live?.type ?? seen?.config?.shape.type ?? null,
    warning: null,
    doing: doing(guestId),
  };
}

function haltedGuest(of: { hostId: string; guestId: string; seen: SeenConfig }, doing: Doing): Guest {
  const { hostId, guestId, seen } = of;
  const shape = seen.config?.shape ?? null;
  return {
    key: `${hostId}/${guestId}`,
    hostId,
    guestId,
    name: nameOfConfig(seen),
    uuid: seen.config?.uuid ?? null,
    state: 'halted',
    domid: null,
    config: storedConfig(seen),
    live: null,
    needsRestart: [],
    leftover: null,
    memoryMiB: shape?.memoryMiB ?? 0,
    vcpus: shape?.vcpus ?? 0,
    type: shape?.type ?? null,
    warning: null,
    doing: doing(guestId),
  };
}

function storedConfig(seen: SeenConfig): StoredConfig {
  return {
    file: seen.file,
    version: seen.version,
    autostart: seen.autostart,
    hasUuid: Boolean(seen.config?.uuid),
    shape: seen.config?.shape ?? null,
    unreadable: seen.unreadable,
  };
}

/** What the stored config would change at the next start. What it leaves to xl (no MAC, no bridge) differs from nothing. */
export function differences(config: GuestShape, live: GuestShape): Guest['needsRestart'] {
  const differs: Record<Guest['needsRestart'][number], boolean> = {
    type: config.type !== live.type,
    memoryMiB: config.memoryMiB !== live.memoryMiB,
    vcpus: config.vcpus !== live.vcpus,
    disks: !sameSet(config.disks, live.disks, diskText),
    nics: !sameNics(config.nics, live.nics),
    kernel: config.kernel !== null && config.kernel !== live.kernel,
    cmdline: config.kernel !== null && (config.cmdline ?? '') !== (live.cmdline ?? ''),
  };
  return (Object.keys(differs) as Guest['needsRestart']).filter((one) => differs[one]);
}

const diskText = (disk: Disk): string => JSON.stringify([disk.target, disk.vdev, disk.access, disk.cdrom, disk.target ? disk.format : '']);

function sameSet<T>(a: readonly T[], b: readonly T[], textOf: (one: T) => string): boolean {
  return a.length === b.length && a.map(textOf).sort().join() === b.map(textOf).sort().join();
}

function sameNics(config: readonly Nic[], live: readonly Nic[]): boolean {
  if (config.length !== live.length) return false;
  return config.every((nic, at) => {
    const other = (nic.mac && live.find((one) => one.mac === nic.mac)) || (nic.mac ? undefined : live[at]);
    return other !== undefined && (nic.bridge ?? 'xenbr0') === (other.bridge ?? 'xenbr0');
  });
}
