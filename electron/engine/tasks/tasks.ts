import type { Tasks } from '../parts.ts';

/** Not built yet. */
export function createTasks(_parts: unknown): Tasks {
  throw new Error('not built yet');
}
