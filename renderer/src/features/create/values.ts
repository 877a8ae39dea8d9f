import type { GuestSpec } from '../../../../electron/contract/creation.ts';
import type { Guest } from '../../../../electron/contract/guest.ts';
import { type GuestType, type Host, type HostId, placeId, type StoragePlace } from '../../../../electron/contract/host.ts';
import { type Problem, problem } from '../../../../electron/contract/problem.ts';
import { mayChangeHost } from '../../../../electron/contract/rules.ts';

/** What a new guest can begin as. */
export type Beginning = 'copy' | 'iso' | 'network' | 'existing';
export type SizeName = 'small' | 'medium' | 'large' | 'own';

/** Everything the wizard asks. */
export interface Values {
  name: string;
  beginning: Beginning;
  type: GuestType;
  iso: string;
  image: string;
  disk: string;
  kernel: string;
  ramdisk: string;
  cmdline: string;
  hostId: HostId | null;
  /** `dir:PATH` or `vg:NAME`. */
  place: string;
  format: 'raw' | 'qcow2';
  bridge: string;
  size: SizeName;
  memoryMiB: number;
  vcpus: number;
  diskGiB: number;
  autostart: boolean;
  start: boolean;
}
/** What the operator chose. All else follows from the hosts, so nothing goes stale. */
export type Chosen = Partial<Values>;

/** Real numbers for S, M and L. */
export const sizes = {
  small: { memoryMiB: 1024, vcpus: 1, diskGiB: 10 },
  medium: { memoryMiB: 4096, vcpus: 2, diskGiB: 40 },
  large: { memoryMiB: 16_384, vcpus: 4, diskGiB: 100 },
} as const satisfies Record<Exclude<SizeName, 'own'>, { memoryMiB: number; vcpus: number; diskGiB: number }>;

/** What is known of the servers. */
export interface Known {
  hosts: readonly Host[];
  guests: readonly Guest[];
  /** The host the wizard was opened on. */
  asked: HostId | null;
}

const freeOf = (host: Host): number => host.freeMemoryMiB ?? host.facts?.freeMemoryMiB ?? 0;

/** Chosen values, and recommended ones for the rest. */
export function valuesOf(chosen: Chosen, known: Known): Values {
  const facts = factsOf(chosen, known);
  const beginning = chosen.beginning ?? recommendedBeginning(known);
  const type = chosen.type ?? recommendedType(beginning, known, chosen.hostId ?? known.asked);
  const first = firstFiles(known);
  const image = chosen.image ?? first.image ?? '';
  const size = chosen.size ?? recommendedSize(facts ? freeOf(facts) : 0);
  const amounts = size === 'own' ? ownAmounts(facts ? freeOf(facts) : 0) : sizes[size];
  const kernel = chosen.kernel ?? (beginning === 'network' ? (first.kernel?.path ?? '') : '');
  const initrds = known.hosts.flatMap((host) => host.facts?.kernels ?? []).find((one) => one.path === kernel)?.initrds ?? [];
  const values: Values = {
    name: chosen.name ?? freeName(known),
    beginning,
    type,
    iso: chosen.iso ?? first.iso ?? '',
    image,
    disk: chosen.disk ?? '',
    kernel,
    ramdisk: chosen.ramdisk ?? initrds[0] ?? '',
    cmdline: chosen.cmdline ?? (kernel !== '' && type !== 'hvm' ? 'console=hvc0' : ''),
    hostId: null,
    place: '',
    format: chosen.format ?? (/\.qcow2$/i.test(image) && beginning === 'copy' ? 'qcow2' : 'raw'),
    bridge: '',
    size,
    memoryMiB: chosen.memoryMiB ?? amounts.memoryMiB,
    vcpus: chosen.vcpus ?? amounts.vcpus,
    diskGiB: chosen.diskGiB ?? amounts.diskGiB,
    autostart: chosen.autostart ?? true,
    start: chosen.start ?? true,
  };
  const host = chosen.hostId === undefined ? recommendedHost(values, known) : known.hosts.find((one) => one.id === chosen.hostId);
  const places = host?.facts ? placesOf(host, known.hosts) : [];
  return {
    ...values,
    hostId: host?.id ?? null,
    place: places.find((one) => one.id === chosen.place)?.id ?? places[0]?.id ?? '',
    bridge: chosen.bridge ?? host?.facts?.bridges.find((one) => one.up)?.name ?? host?.facts?.bridges[0]?.name ?? '',
  };
}

