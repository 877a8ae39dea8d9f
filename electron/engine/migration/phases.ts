import type { DiskCopying, MigrationProgress, TaskPhase } from '../../contract/task.ts';

/** Where a move stands, from what `xl migrate` says (both ends mixed, XEN.md section 2) and from the bytes that went through. */
export interface MoveState {
  phase: TaskPhase;
  /** Everything has arrived and the target may start it: nothing may be killed any more. */
  committed: boolean;
  sentBytes: number;
  bytesPerS: number | null;
  /** Uptime seconds of the source and bytes of the last samples, for the rate. */
  samples: { uptime: number; bytes: number }[];
  /** null: no disk is copied. */
  disks: DiskCopying | null;
  /** With a stop: how long it ran nowhere; null: not known (yet). */
  stoppedMs: number | null;
}

export const moveStart: MoveState = {
  phase: 'connecting',
  committed: false,
  sentBytes: 0,
  bytesPerS: null,
  samples: [],
  disks: null,
  stoppedMs: null,
};

/** Live or with a stop: no move goes through all of them. */
const order: TaskPhase[] = [
  'connecting',
  'shuttingDown',
  'saving',
  'copyingDisk',
  'copyingMemory',
  'finalPause',
  'resuming',
  'writing',
  'starting',
  'tidying',
];

/** Words of `move-stopped` that begin a phase. */
const words: Record<string, TaskPhase> = { stopping: 'shuttingDown', saving: 'saving', switching: 'writing', starting: 'starting' };

/** After a job's own word of where it stands. */
export function afterPhase(state: MoveState, word: string): MoveState {
  const phase = words[word];
  return phase ? atPhase(state, phase) : state;
}

/** Lines of `xl migrate` that begin a phase. "successsfully" has three s in xl. */
const signs: [RegExp, TaskPhase][] = [
  [/^Saving to migration stream/, 'copyingMemory'],
  [/^migration target: Transfer complete/, 'finalPause'],
  [/^migration sender: Giving target permission/, 'resuming'],
  [/^migration target: Got permission/, 'resuming'],
  [/^migration target: Domain started succ/, 'tidying'],
  [/^Migration successful/, 'tidying'],
];

/** Whether these words of `xl migrate` say that the guest runs at its target: of a move that is tidied up after, it is not enough to know that. */
export const hasArrived = (log: readonly string[]): boolean => log.some((line) => /^migration target: Domain started succ/.test(line));

/** After one more line. A phase never goes back. */
export function afterLine(state: MoveState, line: string): MoveState {
  if (line.startsWith('disks ')) return afterDisks(state, line);
  const tenths = /^stopped for (\d+)$/.exec(line)?.[1];
  if (tenths !== undefined) return { ...state, stoppedMs: Number(tenths) * 100 };
  const sign = signs.find(([pattern]) => pattern.test(line));
  if (!sign) return state;
  // memory goes through a process of its own, which counts from nothing
  const begins = state.phase === 'copyingDisk' && sign[1] === 'copyingMemory';
  return atPhase(begins ? { ...state, sentBytes: 0, samples: [], bytesPerS: null } : state, sign[1]);
}

/** After a line of `move-disks`. */
function afterDisks(state: MoveState, line: string): MoveState {
  const [, word = '', ...numbers] = line.split(' ');
  const first = Number(numbers[0] ?? 0);
  const before = state.disks ?? { totalBytes: 0, rounds: [], copiedBytes: 0, bytesPerS: null, comparing: false, pause: false, same: false };
  const now = (disks: Partial<DiskCopying>): MoveState => ({ ...atPhase(state, 'copyingDisk'), disks: { ...before, ...disks } });
  switch (word) {
    case 'total':
      return now({ totalBytes: first });
    case 'round':
      return now({ rounds: [...before.rounds, Number(numbers[1] ?? 0)], copiedBytes: 0, comparing: false });
    case 'copied':
      return now({ copiedBytes: first });
    case 'rate':
      // the first round has all of it, and says most
      return before.bytesPerS === null ? now({ bytesPerS: first }) : state;
    case 'comparing':
      return now({ comparing: true });
    case 'different':
      return now({ comparing: false });
    case 'last':
      return atPhase(now({ rounds: [...before.rounds, first], copiedBytes: 0, comparing: false, pause: true }), 'finalPause');
    case 'same':
      return now({ same: true });
    default:
      return state;
  }
}

/** Forward to a phase; ignored when it is behind us. */
export function atPhase(state: MoveState, phase: TaskPhase): MoveState {
  return order.indexOf(phase) > order.indexOf(state.phase) ? { ...state, phase } : state;
}

/** Samples this far apart make the rate, seconds. */
const RATE_OVER = 5;

/** After bytes were counted at the transport. A smaller count is of another process and is not believed. */
export function afterBytes(state: MoveState, bytes: number, uptime: number): MoveState {
  if (bytes < state.sentBytes) return state;
  const samples = [...state.samples.filter((one) => one.uptime > uptime - RATE_OVER), { uptime, bytes }];
  const first = samples[0];
  const seconds = first ? uptime - first.uptime : 0;
  return {
    ...state,
    sentBytes: bytes,
    samples,
    bytesPerS: first && seconds > 0 ? Math.round((bytes - first.bytes) / seconds) : state.bytesPerS,
  };
}

/** Which pass over memory it may be (≈): xl goes through it once and then sends again what changed, five times at most. */
export function passOf(sentBytes: number, memoryBytes: number): number | null {
  if (memoryBytes <= 0 || sentBytes <= 0) return null;
  return Math.min(6, 1 + Math.floor(sentBytes / (memoryBytes * 1.01)));
}

/** The part of a task's figures that comes from here. */
export function figuresOf(
  state: MoveState,
  memoryBytes: number,
): Pick<MigrationProgress, 'pass' | 'sentBytes' | 'bytesPerS' | 'memoryBytes' | 'disks'> {
  const sentBytes = state.phase === 'copyingDisk' ? 0 : state.sentBytes;
  return { pass: passOf(sentBytes, memoryBytes), sentBytes, bytesPerS: state.bytesPerS, memoryBytes, disks: state.disks };
}

/** How much of what runs now is done: a round over the disks, or the memory. */
export function progressOf(state: MoveState, memoryBytes: number): { done: number; total: number } {
  const { disks } = state;
  if (state.phase === 'copyingDisk' && disks) return { done: disks.copiedBytes, total: disks.rounds.at(-1) ?? disks.totalBytes };
  return { done: Math.min(state.sentBytes, memoryBytes), total: memoryBytes };
}

/** What went wrong, out of all that xl and the programs said: the telling lines, not the consequences. */
export function reasonOf(lines: readonly string[]): string {
  const telling = [
    /^xenferry: (.*)/,
    /^disks failed .*/,
    /Could not find bridge device.*/,
    /Domain with name .* already exists.*/,
    /Failed to enable logdirty.*/,
    /Failed to populate physmap.*/,
    /Block device .*|.*failed to stat.*|.*No such file or directory.*/,
    /Permission denied.*|Host key verification failed.*|.*Connection (refused|timed out|closed|reset).*|.*No route to host.*/,
    /guest didn't acknowledge suspend.*/,
  ];
  const said = lines.filter((line) => line.trim() !== '');
  for (const pattern of telling) {
    const found = said.find((line) => pattern.test(line));
    if (found) return found.slice(0, 300);
  }
  return (said.find((line) => /error/i.test(line)) ?? said.at(-1) ?? '').slice(0, 300);
}
