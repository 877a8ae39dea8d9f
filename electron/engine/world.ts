import type { Duplex } from 'node:stream';

/** What the engine needs from outside. Injected once; nothing in the engine reaches for the real thing. */
export interface World {
  clock: Clock;
  random: Random;
  /** The engine's own files, below one folder. */
  files: Files;
  secrets: Secrets;
  desktop: Desktop;
  /** Opens a TCP connection. Errors are Node's own (`code` ECONNREFUSED, ENOTFOUND, ETIMEDOUT …). */
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex>;
  /** One structured line; secrets are removed by the caller's types: only plain words and numbers. */
  log(level: 'debug' | 'info' | 'warn' | 'error', what: string, more?: Record<string, string | number | boolean | null>): void;
  /** Changes to the demo servers until the program ends; absent where that is not offered. The page loads itself anew after it. */
  openDemo?: () => Promise<void>;
  version: string;
  shell: 'electron' | 'server' | 'cli';
  demo: boolean;
  platform: string;
}

/** Time. `after` and `every` return their undo. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  after(ms: number, then: () => void): () => void;
  every(ms: number, then: () => void): () => void;
}

export interface Random {
  bytes(count: number): Uint8Array;
}

/** Text files by a relative name; folders are made as needed. Problems: `store.unwritable`. */
export interface Files {
  /** null where there is no such file. */
  read(name: string): Promise<string | null>;
  /** Beside, fsync, rename: all or nothing. Mode 0600. */
  write(name: string, text: string): Promise<void>;
  append(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  list(folder: string): Promise<string[]>;
}

/** Secrets by a name. `kept`: where they go. */
export interface Secrets {
  kept: 'system' | 'memory' | 'unsafe';
  read(name: string): Promise<string | null>;
  /** Problems: `secrets.unsafeStore`, unless `insist`. */
  write(name: string, secret: string, insist: boolean): Promise<void>;
  remove(name: string): Promise<void>;
}

/** The operator's own machine. */
export interface Desktop {
  home: string;
  user: string;
  /** A file of the operator's, by absolute path; null where there is none. */
  readFile(path: string): Promise<string | null>;
  /** The names in a folder of the operator's, by absolute path, in no order; none where it isn't there or may not be read. */
  listFolder(path: string): Promise<string[]>;
  /** SSH_AUTH_SOCK, or the platform's agent ('pageant', a named pipe); null: none. */
  agent: string | null;
  /**
   * One echo by the system's `ping`, else a TCP connect: ms, or null for no reply; 'cannot' where neither works from here.
   * A reply says that something answered for this address, not that its machine did.
   */
  ping(address: string, timeoutMs: number): Promise<number | null | 'cannot'>;
}
