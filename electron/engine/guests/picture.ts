import type { Domain, LiveDomain } from '../xen/domains.ts';
import type { GuestConfig } from '../xen/guestConfig.ts';

/** A config file of a host as the watch saw it last. */
export interface SeenConfig {
  file: string;
  version: string;
  autostart: boolean;
  config: GuestConfig | null;
  /** Why config is null. */
  unreadable: { line: number; sample: string } | null;
}

/** What is known of one host: joined to guests by `guestsOf`. */
export interface Picture {
  domains: readonly Domain[];
  /** By domid; absent: not asked yet; null: xl has none (a half of a migration, another toolstack's). */
  live: ReadonlyMap<number, LiveDomain | null>;
  /** By path. */
  configs: ReadonlyMap<string, SeenConfig>;
  /** Names domains had, by UUID: one that is dying has lost its own. */
  names: ReadonlyMap<string, string>;
}

export const emptyPicture: Picture = { domains: [], live: new Map(), configs: new Map(), names: new Map() };
