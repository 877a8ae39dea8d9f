import type { HostId } from '../../contract/host.ts';
import type { DiskCopying, MigrationProgress, Task } from '../../contract/task.ts';
import type { Transport } from '../../contract/transport.ts';

/** What earlier moves between two hosts say of the next one; null: never seen. */
export interface Expected {
  /** Wall time of the whole move. */
  seconds: number | null;
  /** How long the guest will stand still, or run nowhere. */
  pauseMs: number | null;
  /** Of copying disks, as it went there before. */
  diskBytesPerS: number | null;
}

/** What is asked about: memory, and the bytes of disks that are copied (0: all are shared). */
export interface ToMove {
  /** false: with a stop; its memory stays. */
  live: boolean;
  memoryMiB: number;
  diskBytes: number;
  /** Some of them lie there already: both ends are compared, and what differs is copied. */
  back: boolean;
  from: HostId;
  to: HostId;
  transport: Transport | null;
}

/**
 * How a move may go, by earlier ones between these two hosts: the median, of the same kind (with disks, with old ones, or without) and
 * way (straight, or through the desktop). How long disks take while nothing runs is told by live moves too, where there was none with a stop.
 */
export function expectedOf(history: readonly Task[], what: ToMove): Expected {
  const live = pastOf(history, 'guest.migrate', what);
  const stopped = pastOf(history, 'guest.moveStopped', what);
  if (what.live) {
    const seconds = secondsFor(live, what, what.memoryMiB * 1024 * 1024 + what.diskBytes);
    return { seconds, pauseMs: middleOf(downtimesOf(live)), diskBytesPerS: rateOf(live) };
  }
  if (what.diskBytes === 0) {
    const wallMs = middleOf(stopped.map((one) => one.wallMs));
    return { seconds: wallMs === null ? null : Math.ceil(wallMs / 1000), pauseMs: middleOf(downtimesOf(stopped)), diskBytesPerS: null };
  }
  const known = stopped.length > 0 ? stopped : live;
  const seconds = secondsFor(known, what, what.diskBytes);
  // it runs nowhere for nearly all of it
  return { seconds, pauseMs: seconds === null ? null : seconds * 1000, diskBytesPerS: rateOf(known) };
}

type Past = MigrationProgress & { wallMs: number };

function pastOf(history: readonly Task[], kind: Task['kind'], { from, to, diskBytes, back, transport }: ToMove): Past[] {
  return history.flatMap(({ kind: its, hostId, targetHostId, outcome, migration }) => {
    const between = (hostId === from && targetHostId === to) || (hostId === to && targetHostId === from);
    if (its !== kind || !between || outcome?.is !== 'done' || !migration?.wallMs) return [];
    const { disks, wallMs } = migration;
    const alike = (disks?.totalBytes ?? 0) > 0 === diskBytes > 0 && isBack(disks) === back;
    return alike && isRelayed(migration.transport) === isRelayed(transport) ? [{ ...migration, wallMs }] : [];
  });
}

/** The others go straight, and alike. */
const isRelayed = (transport: Transport | null | undefined): boolean => transport === 'relay';

/** Its first round had not all of its disks. */
const isBack = (disks: DiskCopying | null | undefined): boolean => !!disks && (disks.rounds[0] ?? disks.totalBytes) < disks.totalBytes;

function secondsFor(past: readonly Past[], { back }: ToMove, bytes: number): number | null {
  const msPerByte = middleOf(
    past.flatMap(({ disks, memoryBytes, wallMs }) => {
      // what is compared takes its time as well
      const ofDisks = (back ? disks?.totalBytes : disks?.rounds.reduce((sum, round) => sum + round, 0)) ?? 0;
      const went = memoryBytes + ofDisks;
      return went > 0 ? [wallMs / went] : [];
    }),
  );
  return msPerByte === null ? null : Math.max(1, Math.round((msPerByte * bytes) / 1000));
}

const downtimesOf = (past: readonly Past[]): number[] => past.flatMap(({ downtimeMs }) => (downtimeMs === null ? [] : [downtimeMs]));
const rateOf = (past: readonly Past[]): number | null => middleOf(past.flatMap(({ disks }) => (disks?.bytesPerS ? [disks.bytesPerS] : [])));

function middleOf(values: readonly number[]): number | null {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}
