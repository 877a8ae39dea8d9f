import type { MigrationProgress, TaskPhase } from '../../contract/task.ts';

/** Where a move stands, from what `xl migrate` says (both ends mixed, XEN.md section 2) and from the bytes that went through. */
export interface MoveState {
  phase: TaskPhase;
  /** Everything has arrived and the target may start it: nothing may be killed any more. */
  committed: boolean;
  sentBytes: number;
  bytesPerS: number | null;
  /** Uptime seconds of the source and bytes of the last samples, for the rate. */
  samples: { uptime: number; bytes: number }[];
}

export const moveStart: MoveState = { phase: 'connecting', committed: false, sentBytes: 0, bytesPerS: null, samples: [] };

const order: TaskPhase[] = ['connecting', 'copyingMemory', 'finalPause', 'resuming', 'tidying'];

/** Lines of `xl migrate` that begin a phase. "successsfully" has three s in xl. */
const signs: [RegExp, TaskPhase][] = [
  [/^Saving to migration stream/, 'copyingMemory'],
  [/^migration target: Transfer complete/, 'finalPause'],
  [/^migration sender: Giving target permission/, 'resuming'],
  [/^migration target: Got permission/, 'resuming'],
  [/^migration target: Domain started succ/, 'tidying'],
  [/^Migration successful/, 'tidying'],
];

/** After one more line. A phase never goes back. */
export function afterLine(state: MoveState, line: string): MoveState {
  const sign = signs.find(([pattern]) => pattern.test(line));
  return sign ? atPhase(state, sign[1]) : state;
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
): Pick<MigrationProgress, 'pass' | 'sentBytes' | 'bytesPerS' | 'memoryBytes'> {
  return { pass: passOf(state.sentBytes, memoryBytes), sentBytes: state.sentBytes, bytesPerS: state.bytesPerS, memoryBytes };
}

/** What went wrong, out of all that xl and the programs said: the telling lines, not the consequences. */
export function reasonOf(lines: readonly string[]): string {
  const telling = [
    /^xenferry: (.*)/,
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
