import { z } from 'zod';
import { transport } from '../../contract/transport.ts';
import type { FoundJob } from '../remote/jobs.ts';

/** What a move says of itself in its job's folder, for any XenFerry that finds it. Hosts are named by what they are, not by how one desktop saved them. */
const aboutMove = z.looseObject({
  kind: z.enum(['guest.migrate', 'guest.moveStopped', 'guest.moveConfig']),
  guestId: z.string(),
  guestName: z.string(),
  /** '' for a halted guest without one. */
  uuid: z.string(),
  /** null: it does not run. */
  domid: z.number().nullable(),
  memoryMiB: z.number(),
  /** /etc/machine-id of the target. */
  target: z.string(),
  targetLabel: z.string(),
  configFile: z.string().nullable(),
  pingAddress: z.string().nullable(),
  /** Volumes that were activated on the target for this move. */
  activated: z.array(z.string()),
  /** Absent: of an older XenFerry, by the key. */
  transport: transport.optional(),
  /** When it is to begin, ms since 1970; absent: it began at once. */
  at: z.number().optional(),
  /** ms since 1970, by the desktop that started it. */
  startedAt: z.number(),
});
export type AboutMove = z.infer<typeof aboutMove>;

/** A job that is a move of ours; null: it is something else. */
export function moveOf(job: FoundJob): AboutMove | null {
  const parsed = aboutMove.safeParse(job.about);
  return parsed.success ? parsed.data : null;
}
