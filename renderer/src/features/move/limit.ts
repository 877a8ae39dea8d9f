import type { MoveWay } from '../../../../electron/contract/diskTravel.ts';

/** A speed limit as it is typed: MiB/s, or the percentage of the line that is left to others. Each keeps its own text. */
export interface Limit {
  by: 'rate' | 'share';
  rate: string;
  share: string;
}

export const noLimit: Limit = { by: 'rate', rate: '', share: '' };

const MIB = 1024 * 1024;
const MOST_MIB = 100_000;

/** How fast the line of this way is, bytes a second: measured just now, else as disks went over it before; null: not known. */
export function lineSpeed(way: MoveWay): number | null {
  return way.transports.find((one) => one.is === way.transport)?.bytesPerS ?? way.expectedDiskBytesPerS;
}

/** Of several moves that copy disks: of the slowest line that is known. */
export function slowestLine(ways: readonly MoveWay[]): number | null {
  const known = ways.filter(copiesDisks).flatMap((way) => lineSpeed(way) ?? []);
  return known.length > 0 ? Math.min(...known) : null;
}

export const copiesDisks = (way: MoveWay): boolean => way.disks.some((one) => one.travels === 'copied');

/** For the engine, MiB/s; null: none. 'bad': what is typed is no limit, or a share of what nobody knows. */
export function limitOf({ by, rate, share }: Limit, bytesPerS: number | null): number | null | 'bad' {
  const text = (by === 'rate' ? rate : share).trim();
  if (text === '') return null;
  if (by === 'rate') return /^[1-9]\d{0,4}$|^100000$/.test(text) ? Number(text) : 'bad';
  if (bytesPerS === null || !/^[1-9]\d?$/.test(text)) return 'bad';
  return Math.min(MOST_MIB, Math.max(1, Math.floor((bytesPerS * (100 - Number(text))) / 100 / MIB)));
}

/** What is wrong with it; null: nothing. */
export function limitFault(limit: Limit, bytesPerS: number | null): 'move.limitBad' | 'move.shareBad' | 'move.shareUnknown' | null {
  if (limitOf(limit, bytesPerS) !== 'bad') return null;
  if (limit.by === 'rate') return 'move.limitBad';
  return bytesPerS === null ? 'move.shareUnknown' : 'move.shareBad';
}
