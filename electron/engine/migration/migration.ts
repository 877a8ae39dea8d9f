import type { Migration } from '../parts.ts';

/** Not built yet. */
export function createMigration(_parts: unknown): Migration {
  throw new Error('not built yet');
}
