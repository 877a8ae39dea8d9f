import type { Secrets } from '../engine/world.ts';

/** Secrets that end with the program. */
export function memorySecrets(): Secrets {
  const held = new Map<string, string>();
  return {
    kept: 'memory',
    read: async (name) => held.get(name) ?? null,
    write: async (name, secret) => void held.set(name, secret),
    remove: async (name) => void held.delete(name),
  };
}
