/** Every time-out and interval of the engine, in one place. The lab is 20–50 times slower than hardware: `scale` stretches waits there. */
export interface Limits {
  connectMs: number;
  /** Default for one command or short program. */
  commandMs: number;
  keepaliveMs: number;
  keepaliveMisses: number;
  reconnectFirstMs: number;
  reconnectMostMs: number;
  /** Figures while someone looks, and while nobody does. */
  tickSeconds: number;
  tickSecondsHidden: number;
  shutdownMs: number;
  /** How often the engine tells a watch that it is alive. */
  heartbeatMs: number;
  /** How far ahead a move that waits must be: by then it has been made ready. */
  soonestMoveMs: number;
}

export const limits: Limits = {
  connectMs: 20_000,
  commandMs: 60_000,
  keepaliveMs: 10_000,
  keepaliveMisses: 3,
  reconnectFirstMs: 1_000,
  reconnectMostMs: 60_000,
  tickSeconds: 2,
  tickSecondsHidden: 20,
  shutdownMs: 120_000,
  heartbeatMs: 15_000,
  soonestMoveMs: 20_000,
};
