import { z } from 'zod';
import { type Problem, problem } from './problem.ts';

/**
 * How what a guest is made of gets to its new host. `key`: straight from the source, by a key that works once. `relay`: the same,
 * but this desktop passes the bytes on, for hosts that can't reach each other; it must stay until the end. `agent`: straight from the
 * source, which logs in by the operator's own agent, here, for targets where no key can be written; this desktop must stay until it has.
 */
export const transport = z.enum(['key', 'relay', 'agent']);
export type Transport = z.infer<typeof transport>;

/** One of them for a certain move. */
export interface TransportChoice {
  is: Transport;
  /** What speaks against it; null: nothing, or it was not tried. */
  problem: Problem | null;
  /** As it was measured a moment ago; null: it was not. */
  bytesPerS: number | null;
  /** Of carrying what goes (copied disks; its memory where it runs on) once at that speed; null: unknown, or nothing of that goes. */
  seconds: number | null;
}

/** Why a move by this way can't wait for its time; null: it can, it needs no desktop. */
export function hinderedLater(transport: Transport | null): Problem | null {
  if (transport === 'relay') return problem('move.laterRelay', {});
  return transport === 'agent' ? problem('move.laterAgent', {}) : null;
}
