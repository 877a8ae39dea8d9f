import type { Hosts } from '../parts.ts';

/** Not built yet. */
export function createHosts(_parts: unknown): Hosts {
  throw new Error('not built yet');
}
