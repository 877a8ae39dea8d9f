/** JSON-safe values: what every carrier (MessagePort, WebSocket) hands over alike. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

/** One end of a pair of message carriers. Bytes travel as such, everything else as JSON-safe values. */
export interface Port {
  post(message: unknown): void;
  /** At most one listener; messages before it are kept. */
  listen(heard: (message: unknown) => void): void;
  /** Called once when the other end is gone. */
  onClose(closed: () => void): void;
  close(): void;
}

/** Messages of the calls' port. */
export type Asked =
  | { ask: 'call'; id: number; name: string; input: unknown }
  | { ask: 'feed'; id: number; name: string; input: unknown }
  | { ask: 'undo'; id: number };
export type Answered =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; problem: unknown }
  | { id: number; item: unknown };

/** Name of the port that carries the calls; every other name is a byte stream's. */
export const CALLS_PORT = 'calls';
/** Both ends say this first; a different number means page and engine are of different builds. */
export const PROTOCOL = 1;

/**
 * On a byte stream: bytes as Uint8Array; `{credit: n}` allows the other end n more bytes; `{at: …}` says where a console stands
 * (joined to its guest, or waiting for it to come back); `{end: …}` is the last word.
 */
export type StreamWord = { credit: number } | { at: 'joined' | 'waiting'; hostId: string } | { end: { problem: unknown } | null };
/** Bytes a stream's receiver grants at first. */
export const FIRST_CREDIT = 256 * 1024;

/** Two ends joined in one process: for tests and for shells that need no carrier. Delivery is a microtask later. */
export function portPair(): [Port, Port] {
  const left = new HalfPort();
  const right = new HalfPort();
  left.other = right;
  right.other = left;
  return [left, right];
}

class HalfPort implements Port {
  other: HalfPort | null = null;
  private heard: ((message: unknown) => void) | null = null;
  private closed: (() => void) | null = null;
  private open = true;
  private readonly early: unknown[] = [];
  post(message: unknown): void {
    const other = this.other;
    if (!this.open || !other) return;
    const copy: unknown = message instanceof Uint8Array ? message.slice() : JSON.parse(JSON.stringify(message));
    queueMicrotask(() => other.take(copy));
  }
  listen(heard: (message: unknown) => void): void {
    this.heard = heard;
    for (const message of this.early.splice(0)) heard(message);
  }
  onClose(closed: () => void): void {
    this.closed = closed;
  }
  close(): void {
    if (!this.open) return;
    this.open = false;
    const other = this.other;
    queueMicrotask(() => other?.end());
  }
  private take(message: unknown): void {
    if (!this.open) return;
    if (this.heard) this.heard(message);
    else this.early.push(message);
  }
  private end(): void {
    if (!this.open) return;
    this.open = false;
    this.closed?.();
  }
}
