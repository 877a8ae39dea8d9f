import { z } from 'zod';
import type { Problem } from './problem.ts';

/** Identity of a saved host: made by us, stable over edits of its address. */
export type HostId = string;

/** How the operator proves who they are. A secret travels in this direction only: page to engine. */
export const authInput = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('agent') }),
  z.strictObject({
    by: z.literal('key'),
    path: z.string().max(4096).describe('file on the desktop'),
    passphrase: z.string().max(1024).optional(),
  }),
  z.strictObject({ by: z.literal('password'), password: z.string().max(1024).optional() }),
  z.strictObject({ by: z.literal('interactive') }),
]);
export type AuthInput = z.infer<typeof authInput>;

/** What is asked for when a host is added or edited. */
export const hostInput = z.strictObject({
  label: z.string().trim().max(100).default(''),
  address: z.string().trim().min(1).max(255),
  port: z.number().int().min(1).max(65535).default(22),
  user: z.string().trim().min(1).max(64).default('root'),
  auth: authInput,
  /** Password for sudo, where the user is not root and sudo asks. */
  sudoPassword: z.string().max(1024).optional(),
  tags: z.array(z.string().trim().min(1).max(40)).max(20).default([]),
  /** `user@address:port` of a host to go through (ssh's ProxyJump), or null. */
  jump: z.string().trim().max(400).nullable().default(null),
  /** Keep the secrets in the system's keyring (Electron); else in memory until the program ends. */
  remember: z.boolean().default(true),
});
export type HostInput = z.infer<typeof hostInput>;

/** Our SSH connection to a host. Times are milliseconds since 1970 on the desktop's clock. */
export type HostLink =
  | { is: 'closed' }
  | { is: 'opening'; attempt: number; since: number }
  | { is: 'open'; since: number }
  | { is: 'lost'; since: number; retryAt: number | null; problem: Problem };

/** Kinds of guest Xen can run: `type` in xl.cfg(5). */
export type GuestType = 'pv' | 'pvh' | 'hvm';

/** A place new disks can be put. */
export type StoragePlace =
  | { is: 'directory'; path: string; freeMiB: number; totalMiB: number; fsType: string; shared: string | null }
  | { is: 'volumeGroup'; name: string; freeMiB: number; totalMiB: number; uuid: string; extentMiB: number };

/** Names a place on its host. */
export const placeId = (place: StoragePlace): string => (place.is === 'directory' ? `dir:${place.path}` : `vg:${place.name}`);

/** A bridge of dom0 (`ip -j link show type bridge`). */
export interface Bridge {
  name: string;
  up: boolean;
  /** Interfaces enslaved to it, vifs of guests left out. */
  ports: string[];
}

/** What the examination of a host found (remote program `examine`). Sizes in MiB. */
export interface HostFacts {
  /** `host` of `xl info`. */
  hostname: string;
  /** `xen_version`, as "4.17.7". */
  xenVersion: string;
  /** Who may change guests here: `xl`, or a toolstack that would be confused by us and is kept read-only. */
  toolstack: 'xl' | 'xapi' | 'xend' | 'none';
  virtCaps: string[];
  xenCaps: string[];
  /** Guest types this host can run, from `virt_caps`. */
  types: GuestType[];
  /** PV guests can be live-migrated only with shadow paging (`shadow` in virt_caps). */
  shadow: boolean;
  cpus: number;
  cpuModel: string;
  cpuVendor: string;
  totalMemoryMiB: number;
  freeMemoryMiB: number;
  /** dom0_mem is on Xen's command line, so autoballoon="auto" is off. */
  dom0MemFixed: boolean;
  bridges: Bridge[];
  places: StoragePlace[];
  /** Folders that hold guest configs here and exist. */
  configFolders: string[];
  /** Where `xl` autostart links live; `/etc/xen/auto` whether or not it exists yet. */
  autoFolder: string;
  systemd: boolean;
  /** Its kernel can say which blocks of a disk are written (tracefs), and its tools can hear it: disks are copied traced. */
  tracesWrites: boolean;
  /** The host's clock minus the desktop's, milliseconds. */
  clockOffsetMs: number;
  /** Installation images and boot files found in the usual places. */
  isos: { path: string; sizeMiB: number }[];
  images: { path: string; sizeMiB: number; format: 'raw' | 'qcow2' }[];
  kernels: { path: string; initrds: string[] }[];
  volumes: { path: string; group: string; sizeMiB: number; active: boolean; uuid: string }[];
  /** Addresses of the host itself, without loopback. */
  addresses: string[];
  /** /etc/machine-id or DMI UUID: tells two machines apart. */
  machineId: string;
  distribution: string;
}

/** Something missing on a host, for its report. */
export interface HostFinding {
  hinders: 'everything' | 'creating' | 'migrating' | 'changing';
  problem: Problem;
}

/** A saved host with all that is known of it. Secrets are never in it. */
export interface Host {
  id: HostId;
  label: string;
  address: string;
  port: number;
  user: string;
  authBy: AuthInput['by'];
  keyPath: string | null;
  tags: string[];
  jump: string | null;
  remember: boolean;
  link: HostLink;
  /** null until it was examined once. Stays through a lost link. */
  facts: HostFacts | null;
  findings: HostFinding[];
  /** When the last list of guests was read, ms since 1970; null: never. */
  seenAt: number | null;
  /** Free memory for new guests now, MiB (xl info free_memory); null: not known. */
  freeMemoryMiB: number | null;
  dom0MemoryMiB: number | null;
  /** Something in the watch could not be read; the last good state stays. */
  watchProblem: Problem | null;
}

/** An entry of ~/.ssh/config offered while adding a host. */
export interface HostSuggestion {
  name: string;
  address: string;
  port: number;
  user: string | null;
  keyPath: string | null;
  jump: string | null;
  /** Directives we do not follow, by name (`Match exec`). */
  ignored: string[];
}
