import { z } from 'zod';

/** What the page must know of where it runs. */
export interface AppInfo {
  version: string;
  shell: 'electron' | 'server' | 'cli';
  demo: boolean;
  /** How secrets are kept: by the system; in memory only; or the system has only an unsafe store. */
  secrets: 'system' | 'memory' | 'unsafe';
  /** Host the engine runs on, as in process.platform. */
  platform: string;
}

/** The operator's own settings, kept by the engine. */
export const settings = z.strictObject({
  language: z.enum(['system', 'ja', 'en']).default('system'),
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Store secrets although the system's store is not safe. */
  insistOnUnsafeStore: z.boolean().default(false),
});
export type Settings = z.infer<typeof settings>;

/** A question of a server (keyboard-interactive) or for a secret that is not stored. */
export interface Prompt {
  promptId: string;
  hostLabel: string;
  what: 'interactive' | 'password' | 'passphrase' | 'sudo';
  instructions: string;
  fields: { label: string; echo: boolean }[];
}

/** Something in a host's trash, with a way back (remote program `trash`). */
export interface TrashEntry {
  trashId: string;
  name: string;
  /** null: its config has none. */
  uuid: string | null;
  /** ms since 1970. */
  removedAt: number;
  /** Not removed: the guest moved to the host of this label, and these are its disks as they were here then. null: removed. */
  movedTo: string | null;
  /** Where its config stood, and where it lies; '': it had none. */
  configFile: string;
  configAt: string;
  disks: TrashedDisk[];
}

/** A disk in a host's trash. */
export interface TrashedDisk {
  /** Where it stood, and where it lies. */
  from: string;
  at: string;
  /** As the guest that moved had it; null: not noted. */
  vdev: string | null;
  sizeMiB: number;
  /** false: a move back began to write over it. It is no state that the guest ever had; it only serves as the beginning of the next copy. */
  whole: boolean;
}
