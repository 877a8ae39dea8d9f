import type { HostId } from '../../contract/host.ts';
import type { Task } from '../../contract/task.ts';
import type { Transport } from '../../contract/transport.ts';

/** What earlier moves between two hosts say of the next one; null: never seen. */
export interface Expected {
  /** Wall time of the whole move. */
  seconds: number | null;
  /** How long the guest will stand still. */
  pauseMs: number | null;
  /** Of copying disks, as it went there before. */
  diskBytesPerS: number | null;
}

/** What is asked about: memory, and the bytes of disks that are copied (0: all are shared). */
export interface ToMove {
  memoryMiB: number;
  diskBytes: number;
  from: HostId;
  to: HostId;
  transport: Transport | null;
}

/** How a move may go, by earlier ones between these two hosts: the median, of the same kind (with disks, or without) and transport. */
export function expectedOf(history: readonly Task[], { memoryMiB, diskBytes, from, to, transport }: ToMove): Expected {
  const moved = history.flatMap(({ kind, hostId, targetHostId, outcome, migration }) => {
    const between = (hostId === from && targetHostId === to) || (hostId === to && targetHostId === from);
    const alike = kind === 'guest.migrate' && (migration?.transport ?? 'key') === (transport ?? 'key');
    return alike && between && outcome?.is === 'done' && migration?.wallMs ? [{ ...migration, wallMs: migration.wallMs }] : [];
  });
  const alike = moved.filter((one) => (one.disks !== null && one.disks !== undefined) === diskBytes > 0);
  const copied = alike.flatMap(({ disks, wallMs, memoryBytes }) => {
    const bytes = disks?.rounds.reduce((sum, round) => sum + round, 0) ?? 0;
    return [{ bytes: bytes + memoryBytes, wallMs }];
  });
  const msPerByte = middleOf(copied.flatMap(({ bytes, wallMs }) => (bytes > 0 ? [wallMs / bytes] : [])));
  const bytes = memoryMiB * 1024 * 1024 + diskBytes;
  return {
    seconds: msPerByte === null ? null : Math.max(1, Math.round((msPerByte * bytes) / 1000)),
    pauseMs: middleOf(alike.flatMap((one) => (one.downtimeMs === null ? [] : [one.downtimeMs]))),
    diskBytesPerS: middleOf(alike.flatMap(({ disks }) => (disks?.bytesPerS ? [disks.bytesPerS] : []))),
  };
}

function middleOf(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