function factsOf(chosen: Chosen, known: Known): Host | undefined {
  const id = chosen.hostId ?? known.asked;
  const usable = known.hosts.filter((one) => mayChangeHost(one).may).sort((a, b) => freeOf(b) - freeOf(a));
  return usable.find((one) => one.id === id) ?? usable[0];
}

/** Who has this file or volume as a disk; null: nobody. */
export function userOf(path: string, guests: readonly Guest[]): Guest | null {
  const uses = (guest: Guest) => [guest.live, guest.config?.shape].some((shape) => shape?.disks.some((disk) => disk.target === path));
  return guests.find(uses) ?? null;
}

function firstFiles({ hosts, guests, asked }: Known) {
  const order = [...hosts].sort((a, b) => Number(b.id === asked) - Number(a.id === asked));
  const all = order.flatMap((host) => host.facts ?? []);
  return {
    iso: all.flatMap((facts) => facts.isos)[0]?.path,
    image: all.flatMap((facts) => facts.images).find((one) => userOf(one.path, guests) === null)?.path,
    kernel: all.flatMap((facts) => facts.kernels)[0],
  };
}

function recommendedBeginning(known: Known): Beginning {
  const first = firstFiles(known);
  if (first.iso !== undefined && known.hosts.some((host) => host.facts?.types.includes('hvm'))) return 'iso';
  return first.image === undefined && first.kernel !== undefined ? 'network' : 'copy';
}

/** HVM boots whatever a disk holds; a kernel of the host is quickest as PVH. */
function recommendedType(beginning: Beginning, { hosts }: Known, hostId: HostId | null | undefined): GuestType {
  const on = hosts.filter((host) => host.facts && (hostId == null || host.id === hostId));
  const can = (type: GuestType) => on.some((host) => host.facts?.types.includes(type));
  const order: GuestType[] = beginning === 'network' ? ['pvh', 'pv', 'hvm'] : ['hvm', 'pvh', 'pv'];
  return beginning === 'iso' ? 'hvm' : (order.find(can) ?? 'hvm');
}

function recommendedSize(free: number): SizeName {
  if (free >= sizes.medium.memoryMiB * 2) return 'medium';
  return free >= sizes.small.memoryMiB * 1.01 + 4 ? 'small' : 'own';
}

function ownAmounts(free: number): { memoryMiB: number; vcpus: number; diskGiB: number } {
  const half = Math.floor(free / 2 / 64) * 64;
  return { ...sizes.small, memoryMiB: Math.min(sizes.small.memoryMiB, Math.max(128, half)) };
}

function freeName({ guests }: Known): string {
  const taken = new Set(guests.map((one) => one.name));
  for (let number = 1; ; number++) {
    if (!taken.has(`vm-${number}`)) return `vm-${number}`;
  }
}

/** The host with most memory left among those it can run on; the one it was asked for on, if it can. */
function recommendedHost(values: Values, known: Known): Host | undefined {
  const able = known.hosts.filter((host) => hostRefusal(values, host, known.hosts) === null);
  const asked = known.hosts.find((host) => host.id === known.asked);
  if (asked && (able.includes(asked) || able.length === 0)) return asked;
  return [...able].sort((a, b) => freeOf(b) - freeOf(a))[0];
}

