import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { dialLocal, runningClock } from '../ssh/testServer.ts';
import type { Clock, World } from '../world.ts';
import { add, endAll, input, run, serve, until } from './hostsTest.ts';

vi.setConfig({ testTimeout: 30_000 }); // real handshakes, on whatever machine
afterEach(endAll);

describe('after the desktop slept', () => {
  /** A desktop that sleeps an hour when told to, and looks at its clock twenty times a second. */
  function sleeper() {
    let slept = 0;
    const clock: Clock = {
      ...runningClock,
      now: () => Date.now() + slept,
      every: (ms, then) => runningClock.every(ms === 5_000 ? 50 : ms, then),
    };
    const sleep = () => {
      slept += 3_600_000;
    };
    return { clock, sleep };
  }

  test('a link that died meanwhile is found dead and opened at once; one that lives stays', async () => {
    const [dead, alive] = [await serve(), await serve()];
    const { clock, sleep } = sleeper();
    const sockets: Duplex[] = [];
    const dial: World['dial'] = async (_address, port, stop) => {
      const socket = await dialLocal(port, stop);
      if (port === dead.port) sockets.push(socket);
      return socket;
    };
    const made = await run(new Map(), new Map(), { clock, dial });
    const { hostId } = await add(made, input(dead.port), dead.fingerprint);
    const other = await add(made, input(alive.port), alive.fingerprint);
    await until(made, hostId, (one) => one.facts !== null);
    await until(made, other.hostId, (one) => one.facts !== null);
    const [before, kept] = [made.hosts.get(hostId).link, made.hosts.get(other.hostId).link];
    sockets[0]?.pause().removeAllListeners('data');
    sleep();
    await until(made, hostId, ({ link }) => link.is === 'open' && before.is === 'open' && link.since > before.since);
    expect(made.hosts.get(other.hostId).link).toEqual(kept);
  });

  test('a link that waits for its next try is tried at once', async () => {
    const { clock, sleep } = sleeper();
    let there = true;
    const server = await serve();
    const dial: World['dial'] = (_address, port, stop) =>
      there ? dialLocal(port, stop) : Promise.reject(Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' }));
    const made = await run(new Map(), new Map(), { clock, dial }, { reconnectFirstMs: 60_000, reconnectMostMs: 60_000 });
    const { hostId } = await add(made, input(server.port), server.fingerprint);
    await until(made, hostId, (one) => one.facts !== null);
    there = false;
    server.cut();
    await until(made, hostId, (one) => one.link.is === 'lost' && one.link.retryAt !== null);
    there = true;
    sleep();
    await until(made, hostId, (one) => one.link.is === 'open');
  });
});
