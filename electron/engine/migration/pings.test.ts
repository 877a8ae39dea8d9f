import { expect, test, vi } from 'vitest';
import type { Ping } from '../../contract/task.ts';
import { testWorld } from '../testWorld.ts';
import { addressesBeside, pingFromDesktop } from './pings.ts';

/** Pings 10.0.0.9 from a desktop whose network answers so, for a second. */
async function pinged(answers: (address: string) => number | null | 'cannot', address = '10.0.0.9') {
  const { world, clock } = testWorld();
  const heard: Ping[] = [];
  const cannot = vi.fn();
  const asked: string[] = [];
  const desktop = {
    ...world.desktop,
    ping: async (one: string) => {
      asked.push(one);
      return answers(one);
    },
  };
  const track = pingFromDesktop({ desktop, clock }, 'desktop', address, { heard: (_, ping) => heard.push(ping), cannot });
  for (let at = 0; at < 5; at++) {
    await new Promise(setImmediate);
    clock.advance(200);
  }
  track.stop();
  return { heard, cannot, asked, replies: track.replies };
}

test('replies count where the guest answers and the addresses beside it do not', async () => {
  const { heard, cannot, replies } = await pinged((one) => (one === '10.0.0.9' ? 1 : null));
  expect(heard.length).toBeGreaterThanOrEqual(3);
  expect(replies).toHaveLength(heard.length);
  expect(cannot).not.toHaveBeenCalled();
});

test('a gateway that answers for every address proves nothing: no reply is counted, and the guest is not asked', async () => {
  const { heard, cannot, asked, replies } = await pinged(() => 0.4);
  expect(heard).toEqual([]);
  expect(replies).toEqual([]);
  expect(cannot).toHaveBeenCalledOnce();
  expect(asked).not.toContain('10.0.0.9');
});

test('neighbours that answer don’t matter while one address is silent', async () => {
  const [free] = addressesBeside('10.0.0.9');
  expect((await pinged((one) => (one === free ? null : 1))).replies.length).toBeGreaterThanOrEqual(3);
});

test('where the desktop can’t ask at all, that is said', async () => {
  const { heard, cannot } = await pinged(() => 'cannot');
  expect(heard).toEqual([]);
  expect(cannot).toHaveBeenCalledOnce();
});

test.each(['10.0.0.1', '10.0.0.254', '10.0.0.130', 'fd00::9', 'fe80::ffff', 'fd00::'])(
  'addresses beside %s are others of its network',
  (address) => {
    const those = addressesBeside(address);
    expect(new Set([...those, address]).size).toBe(5);
    for (const one of those)
      expect(one).toMatch(/^(10\.0\.0\.([1-9]|[1-9]\d|1\d\d|2[0-4]\d|25[0-4])|fd00::[0-9a-f]{1,4}|fe80::[0-9a-f]{1,4})$/);
  },
);

test('a guest given by name is measured against addresses that nobody has', () => {
  expect(addressesBeside('mail.example')).toEqual(['198.51.100.77', '203.0.113.77']);
});