/** Why the guest can't be made on this host, as far as the mirror knows; null: it can. */
export function hostRefusal(values: Values, host: Host, hosts: readonly Host[]): Problem | null {
  const change = mayChangeHost(host);
  if (!change.may) return change.because;
  if (!host.facts?.types.includes(values.type)) return problem('create.typeMissing', { type: values.type });
  const stopper = host.findings.find((one) => one.hinders === 'creating');
  if (stopper) return stopper.problem;
  const short = values.start ? memoryNeeded(values) - freeOf(host) : 0;
  if (short > 0) return problem('memory.short', { shortMiB: Math.ceil(short) });
  const path = sourcePath(values);
  if (path !== '' && !knows(host, path) && hosts.some((one) => knows(one, path))) return problem('create.imageUnreadable', { path });
  return null;
}

/** Its memory and about 1 % for Xen's own tables, as the check on the host counts. */
export const memoryNeeded = ({ memoryMiB, type }: Values): number => Math.ceil(memoryMiB * 1.01) + (type === 'pv' ? 1 : 4);

/** What the host has free afterwards, MiB. */
export const freeAfter = (values: Values, host: Host): number => freeOf(host) - memoryNeeded(values);
export const freeMemory = freeOf;

function sourcePath(values: Values): string {
  switch (values.beginning) {
    case 'iso':
      return values.iso;
    case 'copy':
      return values.image;
    case 'network':
      return values.kernel;
    case 'existing':
      return values.disk;
  }
}

/** Whether the examination of a host found this file or volume there. */
function knows({ facts }: Host, path: string): boolean {
  if (!facts) return false;
  return [facts.isos, facts.images, facts.kernels, facts.volumes].some((those) => those.some((one) => one.path === path));
}

/** A place for a disk, by an id that fits a list. */
export interface PlaceOption {
  id: string;
  place: StoragePlace;
  /** Other hosts see it too, so the guest can move. */
  shared: boolean;
}

/** Places of a host: what other hosts see too first, then by free space. */
export function placesOf(host: Host, hosts: readonly Host[]): PlaceOption[] {
  const others = hosts.filter((one) => one.id !== host.id).flatMap((one) => one.facts?.places ?? []);
  const options = (host.facts?.places ?? []).map((place): PlaceOption => {
    const id = placeId(place);
    if (place.is === 'directory') return { id, place, shared: place.shared !== null };
    const shared = others.some((one) => one.is === 'volumeGroup' && one.uuid === place.uuid);
    return { id, place, shared };
  });
  return options.sort((a, b) => Number(b.shared) - Number(a.shared) || b.place.freeMiB - a.place.freeMiB);
}

/** What the engine is asked to make. */
export function specOf(values: Values): GuestSpec {
  const optional = (path: string) => (path === '' ? null : path);
  const kernel = {
    kernel: optional(values.kernel),
    ramdisk: values.kernel === '' ? null : optional(values.ramdisk),
    cmdline: values.cmdline,
  };
  const source = (): GuestSpec['source'] => {
    switch (values.beginning) {
      case 'iso':
        return { is: 'iso', iso: values.iso };
      case 'network':
        return { is: 'kernel', kernel: values.kernel, ramdisk: optional(values.ramdisk), cmdline: values.cmdline };
      case 'copy':
        return { is: 'copy', from: values.image, ...kernel };
      case 'existing':
        return { is: 'existing', disk: values.disk, ...kernel };
    }
  };
  return {
    name: values.name,
    type: values.type,
    source: source(),
    disk: diskOf(values),
    memoryMiB: values.memoryMiB,
    vcpus: values.vcpus,
    bridge: optional(values.bridge),
    mac: null,
    autostart: values.autostart,
    start: values.start,
  };
}

function diskOf({ beginning, place, format, diskGiB }: Values): GuestSpec['disk'] {
  const sizeMiB = Math.round(diskGiB * 1024);
  if (beginning === 'existing' || place === '' || sizeMiB <= 0) return { is: 'none' };
  if (place.startsWith('vg:')) return { is: 'volume', group: place.slice(3), sizeMiB };
  return { is: 'file', directory: place.slice(4), format, sizeMiB };
}
