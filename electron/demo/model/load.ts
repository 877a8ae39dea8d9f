/** How busy a guest is: a steady level with slow waves and quick noise, the same for the same seed and time. */
export interface Profile {
  /** Average share of one vcpu, 0 to 1. */
  busy: number;
  /** Average bytes a second. */
  sentPerS: number;
  receivedPerS: number;
  readPerS: number;
  writtenPerS: number;
  seed: number;
}

/** Counters since the domain was made, as xentop reads them. */
export interface Counters {
  cpuSeconds: number;
  sentBytes: number;
  receivedBytes: number;
  readBytes: number;
  writtenBytes: number;
}

export const noCounters = (): Counters => ({ cpuSeconds: 0, sentBytes: 0, receivedBytes: 0, readBytes: 0, writtenBytes: 0 });

/** Around 1: between 0.2 and 2.4. */
export function swing(seed: number, seconds: number): number {
  const slow = Math.sin(seconds / (37 + (seed % 23)) + seed);
  const quick = Math.sin(seconds / (5 + (seed % 7)) + seed * 3);
  const burst = noise(seed, Math.floor(seconds / 4)) > 0.93 ? 0.9 : 0;
  return Math.max(0.2, 1 + 0.45 * slow + 0.2 * quick + 0.25 * (noise(seed + 1, Math.floor(seconds / 2)) - 0.5) + burst);
}

function noise(seed: number, step: number): number {
  let state = (Math.imul(seed | 0, 374761393) + Math.imul(step | 0, 668265263)) | 0;
  state = Math.imul(state ^ (state >>> 13), 1274126177);
  return ((state ^ (state >>> 16)) >>> 0) / 4294967296;
}

/** Adds what a running guest used in `seconds` up to the time `at` (seconds). */
export function add(counters: Counters, profile: Profile, at: number, seconds: number, vcpus: number): void {
  const factor = swing(profile.seed, at);
  counters.cpuSeconds += Math.min(profile.busy * factor, 0.98) * vcpus * seconds;
  counters.sentBytes += profile.sentPerS * factor * seconds;
  counters.receivedBytes += profile.receivedPerS * swing(profile.seed + 5, at) * seconds;
  counters.readBytes += profile.readPerS * swing(profile.seed + 9, at) * seconds;
  counters.writtenBytes += profile.writtenPerS * factor * seconds;
}
