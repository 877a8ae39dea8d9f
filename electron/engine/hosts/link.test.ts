import { expect, test } from 'vitest';
import type { HostLink } from '../../contract/host.ts';
import { type Problem, ProblemError, problem } from '../../contract/problem.ts';
import { manualClock } from '../testWorld.ts';
import { createLink, type Reachable } from './link.ts';
import { onWakeUp } from './wakeUp.ts';

const refused = problem('ssh.refused', { address: 'a', port: 22 });
const wrong = problem('auth.wrongPassword', { user: 'u', address: 'a' });

/** A host that answers as it is told to. */
function setUp() {
  const clock = manualClock(0);
  const seen: HostLink['is'][] = [];
  const happened: string[] = [];
  const attempts: number[] = [];
  const next: (Problem | 'open' | 'hang')[] = [];
  const lose: ((why: Problem | null) => void)[] = [];
  const link = createLink<Reachable>({
    clock,
    random: { bytes: () => Uint8Array.of(128) },
    limits: { reconnectFirstMs: 1000, reconnectMostMs: 8000 },
    changed: () => seen.push(link.now().is),
    opened: () => {
      happened.push('opened');
      return () => happened.push('undone');
    },
    async connect(signal) {
      attempts.push(clock.now());
      const what = next.shift() ?? 'open';
      if (what === 'hang') return await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      if (what !== 'open') throw new ProblemError(what);
      return { onClose: (closed) => void lose.push(closed), close: () => lose.at(-1)?.(null) };
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await settle();
    }
  };
  return { clock, link, seen, happened, attempts, next, lose, pass, settle };
}

test('opens, is lost, comes back, and is closed', async () => {
  const { link, seen, happened, lose, pass } = setUp();
  await link.open();
  expect(link.now()).toMatchObject({ is: 'open' });
  lose.at(-1)?.(problem('ssh.closed', { address: 'a' }));
  expect(link.now()).toMatchObject({ is: 'lost', problem: { code: 'ssh.closed' } });
  await pass(1200);
  expect(link.now().is).toBe('open');
  link.close();
  await pass(100_000);
  expect(link.now()).toEqual({ is: 'closed' });
  expect(seen).toEqual(['opening', 'open', 'lost', 'opening', 'open', 'closed']);
  expect(happened).toEqual(['opened', 'undone', 'opened', 'undone']);
});

test('tries again after a growing while, but never longer than the most', async () => {
  const { link, attempts, next, pass } = setUp();
  next.push(...Array.from({ length: 8 }, () => refused));
  await link.open();
  await pass(60_000);
  const gaps = attempts.slice(1).map((time, at) => Math.round((time - (attempts[at] ?? 0)) / 1000));
  expect(gaps).toEqual([1, 2, 4, 8, 8, 8, 8, 8]);
  expect(link.now().is).toBe('open');
});

test('what trying again cannot change is not tried again', async () => {
  const { link, attempts, next, pass } = setUp();
  next.push(wrong);
  await link.open();
  expect(link.now()).toMatchObject({ is: 'lost', retryAt: null, problem: wrong });
  await pass(600_000);
  expect(attempts).toHaveLength(1);
  await link.open();
  expect(link.now().is).toBe('open');
});

test('is opened at once where it waits, and asked twice opens once', async () => {
  const { link, attempts, next } = setUp();
  next.push(refused);
  await link.open();
  await Promise.all([link.open(), link.open()]);
  expect(attempts).toHaveLength(2);
  expect(link.now().is).toBe('open');
});

test('closed while it opens, it stays closed', async () => {
  const { link, next, pass, settle } = setUp();
  next.push('hang');
  void link.open();
  await settle();
  expect(link.now().is).toBe('opening');
  link.close();
  await pass(100_000);
  expect(link.now()).toEqual({ is: 'closed' });
});

test('what was reached outside is taken over, and what was there is let go', async () => {
  const { link, happened } = setUp();
  await link.open();
  let closed = false;
  link.adopt({ onClose: () => {}, close: () => (closed = true) });
  expect(link.now().is).toBe('open');
  expect(happened).toEqual(['opened', 'undone', 'opened']);
  link.close();
  expect(closed).toBe(true);
});

test('a jump of the clock is a wake-up; a busy moment is not', () => {
  let now = 0;
  let tick = () => {};
  let woke = 0;
  const clock = {
    now: () => now,
    after: () => () => {},
    every: (_ms: number, then: () => void) => {
      tick = then;
      return () => {};
    },
  };
  onWakeUp(clock, () => woke++);
  for (const pause of [5000, 9000, 5000, 3_600_000, 5000]) {
    now += pause;
    tick();
  }
  expect(woke).toBe(1);
});
