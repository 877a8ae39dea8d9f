import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Handlers } from './api.ts';
import { createClient } from './client.ts';
import { portPair } from './port.ts';
import { fail, type Problem, ProblemError } from './problem.ts';
import { serve } from './serve.ts';

function joined(handlers: Partial<Handlers>) {
  const [page, engine] = portPair();
  const faults: Problem[] = [];
  const end = serve(engine, handlers as Handlers, (why) => faults.push(why));
  return { client: createClient(page), page, engine, end, faults };
}
const codeOf = (thrown: unknown) => (thrown instanceof ProblemError ? thrown.problem.code : thrown);

test('a call brings its answer, with defaults filled in on the way', async () => {
  const { client } = joined({ 'history.list': async (input) => [{ guestName: String(input.limit) }] as never });
  expect(await client.call('history.list', {})).toEqual([{ guestName: '200' }]);
});

test('a problem travels as data; a fault of our own is named as such and reported', async () => {
  const { client, faults } = joined({
    'host.remove': async ({ hostId }) => fail('host.unknown', { hostId }),
    'host.connect': async () => {
      throw new Error('boom');
    },
  });
  await expect(client.call('host.remove', { hostId: 'h1' }).catch(codeOf)).resolves.toBe('host.unknown');
  await expect(client.call('host.connect', { hostId: 'h1' }).catch(codeOf)).resolves.toBe('program.fault');
  expect(faults.map((one) => one.code)).toEqual(['program.fault']);
});

test('unknown names and unknown fields are refused before any handler runs', async () => {
  let ran = 0;
  const { client } = joined({
    'host.connect': async () => {
      ran += 1;
      return null;
    },
  });
  await expect(client.call('host.nonsense' as 'host.connect', { hostId: 'h' }).catch(codeOf)).resolves.toBe('call.unknown');
  await expect(client.call('__proto__' as 'host.connect', { hostId: 'h' }).catch(codeOf)).resolves.toBe('call.unknown');
  await expect(client.call('host.connect', { hostId: 'h', more: 1 } as never).catch(codeOf)).resolves.toBe('input.refused');
  await expect(client.call('guest.watch' as 'host.connect', { hostId: 'h' }).catch(codeOf)).resolves.toBe('call.unknown');
  expect(ran).toBe(0);
});

test('a feed goes on until it is undone, and its undo reaches the engine once', async () => {
  let say: (item: never) => void = () => {};
  let undone = 0;
  const { client } = joined({
    'guest.watch': (_input, tell) => {
      say = tell as never;
      return () => {
        undone += 1;
      };
    },
  });
  const seen: unknown[] = [];
  const undo = client.feed('guest.watch', {}, (item) => seen.push(item));
  await Promise.resolve();
  say({ is: 'all', items: [] } as never);
  await Promise.resolve();
  undo();
  undo();
  await Promise.resolve();
  say({ is: 'gone', id: 'late' } as never);
  await Promise.resolve();
  expect(seen).toEqual([{ is: 'all', items: [] }]);
  expect(undone).toBe(1);
});

test('when the engine goes away, what waits fails at once', async () => {
  const { client, engine } = joined({ 'host.connect': () => new Promise(() => {}) });
  let closed = 0;
  client.onClose(() => {
    closed += 1;
  });
  const waiting = client.call('host.connect', { hostId: 'h' }).catch(codeOf);
  await Promise.resolve();
  engine.close();
  expect(await waiting).toBe('port.closed');
  expect(await client.call('host.connect', { hostId: 'h' }).catch(codeOf)).toBe('port.closed');
  expect(closed).toBe(1);
});

test('when the page goes away, its feeds and calls end at the engine', async () => {
  let undone = 0;
  let aborted = 0;
  const { client, page } = joined({
    'host.connect': (_input, signal) => new Promise(() => signal.addEventListener('abort', () => (aborted += 1))),
    'guest.watch': () => () => {
      undone += 1;
    },
  });
  client.feed('guest.watch', {}, () => {});
  void client.call('host.connect', { hostId: 'h' });
  await Promise.resolve();
  page.close();
  await Promise.resolve();
  expect([undone, aborted]).toEqual([1, 1]);
});

test('aborting a call tells its handler', async () => {
  let aborted = false;
  const { client } = joined({
    'host.connect': (_input, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(new ProblemError({ code: 'task.ended', effect: 'none' }));
        });
      }),
  });
  const aborter = new AbortController();
  const waiting = client.call('host.connect', { hostId: 'h' }, aborter.signal).catch(codeOf);
  await Promise.resolve();
  aborter.abort();
  expect(await waiting).toBe('task.ended');
  expect(aborted).toBe(true);
});

test('whatever garbage arrives, the served end stays alive', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.anything(), { maxLength: 5 }), async (garbage) => {
      const [page, engine] = portPair();
      serve(engine, { 'host.connect': async () => null } as unknown as Handlers);
      for (const one of garbage) {
        try {
          page.post(one ?? null);
        } catch {
          // what JSON can't say, no carrier can send
        }
      }
      const client = createClient(page);
      expect(await client.call('host.connect', { hostId: 'h' })).toBeNull();
    }),
    { numRuns: 50 },
  );
});
