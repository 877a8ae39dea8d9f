import type { Creation } from '../parts.ts';

/** Not built yet. */
export function createCreation(_parts: unknown): Creation {
  throw new Error('not built yet');
}
