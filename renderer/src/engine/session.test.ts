import { expect, test, vi } from 'vitest';
import type { Handlers } from '../../../electron/contract/api.ts';
import { type Port, portPair } from '../../../electron/contract/port.ts';
import { ProblemError } from '../../../electron/contract/problem.ts';
import { serve } from '../../../electron/contract/serve.ts';
import { createSession } from './session.ts';

/** An engine whose port can be cut; it counts who watches. */
function engine() {
  let end: Port | null = null;
  let opened = 0;
  let watching = 0;
  const handlers: Partial<Handlers> = {
    'host.suggestions': async () => [],
    'host.watch': (_, say) => {
      watching++;
      say({ is: 'all', items: [] });
      return () => watching--;
    },
  };
  return {
    openPort: async () => {
      opened++;
      const [page, far] = portPair();
      end = far;
      serve(far, handlers as Handlers); // only these two are asked for
      return page;
    },
    cut: () => end?.close(),
    counts: () => ({ opened, watching }),
  };
}

test('a feed goes on over a new port, with a new snapshot', async () => {
  const far = engine();
  const session = createSession(far.openPort);
  let snapshots = 0;
  session.feed('host.watch', {}, () => snapshots++);
  await vi.waitFor(() => expect(snapshots).toBe(1));
  far.cut();
  await vi.waitFor(() => expect(session.link.getState().is).toBe('lost'));
  await vi.waitFor(() => expect(snapshots).toBe(2), 3000);
  expect(session.link.getState().is).toBe('open');
  expect(far.counts().opened).toBe(2);
  session.close();
});

test('a call waits for the first port, and fails at once while the port is lost', async () => {
  const far = engine();
  const session = createSession(far.openPort);
  expect(await session.call('host.suggestions', {})).toEqual([]);
  far.cut();
  await vi.waitFor(() => expect(session.link.getState().is).toBe('lost'));
  await expect(session.call('host.suggestions', {})).rejects.toThrow(ProblemError);
  session.close();
});

test('undoing a feed ends it at the engine', async () => {
  const far = engine();
  const session = createSession(far.openPort);
  const undo = session.feed('host.watch', {}, () => {});
  await vi.waitFor(() => expect(far.counts().watching).toBe(1));
  undo();
  await vi.waitFor(() => expect(far.counts().watching).toBe(0));
  session.close();
});
