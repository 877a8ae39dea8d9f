import { z } from 'zod';
import type { HostId } from './host.ts';
import type { Problem } from './problem.ts';

/** Name of an interface; of those the kernel allows, the ones no shell or file of settings reads anything into. */
const device = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/);

/** What can be made on a host where it is missing. */
export const fix = z.discriminatedUnion('is', [
  /** `port`: an interface of the host that joins it; null: an inner bridge. */
  z.strictObject({
    is: z.literal('bridge'),
    name: device,
    port: device.nullable().default(null),
  }),
  z.strictObject({
    is: z.literal('folder'),
    path: z
      .string()
      .max(4096)
      .regex(/^(\/(?!\.{1,2}(\/|$))[^/\p{Cc}]+)+$/u),
  }),
  /** An empty logical volume, of the size of one on another host. */
  z.strictObject({
    is: z.literal('volume'),
    group: z.string().regex(/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}$/),
    name: z.string().regex(/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}$/),
    sizeMiB: z
      .number()
      .int()
      .min(1)
      .max(64 * 1024 * 1024),
  }),
]);
export type Fix = z.infer<typeof fix>;

/** What configures a host's network at boot, as far as it can be told. */
export type NetworkFlavour = 'ifupdown' | 'networkd' | 'networkManager' | 'netplan' | 'wicked' | 'unknown';

/** What would be run and written, exactly, before anything is. */
export interface FixPreview {
  /** Shell lines, in their order. */
  commands: string[];
  files: { path: string; text: string }[];
  /** Whether it is there again after a reboot. `network` says why a bridge is not. */
  lasting: boolean;
  network: NetworkFlavour;
  /** Interfaces a bridge could have as its port, with the reason against it. */
  ports: { name: string; refusal: Problem | null }[];
  /** Why it can't be made now; null: it can. */
  refusal: Problem | null;
  /** Names what is shown here: it is made only if it would still be this. */
  shown: string;
}

/** What a finding of a comparison is about. */
export const twinSubjects = ['version', 'cpu', 'features', 'type', 'bridge', 'storage', 'clock', 'keymap'] as const;
export type TwinSubject = (typeof twinSubjects)[number];

/** One line of a comparison. */
export interface TwinFinding {
  what: TwinSubject;
  verdict: 'good' | 'warning' | 'bad';
  /** The host a guest would go to, where the direction matters; what is missing is missing there. null: both ways alike. */
  to: HostId | null;
  problem: Problem | null;
}

/** What the look at one host found that its facts don't have. */
export interface TwinSide {
  hostId: HostId;
  /** Count of features that its CPU policies can give to guests; null: can't be told. */
  features: number | null;
  /** Names of QEMU's keymaps there; null: can't be told. */
  keymaps: string[] | null;
  network: NetworkFlavour;
}

/** Two hosts as partners. */
export interface TwinReport {
  sides: [TwinSide, TwinSide];
  findings: TwinFinding[];
}

/** What would help against a problem on the host where something is missing; null: nothing XenFerry can make. */
export function fixFor(problem: Problem): Fix | null {
  switch (problem.code) {
    case 'bridge.missing':
      // one that is there is somebody's: what joins it is not ours to change
      return !problem.there && device.safeParse(problem.bridge).success ? { is: 'bridge', name: problem.bridge, port: null } : null;
    case 'twin.folderMissing':
      return { is: 'folder', path: problem.path };
    case 'twin.volumeMissing':
      return { is: 'volume', group: problem.group, name: problem.volume, sizeMiB: problem.sizeMiB };
    default:
      return null; // of all other codes nothing is known to be made
  }
}
