import { z } from 'zod';
import type { Check } from './creation.ts';
import type { Transport, TransportChoice } from './transport.ts';

/** What a disk can be as a file; a volume has no format. */
export const fileFormat = z.enum(['raw', 'qcow2']);
export type FileFormat = z.infer<typeof fileFormat>;

/**
 * How one disk of a guest gets to another host. Paths are as configs name them.
 * - shared: both hosts see the same disk; nothing is copied
 * - copied: it is copied, while the guest runs or while it runs nowhere
 */
export type DiskTravel =
  | { travels: 'shared'; vdev: string; path: string }
  | {
      travels: 'copied';
      vdev: string;
      path: string;
      sizeMiB: number;
      /** Where it will stand at the target, and as what. */
      to: string;
      as: FileFormat | 'volume';
      /** Of the places at the target (`placeId`); null: the folder of its old copy is none of them. */
      place: string | null;
      /** It lies there already, from before the guest left: what is the same is not sent. */
      old: boolean;
      /**
       * traced: the source's kernel tells which blocks are written, so the pause holds only the last of them.
       * compared: nobody can tell, so all of it is read at both ends once more in the pause.
       * still: nobody writes, as the guest runs nowhere.
       */
      how: 'traced' | 'compared' | 'still';
    };

/**
 * How a guest goes. straight: live, or as it is where it does not run. saved: its memory is saved here and restored there, what runs in it
 * goes on (`xl save -p`, xl.1). stopped: shut down here, started there.
 */
export type WayToGo = 'straight' | WithStop;
/** Ways on which a running one stands still, the better first. */
export type WithStop = (typeof withStops)[number];
export const withStops = ['saved', 'stopped'] as const;
export const waysToGo = ['straight', ...withStops] as const;

/** One way to move a guest: whether it can be gone, and what it costs. Expectations by earlier moves of the same kind between these hosts. */
export interface MoveWay {
  checks: Check[];
  disks: DiskTravel[];
  /** The one that would be taken; null: none goes, or none is needed. */
  transport: Transport | null;
  transports: TransportChoice[];
  /** For `key`: where the source reaches the target. */
  reachAddress: string | null;
  /** Of the whole move; null: no earlier ones. */
  expectedSeconds: number | null;
  /** How long the guest will not answer; null: no earlier ones. */
  expectedPauseMs: number | null;
  expectedDiskBytesPerS: number | null;
}
