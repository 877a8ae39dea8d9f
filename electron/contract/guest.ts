import type { GuestType, HostId } from './host.ts';
import type { Problem } from './problem.ts';

/** UUID of a guest; for a config without `uuid`, `HOSTID:FILE`. The same on every host it moves to. */
export type GuestId = string;
/** One guest on one host: `HOSTID/GUESTID`. */
export type GuestKey = string;

/** Xen's states (`xl list`, column State) and ours: `halted` is configured, not running. */
export type GuestState = 'running' | 'blocked' | 'paused' | 'shutdown' | 'crashed' | 'dying' | 'halted';

/** A disk (vbd), as in xl-disk-configuration(5). */
export interface Disk {
  /** Path as the config or the running domain has it; '' for an empty drive. */
  target: string;
  vdev: string;
  format: string;
  access: 'rw' | 'ro';
  cdrom: boolean;
  /** `script=` or a non-file backend: we can't tell where its data is. */
  script: string | null;
  /** Name or id of the driver domain that serves it (`backend=`), whose path `target` then is; null: dom0 serves it. */
  backend: string | null;
}

/** A network card (vif), as in xl-network-configuration(5). */
export interface Nic {
  mac: string | null;
  bridge: string | null;
  model: string | null;
  ip: string | null;
}

/** What a stored config and a running domain can both say. Memory in MiB. */
export interface GuestShape {
  type: GuestType;
  memoryMiB: number;
  maxMemoryMiB: number;
  vcpus: number;
  maxVcpus: number;
  disks: Disk[];
  nics: Nic[];
  kernel: string | null;
  ramdisk: string | null;
  /** `extra`/`cmdline` of the guest's kernel. */
  cmdline: string | null;
  /** A graphical console (vnc/vfb) is configured. */
  graphical: boolean;
  /** A serial console is there: PV, PVH always; HVM with `serial`. */
  serial: boolean;
  /** PCI or USB devices passed through. */
  passthrough: boolean;
  /** `nomigrate=1`: xl doesn't enforce it any more, we do. */
  noMigrate: boolean;
}

/** A config file on a host. */
export interface StoredConfig {
  file: string;
  /** sha256 of its bytes: writing is refused if it changed meanwhile. */
  version: string;
  autostart: boolean;
  /** Has its own `uuid`. */
  hasUuid: boolean;
  shape: GuestShape | null;
  /** Why shape is null. */
  unreadable: { line: number; sample: string } | null;
}

/** A guest on a host: stored config, running domain, or both. */
export interface Guest {
  key: GuestKey;
  hostId: HostId;
  guestId: GuestId;
  name: string;
  uuid: string | null;
  state: GuestState;
  /** Valid only while running; null when halted. */
  domid: number | null;
  config: StoredConfig | null;
  live: GuestShape | null;
  /** Fields in which config and live differ; empty: nothing waits for a restart. */
  needsRestart: ('type' | 'memoryMiB' | 'vcpus' | 'disks' | 'nics' | 'kernel' | 'cmdline')[];
  /** The domain is a rest or a half of a migration (`NAME--incoming`, `NAME--migratedaway`). */
  leftover: 'incoming' | 'migratedaway' | null;
  /** Current memory, MiB: of the domain while it runs, else of the config. */
  memoryMiB: number;
  vcpus: number;
  type: GuestType | null;
  /** It runs, and so does the same elsewhere, or something else writes to its disk; null: not that we know. */
  warning: Problem | null;
  /** What is being done to it. */
  doing: { taskId: string; kind: string } | null;
}

/** One sample of one guest (or of dom0). Rates are per second since the sample before. */
export interface Figures {
  domid: number;
  name: string;
  /** Of one physical CPU: 250 = two and a half. */
  cpuPercent: number;
  memoryMiB: number;
  netRxBytesPerS: number;
  netTxBytesPerS: number;
  diskReadBytesPerS: number;
  diskWriteBytesPerS: number;
}

/** A sample of one host. `at` is milliseconds since 1970 on the desktop's clock. */
export interface HostSample {
  hostId: HostId;
  at: number;
  dom0: Figures | null;
  guests: (Figures & { key: GuestKey })[];
}
