import type { Handlers } from '../../contract/api.ts';
import type { KeptPings, Ping, TaskId } from '../../contract/task.ts';
import type { Tasks } from '../parts.ts';

/** What stays of the replies of a guest that moved: enough to see its switch again, and to lay it beside that of another move. */

/** So long before and after the longest silence, ms. */
const AROUND_MS = 8000;
/** Echoes kept of one move; of a longer silence the middle is left out. */
const MOST = 400;

/** What one observer has heard so far. */
export interface Heard {
  replies: number;
  missing: number;
  longestGapMs: number;
  /** Around the longest silence so far. */
  around: Ping[];
  /** When it ended; null: there is none yet. */
  gapEnd: number | null;
  /** Since a while before the last reply. */
  recent: Ping[];
  lastReply: number | null;
}
export const nothingHeard: Heard = { replies: 0, missing: 0, longestGapMs: 0, around: [], gapEnd: null, recent: [], lastReply: null };

/** After one more echo. A reply that comes late stands for the one that was missed before. */
export function hear(heard: Heard, ping: Ping): Heard {
  const without = (pings: readonly Ping[]) => pings.filter((one) => one.seq !== ping.seq);
  const late = heard.recent.some((one) => one.seq === ping.seq && one.rttMs === null);
  const near = heard.gapEnd !== null && ping.at - heard.gapEnd <= AROUND_MS;
  const next: Heard = {
    ...heard,
    replies: heard.replies + (ping.rttMs === null ? 0 : 1),
    missing: heard.missing + (ping.rttMs === null ? 1 : 0) - (late ? 1 : 0),
    around: near ? [...without(heard.around), ping] : heard.around,
    recent: shorten([...without(heard.recent), ping]),
  };
  if (ping.rttMs === null) return next;
  const since = heard.lastReply ?? ping.at;
  const gap = ping.at - since;
  const longest = gap > heard.longestGapMs ? { longestGapMs: gap, around: next.recent, gapEnd: ping.at } : {};
  return { ...next, ...longest, lastReply: ping.at, recent: next.recent.filter((one) => one.at >= ping.at - AROUND_MS) };
}

/** Of too many echoes the middle goes: what stands there is one long silence. */
const shorten = (pings: Ping[]): Ping[] => (pings.length > MOST ? [...pings.slice(0, MOST / 2), ...pings.slice(1 - MOST / 2)] : pings);

/** As it is kept; null: too little was heard to tell anything. */
export function keptOf(from: string, heard: Heard | undefined): KeptPings | null {
  if (!heard || heard.gapEnd === null) return null;
  const around = heard.around.slice(0, MOST);
  const start = around[0]?.at ?? 0;
  const echoes = around.map(({ at, rttMs }): KeptPings['echoes'][number] => [
    at - start,
    rttMs === null ? null : Math.round(rttMs * 10) / 10,
  ]);
  return { from, replies: heard.replies, missing: heard.missing, longestGapMs: heard.longestGapMs, echoes };
}

/** Listens to the pings of every move, and gives them to its record. */
export function keepPings(tasks: Tasks, listen: Handlers['migration.pings']): () => void {
  const moves = new Map<TaskId, { heard: Map<string, Heard>; stop: () => void }>();
  const begin = (taskId: TaskId) => {
    const heard = new Map<string, Heard>();
    const stop = listen({ taskId }, ({ from, pings }) => heard.set(from, pings.reduce(hear, heard.get(from) ?? nothingHeard)));
    moves.set(taskId, { heard, stop });
  };
  const undo = [
    tasks.onChange(({ id, kind, outcome }) => {
      if (kind === 'guest.migrate' && outcome === null && !moves.has(id)) begin(id);
    }),
    tasks.atEnd(({ id, migration }) => {
      const move = moves.get(id);
      moves.delete(id);
      move?.stop();
      const from = migration?.pingFrom ?? null;
      const pings = from === null ? null : keptOf(from, move?.heard.get(from));
      return pings ? { pings } : {};
    }),
  ];
  return () => {
    for (const stop of undo) stop();
    for (const { stop } of moves.values()) stop();
  };
}
