import { afterAll, expect, test } from 'vitest';
import { madeUpHost, remoteWith, shells } from '../remote/programTest.ts';
import type { Remote, RemoteStream } from '../remote/remote.ts';
import { manualClock } from '../testWorld.ts';
import { clockOffset, clockProgram, readTime } from './clockOffset.ts';

const host = madeUpHost();
afterAll(() => host.remove());

test.each(shells)('%s says the time as often as it is asked', async (...shell) => {
  const ran = await host.run(shell as (typeof shells)[number], clockProgram, { stdin: '\n\n\n' });
  const times = ran.stdout.trimEnd().split('\n').map(readTime);
  expect(times).toHaveLength(3);
  for (const time of times) expect(Math.abs((time ?? 0) - Date.now())).toBeLessThan(10_000);
});

test.each([
  ['1795413600.123456789', 1_795_413_600_123],
  ['1795413600.%N', 1_795_413_600_500],
  ['1795413600', 1_795_413_600_500],
  ['date: not found', null],
])('%s', (line, ms) => expect(readTime(line)).toBe(ms));

/** A host whose clock goes `ahead` ms before ours, and whose answers take these times there and back. */
function hostAhead(clock: ReturnType<typeof manualClock>, ahead: number, trips: number[]): Remote {
  let heard: (line: string) => void = () => {};
  const stream: RemoteStream = {
    onLine(hear) {
      heard = hear;
    },
    onEnd: () => {},
    send() {
      const trip = trips.shift() ?? Number.POSITIVE_INFINITY;
      if (trip === Number.POSITIVE_INFINITY) return; // it stays silent
      clock.after(trip / 2, () => {
        const said = `${((clock.now() + ahead) / 1000).toFixed(3)}000000`;
        clock.after(trip / 2, () => heard(said));
      });
    },
    close: () => {},
  };
  return remoteWith({ stream: async () => stream });
}
const offset = async (ahead: number, trips: number[]) => {
  const clock = manualClock();
  const found = clockOffset(hostAhead(clock, ahead, trips), clock);
  await Promise.resolve();
  clock.advance(60_000);
  return await found;
};

test('the quickest answer decides', async () => {
  expect(await offset(5000, [4000, 400, 40, 400])).toBe(5000);
  expect(await offset(-120_000, [10, 10, 10, 10])).toBe(-120_000);
});

test('a host that falls silent is waited for only so long', async () => {
  expect(await offset(700, [100])).toBe(700);
  expect(await offset(700, [])).toBe(0);
});
