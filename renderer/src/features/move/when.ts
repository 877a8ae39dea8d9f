/** Times as a field for date and time has them: of this computer's clock, "2026-05-09T02:00". */

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;
/** When offices sleep. */
const NIGHT_HOUR = 2;

const two = (value: number) => String(value).padStart(2, '0');

/** The next night after a moment. */
export function nightAfter(now: number): string {
  const night = new Date(now);
  night.setHours(NIGHT_HOUR, 0, 0, 0);
  if (night.getTime() <= now + MINUTE_MS) night.setDate(night.getDate() + 1);
  return `${night.getFullYear()}-${two(night.getMonth() + 1)}-${two(night.getDate())}T${two(NIGHT_HOUR)}:00`;
}

/** ms since 1970; null: no time a move can wait for. */
export function timeOf(text: string, now: number): number | null {
  const at = new Date(text).getTime();
  return Number.isFinite(at) && at >= now + MINUTE_MS / 2 && at <= now + WEEK_MS ? at : null;
}
