import type { Problem } from '../contract/problem.ts';
import type { Secrets } from '../engine/world.ts';

/** What the main process says to the engine's process. Same build on both ends. */
export type ToEngine =
  | { is: 'start'; data: string; version: string; demo: boolean; secretsKept: Secrets['kept'] }
  /** Comes with one port. */
  | { is: 'port'; name: string }
  | { is: 'wake' }
  | { is: 'close' }
  | { is: 'secret'; id: number; ok: true; secret: string | null }
  | { is: 'secret'; id: number; ok: false; problem: Problem };

/** What the engine wants of the keyring, which only the main process reaches. */
export type SecretAsked =
  | { ask: 'read'; name: string }
  | { ask: 'write'; name: string; secret: string; insist: boolean }
  | { ask: 'remove'; name: string };

/** What the engine's process says to the main process. */
export type FromEngine = { is: 'ready' } | { is: 'failed'; why: string } | ({ is: 'secret'; id: number } & SecretAsked);
