import type { Guests } from '../parts.ts';

/** Not built yet. */
export function createGuests(_parts: unknown): Guests {
  throw new Error('not built yet');
}
