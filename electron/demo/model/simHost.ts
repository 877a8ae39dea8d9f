import { EventEmitter } from 'node:events';
import type { SimDomain } from './domain.ts';
import type { Door } from './doors.ts';
import { HostFiles, type Mount } from './files.ts';
import type { Office } from './office.ts';
import type { VolumeGroup } from './volumes.ts';

/** What one machine is made of. Memory in MiB. */
export interface HostAbout {
  label: string;
  hostname: string;
  /** Name the operator's desktop reaches it by. */
  address: string;
  /** Its own address in the office's network. */
  ownAddress: string;
  memoryMiB: number;
  dom0MiB: number;
  cpus: number;
  cpuModel: string;
  cpuVendor: string;
  xen: { major: number; minor: number; extra: string };
  virtCaps: string;
  bridges: { name: string; up: boolean; ports: string[] }[];
  /** Its own interfaces, and addresses on those that are no bridge's port. */
  nics: { name: string; address: string | null }[];
  /** What configures its network at boot. */
  network: 'ifupdown' | 'networkd';
  groups: VolumeGroup[];
  mounts: Mount[];
  tags: string[];
  /** Its clock minus the desktop's. */
  clockOffsetMs: number;
  machineId: string;
  /** `none`: a Linux without Xen. */
  toolstack: 'xl' | 'xapi' | 'xend' | 'none';
}

/** A simulated machine: its dom0, its guests, its files. Changes are said as xenstore watches would say them. */
export class SimHost {
  readonly about: HostAbout;
  readonly office: Office;
  readonly files: HostFiles;
  readonly domains = new Map<number, SimDomain>();
  /** Active volumes, "group/name": on a shared group every host activates for itself. */
  readonly active = new Set<string>();
  readonly store = new Map<string, string>();
  /** Locks of jobs by file, as flock holds them. */
  readonly locks = new Map<string, string>();
  private readonly stirs = new EventEmitter();
  private nextDomid = 1;
  private nextTty = 0;
  bootedAt: number;
  /** Public host keys of its SSH server: "ssh-ed25519 AAAA…". */
  keys: string[] = [];
  /** Off: it answers nothing any more (a fault). */
  dead = false;
  /** No other host reaches it, and it reaches none (a fault): only the desktop does. */
  apart = false;
  /** Commands that are not installed, and modules that its kernel lacks. */
  readonly lacks = new Set<string>();
  /** AllowTcpForwarding of its sshd. */
  forwards = true;
  /** Ports of its loopback that a desktop listens on. */
  readonly doors = new Map<number, Door>();
  /** AllowStreamLocalForwarding of its sshd. */
  opensSockets = true;
  /** Sockets at which a desktop listens, by path. */
  readonly sockets = new Map<string, Door>();
  /** Whether its sshd reads key files (AuthorizedKeysFile). */
  keyFiles = true;
  /** Public keys that may log in as root, wherever its sshd has them from. */
  readonly authorized: string[] = [];
  constructor(office: Office, about: HostAbout) {
    this.office = office;
    this.about = about;
    this.files = new HostFiles(about.mounts, () => this.now());
    this.stirs.setMaxListeners(0);
    this.bootedAt = office.time.now() - 1000 * 3600 * 24 * 41;
  }
  /** The host's own clock. */
  now(): number {
    return this.office.time.now() + this.about.clockOffsetMs;
  }
  /** It has power, and was not started again since it was started then. */
  isUpSince(bootedAt: number): boolean {
    return !this.dead && this.bootedAt === bootedAt;
  }
  takeDomid(): number {
    this.nextDomid += 1;
    return this.nextDomid - 1;
  }
  takeTty(): string {
    this.nextTty += 1;
    return `/dev/pts/${this.nextTty - 1}`;
  }
  usedMiB(): number {
    let used = this.about.dom0MiB;
    for (const one of this.domains.values()) used += one.memoryMiB + tablesMiB(one);
    return used;
  }
  freeMiB(): number {
    return Math.max(0, this.about.memoryMiB - this.usedMiB() - Math.ceil(this.about.memoryMiB * 0.01));
  }
  /** A domain by what an operator types: a name, or a domid. */
  domain(word: string): SimDomain | null {
    for (const one of this.domains.values()) if (one.name === word && !one.dying) return one;
    return /^\d+$/.test(word) ? (this.domains.get(Number(word)) ?? null) : null;
  }
  /** By domid, as `xl` lists them (newest last). */
  inOrder(): SimDomain[] {
    return [...this.domains.values()].sort((a, b) => a.domid - b.domid);
  }
  add(domain: SimDomain): void {
    this.domains.set(domain.domid, domain);
    this.stir(`/local/domain/${domain.domid}`);
    this.stir(`/local/domain/${domain.domid}/name`);
    this.stir('@introduceDomain');
  }
  release(domain: SimDomain): void {
    this.domains.delete(domain.domid);
    for (const key of [...this.store.keys()]) if (key.startsWith(`/local/domain/${domain.domid}/`)) this.store.delete(key);
    this.stir('@releaseDomain');
    this.stir(`/local/domain/${domain.domid}`);
  }
  write(path: string, value: string): void {
    this.store.set(path, value);
    this.stir(path);
  }
  /** Says that something at this xenstore path changed. */
  stir(path: string): void {
    this.stirs.emit('path', path);
  }
  onStir(heard: (path: string) => void): () => void {
    this.stirs.on('path', heard);
    return () => this.stirs.off('path', heard);
  }
  group(name: string): VolumeGroup | null {
    return this.about.groups.find((one) => one.name === name) ?? null;
  }
  /** Whether a disk can be opened here: a file that exists, or a volume that is active. */
  hasDisk(path: string): boolean {
    const volume = volumeOf(path);
    if (volume) return this.group(volume.group)?.volumes.has(volume.name) === true && this.active.has(`${volume.group}/${volume.name}`);
    return this.files.stat(path)?.kind === 'file';
  }
  bridge(name: string): boolean {
    return this.about.bridges.some((one) => one.name === name);
  }
}

/** About 1 % for a guest's page tables, and a little for PV. */
export function tablesMiB(domain: SimDomain): number {
  return domain.config.type === 'pv' ? 1 : Math.ceil(domain.memoryMiB * 0.008) + 2;
}

/** "/dev/vg0/web-disk" or "/dev/mapper/vg0-web--disk" as group and volume; null for a file. */
export function volumeOf(path: string): { group: string; name: string } | null {
  const mapped = /^\/dev\/mapper\/((?:[^-]|--)+)-((?:[^-]|--)+)$/.exec(path);
  if (mapped) return { group: (mapped[1] ?? '').replaceAll('--', '-'), name: (mapped[2] ?? '').replaceAll('--', '-') };
  const plain = /^\/dev\/([^/]+)\/([^/]+)$/.exec(path);
  if (!plain || plain[1] === 'mapper' || plain[1] === 'pts') return null;
  return { group: plain[1] ?? '', name: plain[2] ?? '' };
}
