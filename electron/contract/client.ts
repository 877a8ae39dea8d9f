import type { CallName, FeedName, InputOf, OutputOf } from './api.ts';
import type { Answered, Asked, Port } from './port.ts';
import { type Problem, ProblemError, problem } from './problem.ts';

/** The engine as its callers see it. */
export interface Client {
  /** Answers once, or throws a ProblemError. */
  call<N extends CallName>(name: N, input: InputOf<N>, signal?: AbortSignal): Promise<OutputOf<N>>;
  /** Items until the returned undo; `failed` once, if the feed can't go on. */
  feed<N extends FeedName>(name: N, input: InputOf<N>, item: (item: OutputOf<N>) => void, failed?: (why: Problem) => void): () => void;
  /** Called when the port closes; everything that waits has failed by then. */
  onClose(closed: () => void): void;
}

interface Waiting {
  item?: (item: unknown) => void;
  done: (value: unknown) => void;
  failed: (why: Problem) => void;
}

/** Speaks the contract over a port. */
export function createClient(port: Port): Client {
  const waiting = new Map<number, Waiting>();
  const closers: (() => void)[] = [];
  let next = 1;
  let open = true;
  const ask = (what: Asked) => port.post(what);
  port.onClose(() => {
    open = false;
    const gone = problem('port.closed', {}, { effect: 'unknown' });
    for (const one of waiting.values()) one.failed(gone);
    waiting.clear();
    for (const closed of closers) closed();
  });
  port.listen((message) => {
    const answer = message as Answered; // our own engine, same build: see PROTOCOL
    const one = waiting.get(answer.id);
    if (!one) return;
    if ('item' in answer) {
      one.item?.(answer.item);
      return;
    }
    if (!one.item || !answer.ok) waiting.delete(answer.id);
    if (answer.ok) one.done(answer.value);
    else one.failed(answer.problem as Problem);
  });
  return {
    call(name, input, signal) {
      return new Promise((resolve, reject) => {
        if (!open) return reject(new ProblemError(problem('port.closed', {})));
        const id = next++;
        waiting.set(id, { done: (value) => resolve(value as never), failed: (why) => reject(new ProblemError(why)) });
        signal?.addEventListener('abort', () => ask({ ask: 'undo', id }), { once: true });
        ask({ ask: 'call', id, name, input });
      });
    },
    feed(name, input, item, failed) {
      const id = next++;
      waiting.set(id, { item: (one) => item(one as never), done: () => {}, failed: failed ?? (() => {}) });
      ask({ ask: 'feed', id, name, input });
      return () => {
        if (waiting.delete(id)) ask({ ask: 'undo', id });
      };
    },
    onClose(closed) {
      closers.push(closed);
    },
  };
}
