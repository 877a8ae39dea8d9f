import type { GuestId } from './guest.ts';
import type { HostId } from './host.ts';
import type { Problem, Verdict } from './problem.ts';
import type { Transport } from './transport.ts';

export type TaskId = string;

export type TaskKind =
  | 'guest.start'
  | 'guest.shutdown'
  | 'guest.reboot'
  | 'guest.forceOff'
  | 'guest.pause'
  | 'guest.resume'
  | 'guest.remove'
  | 'guest.putBack'
  /** What lies in a host's trash goes for good. */
  | 'guest.letGo'
  | 'guest.create'
  | 'guest.migrate'
  /** It runs nowhere while its disks go. */
  | 'guest.moveStopped'
  | 'guest.moveConfig'
  | 'doctor.mend';

/** Where a task stands. Each kind goes through some of them, in this order. `scheduled`: it waits for its time at its host, and holds nobody up. */
export type TaskPhase =
  | 'queued'
  | 'checking'
  | 'preparing'
  | 'activating'
  | 'shuttingDown'
  /** Its memory goes to a file at the source, and it stands still. */
  | 'saving'
  | 'copyingDisk'
  | 'writing'
  | 'starting'
  | 'waiting'
  | 'scheduled'
  | 'connecting'
  | 'copyingMemory'
  | 'finalPause'
  | 'resuming'
  | 'tidying'
  | 'ended';

export type TaskOutcome =
  | { is: 'done' }
  | { is: 'cancelled' }
  | { is: 'failed'; problem: Problem }
  /** The desktop can't see how it went (link lost); the host goes on by itself. */
  | { is: 'unknown'; problem: Problem };

/** What is counted while a task runs. */
export interface Progress {
  done: number;
  /** null: not known. */
  total: number | null;
  unit: 'bytes' | 'steps';
  /** null: not yet. */
  bytesPerS: number | null;
  secondsLeft: number | null;
}

/** Disks that are copied, while the guest runs or while it runs nowhere. Bytes. */
export interface DiskCopying {
  /** Of all disks together. */
  totalBytes: number;
  /** What each round had to copy, the first one all of it; the last in the final pause when `pause` is set. */
  rounds: number[];
  /** Of the round that runs now. */
  copiedBytes: number;
  /** Of the last whole round that could be measured; null: none yet. */
  bytesPerS: number | null;
  /** Both ends are being compared. */
  comparing: boolean;
  /** The guest stands still, and the last of it goes over. */
  pause: boolean;
  /** Both ends were proven to be the same. */
  same: boolean;
}

/** What is special to a migration. */
export interface MigrationProgress {
  /** Estimated pass over memory, from bytes sent; xl prints none. */
  pass: number | null;
  sentBytes: number;
  memoryBytes: number;
  bytesPerS: number | null;
  /** Longest gap of ping replies; of a move with a stop how long it ran nowhere, by the source's clock. null: unknown. */
  downtimeMs: number | null;
  /** Wall time of `xl migrate`, ms; null while it runs. */
  wallMs: number | null;
  pingFrom: string | null;
  pingAddress: string | null;
  /** null: no disk is copied. */
  disks: DiskCopying | null;
  /** Absent: of an older XenFerry, which knew only the key. */
  transport?: Transport;
}

/** Long work, seen from every XenFerry that looks at the same hosts. Times: ms since 1970, desktop's clock. */
export interface Task {
  id: TaskId;
  kind: TaskKind;
  hostId: HostId;
  /** The second host of a move. */
  targetHostId: HostId | null;
  guestId: GuestId | null;
  guestName: string;
  phase: TaskPhase;
  progress: Progress | null;
  migration: MigrationProgress | null;
  startedAt: number;
  /** When a move that was made ready beforehand begins. Absent: at once. */
  startsAt?: number;
  endedAt: number | null;
  outcome: TaskOutcome | null;
  /** Whether it may be cancelled now, and if not why not. */
  mayCancel: Verdict;
  /** Started by another XenFerry on the same hosts. */
  foreign: boolean;
  /** What the program and the hosts said, newest last, secrets removed. */
  log: string[];
  /** Of a live move that ended: the guest's replies around its longest silence. Absent: nobody heard any, or of an older XenFerry. */
  pings?: KeptPings;
}

/** What stays of the ping strip when a move is over. */
export interface KeptPings {
  /** Whose clock: a host's label, or `desktop`; the one by which the downtime is told. */
  from: string;
  /** Of the whole move. */
  replies: number;
  missing: number;
  /** The longest time between two replies, ms. */
  longestGapMs: number;
  /** Echoes around it, in their order: ms since the first of them, and how long the reply took; null: none came. */
  echoes: [afterMs: number, rttMs: number | null][];
}

/** When it began to do anything, ms: what waited for its time did nothing before. */
export const beganAt = ({ startedAt, startsAt, endedAt }: Pick<Task, 'startedAt' | 'startsAt' | 'endedAt'>): number =>
  startsAt !== undefined && (endedAt === null || endedAt >= startsAt) ? startsAt : startedAt;

/**
 * By what a move needs this desktop now: its end would break it off. All the way through it; by its agent, until the last connection
 * stands; null: it goes on at its hosts without us.
 */
export function neededFor({ outcome, foreign, migration, mayCancel, kind, phase }: Task): 'relay' | 'agent' | null {
  if (outcome !== null || foreign || migration === null) return null;
  if (!mayCancel.may && mayCancel.because.code === 'move.tooLateToCancel') return null;
  const { transport } = migration;
  if (transport === 'relay') return 'relay';
  const logsIn = ['connecting', 'shuttingDown', 'saving'].includes(phase) || (phase === 'copyingDisk' && kind === 'guest.migrate');
  return transport === 'agent' && logsIn ? 'agent' : null;
}

/** One echo of the ping strip. */
export interface Ping {
  seq: number;
  /** ms since 1970 on the clock of the host that pings. */
  at: number;
  /** null: no reply. */
  rttMs: number | null;
}
