import { ProblemError } from '../contract/problem.ts';
import type { Secrets } from '../engine/world.ts';
import type { FromEngine, SecretAsked, ToEngine } from './messages.ts';

/** Secrets kept by the main process (`safeStorage` is only there), asked for by message. */
export function mainSecrets(
  kept: Secrets['kept'],
  send: (message: FromEngine) => void,
): { secrets: Secrets; answered: (message: Extract<ToEngine, { is: 'secret' }>) => void } {
  const waiting = new Map<number, { done: (secret: string | null) => void; failed: (why: Error) => void }>();
  let next = 1;
  const ask = (what: SecretAsked) =>
    new Promise<string | null>((done, failed) => {
      const id = next++;
      waiting.set(id, { done, failed });
      send({ is: 'secret', id, ...what });
    });
  return {
    secrets: {
      kept,
      read: (name) => ask({ ask: 'read', name }),
      write: async (name, secret, insist) => void (await ask({ ask: 'write', name, secret, insist })),
      remove: async (name) => void (await ask({ ask: 'remove', name })),
    },
    answered(message) {
      const one = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.ok) one?.done(message.secret);
      else one?.failed(new ProblemError(message.problem));
    },
  };
}
