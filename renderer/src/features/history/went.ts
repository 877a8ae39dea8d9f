import type { Task } from '../../../../electron/contract/task.ts';

/** How much a move was about, so that it can be laid beside others. Bytes. */
export interface Went {
  /** Of its memory, where that goes along, and of the disks that were copied. */
  sizeBytes: number;
  /** What went over, each time it did. */
  sentBytes: number;
  /** Over the whole time of its job; null: that is not known. */
  bytesPerS: number | null;
}

/** null: nothing went over, or it did not get there, and its figures say nothing of a move. */
export function wentOf({ outcome, migration }: Pick<Task, 'outcome' | 'migration'>): Went | null {
  if (outcome?.is !== 'done' || !migration) return null;
  const { memoryBytes, disks, wallMs } = migration;
  const ofDisks = disks?.rounds.reduce((sum, one) => sum + one, 0) ?? 0;
  // of a move with a stop the counter stands for the disks as well
  const sentBytes = ofDisks + (memoryBytes > 0 ? migration.sentBytes : 0);
  if (sentBytes === 0) return null;
  return {
    sizeBytes: memoryBytes + (disks?.totalBytes ?? 0),
    sentBytes,
    bytesPerS: wallMs ? Math.round((sentBytes * 1000) / wallMs) : null,
  };
}
