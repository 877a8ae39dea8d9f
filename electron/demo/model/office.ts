import { createHash } from 'node:crypto';
import type { SimDomain } from './domain.ts';
import { type HostAbout, SimHost } from './simHost.ts';
import type { SimTime } from './time.ts';

/** All simulated machines and what lies between them: the network, and storage they share. */
export class Office {
  readonly time: SimTime;
  readonly hosts: SimHost[] = [];
  /** Bytes a second between two hosts. */
  linkBytesPerS = 112_000_000;
  private readonly leases = new Map<string, string>();
  private nextUuid = 1;
  constructor(time: SimTime) {
    this.time = time;
  }
  addHost(about: HostAbout): SimHost {
    const host = new SimHost(this, about);
    this.hosts.push(host);
    return host;
  }
  /** A host by any name or address it is reached by from inside the office. */
  find(address: string): SimHost | null {
    return this.hosts.find((one) => [one.about.ownAddress, one.about.address, one.about.hostname].includes(address)) ?? null;
  }
  lease(mac: string, address: string): void {
    this.leases.set(mac, address);
  }
  /** The address of a guest, by what its kernel was told or its card has leased. */
  addressOf(domain: SimDomain): string | null {
    const told = /(?:^|\s)ip=(\d+\.\d+\.\d+\.\d+)/.exec(domain.config.cmdline ?? '')?.[1];
    if (told) return told;
    for (const nic of domain.config.nics) {
      const known = nic.ip ?? (nic.mac ? this.leases.get(nic.mac) : undefined);
      if (known) return known;
    }
    return null;
  }
  /** Whether a guest answers a ping now: it runs, somewhere, and its kernel is up. */
  answers(address: string): boolean {
    const now = this.time.now();
    for (const host of this.hosts) {
      if (host.dead) continue;
      if (host.about.ownAddress === address) return true;
      for (const one of host.domains.values()) {
        if (one.runs && one.bootedAt <= now && this.addressOf(one) === address) return true;
      }
    }
    return false;
  }
  /** A uuid nobody has. */
  makeUuid(): string {
    this.nextUuid += 1;
    return uuidOf(`made ${this.nextUuid} at ${this.time.now()}`);
  }
}

/** A version 4 uuid that is always the same for the same seed. */
export function uuidOf(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
