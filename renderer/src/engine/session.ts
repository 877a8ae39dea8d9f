import { createStore, type StoreApi } from 'zustand/vanilla';
import type { CallName, FeedName, InputOf, OutputOf } from '../../../electron/contract/api.ts';
import { type Client, createClient } from '../../../electron/contract/client.ts';
import { CALLS_PORT, type Port } from '../../../electron/contract/port.ts';
import { type Problem, ProblemError, problem } from '../../../electron/contract/problem.ts';
import type { OpenPort } from './connect.ts';

/** How the page stands to the engine (not to a host). */
export type SessionLink = { is: 'opening' } | { is: 'open' } | { is: 'lost'; since: number };

/** The engine as the page sees it: calls, feeds that survive a lost port, byte streams. */
export interface Session {
  link: StoreApi<SessionLink>;
  call<N extends CallName>(name: N, input: InputOf<N>, signal?: AbortSignal): Promise<OutputOf<N>>;
  /** Goes on over reconnects: each begins with a new snapshot. */
  feed<N extends FeedName>(name: N, input: InputOf<N>, item: (item: OutputOf<N>) => void, failed?: (why: Problem) => void): () => void;
  stream(name: string): Promise<Port>;
  close(): void;
}

const retryMs = [250, 500, 1000, 2000, 4000];

/** Keeps one calls' port open, and asks again for every feed on a new one. */
export function createSession(openPort: OpenPort): Session {
  const link = createStore<SessionLink>(() => ({ is: 'opening' }));
  const feeds = new Set<{ start: (client: Client) => void }>();
  let client: Client | null = null;
  let port: Port | null = null;
  let closed = false;
  let attempt = 0;
  let waiting: ((client: Client | null) => void)[] = [];

  const opened = (made: Port) => {
    if (closed) return made.close();
    port = made;
    attempt = 0;
    client = createClient(made);
    client.onClose(lost);
    link.setState({ is: 'open' }, true);
    for (const feed of feeds) feed.start(client);
    settle(client);
  };
  const lost = () => {
    client = null;
    if (closed) return;
    if (link.getState().is !== 'lost') link.setState({ is: 'lost', since: Date.now() }, true);
    settle(null);
    setTimeout(open, retryMs[Math.min(attempt++, retryMs.length - 1)]);
  };
  const settle = (with_: Client | null) => {
    const those = waiting;
    waiting = [];
    for (const one of those) one(with_);
  };
  const open = () => {
    if (!closed) openPort(CALLS_PORT).then(opened, lost);
  };
  open();

  return {
    link,
    async call(name, input, signal) {
      const now = client ?? (link.getState().is === 'opening' ? await new Promise<Client | null>((told) => waiting.push(told)) : null);
      if (!now) throw new ProblemError(problem('port.closed', {}));
      return now.call(name, input, signal);
    },
    feed(name, input, item, failed) {
      let undo: (() => void) | null = null;
      const feed = {
        start: (to: Client) => {
          undo = to.feed(name, input, item, (why) => {
            if (why.code !== 'port.closed') failed?.(why);
          });
        },
      };
      feeds.add(feed);
      if (client) feed.start(client);
      return () => {
        feeds.delete(feed);
        undo?.();
      };
    },
    stream: openPort,
    close() {
      closed = true;
      port?.close();
    },
  };
}
