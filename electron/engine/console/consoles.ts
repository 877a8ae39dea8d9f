import type { Consoles } from '../parts.ts';

/** Not built yet. */
export function createConsoles(_parts: unknown): Consoles {
  throw new Error('not built yet');
}
