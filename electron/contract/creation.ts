import { z } from 'zod';
import type { Problem } from './problem.ts';

const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^\/[^\n\0]*$/);

/** Where the system of a new guest comes from. */
export const guestSource = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('iso'), iso: path }),
  z.strictObject({ is: z.literal('kernel'), kernel: path, ramdisk: path.nullable(), cmdline: z.string().max(2000) }),
  /** A copy of an image (raw or qcow2 file, or LVM volume); a kernel of dom0 may boot it (PV, PVH). */
  z.strictObject({
    is: z.literal('copy'),
    from: path,
    kernel: path.nullable().default(null),
    ramdisk: path.nullable().default(null),
    cmdline: z.string().max(2000).default(''),
  }),
  /** Uses a disk as it is. */
  z.strictObject({
    is: z.literal('existing'),
    disk: path,
    kernel: path.nullable().default(null),
    ramdisk: path.nullable().default(null),
    cmdline: z.string().max(2000).default(''),
  }),
]);

export const newDisk = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('none') }),
  z.strictObject({
    is: z.literal('file'),
    directory: path,
    format: z.enum(['raw', 'qcow2']),
    sizeMiB: z
      .number()
      .int()
      .min(1)
      .max(64 * 1024 * 1024),
  }),
  z.strictObject({
    is: z.literal('volume'),
    group: z.string().regex(/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]{0,126}$/),
    sizeMiB: z
      .number()
      .int()
      .min(1)
      .max(64 * 1024 * 1024),
  }),
]);

/** Everything a new guest needs. uuid and MAC are made by the engine when absent, and always written. */
export const guestSpec = z.strictObject({
  name: z.string().max(300),
  type: z.enum(['pv', 'pvh', 'hvm']),
  source: guestSource,
  disk: newDisk,
  memoryMiB: z
    .number()
    .int()
    .min(4)
    .max(16 * 1024 * 1024),
  vcpus: z.number().int().min(1).max(512),
  bridge: z.string().max(15).nullable(),
  mac: z
    .string()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i)
    .nullable()
    .default(null),
  autostart: z.boolean(),
  /** Start it when it is made. */
  start: z.boolean().default(true),
});
export type GuestSpec = z.infer<typeof guestSpec>;

/** One line of a check before anything is written. */
export interface Check {
  what:
    | 'name'
    | 'type'
    | 'memory'
    | 'bridge'
    | 'source'
    | 'space'
    | 'disk'
    | 'mac'
    | 'uuid'
    | 'config'
    | 'others'
    | 'reach'
    | 'version'
    | 'cpu'
    | 'clock'
    | 'files'
    | 'disks'
    | 'state'
    | 'autostart';
  verdict: 'good' | 'warning' | 'bad';
  problem: Problem | null;
}
