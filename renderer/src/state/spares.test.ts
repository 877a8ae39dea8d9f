import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { Guest } from '../../../electron/contract/guest.ts';
import type { Host } from '../../../electron/contract/host.ts';
import { guest, host } from '../testing/model.ts';
import { applyChanges, type Entities, noEntities } from './entities.ts';
import { type GuestEntities, withKeys } from './mirror.ts';
import { createSpares } from './spares.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function rack(first: readonly Host[], on: readonly Guest[]) {
  const hosts = createStore<Entities<Host>>(() => noEntities());
  const none: GuestEntities = { ...noEntities<Guest>(), keysOf: new Map() };
  const guests = createStore<GuestEntities>(() => none);
  const spares = createSpares({ hosts, guests });
  const put = (items: readonly Host[]) =>
    hosts.setState(applyChanges(hosts.getState(), [{ is: 'all', items: [...items] }], (one) => one.id));
  guests.setState(
    withKeys(
      none,
      applyChanges(none, [{ is: 'all', items: [...on] }], (one) => one.key),
    ),
  );
  put(first);
  vi.runAllTimers();
  return { spares, put };
}

test('every host has its answer at once; it changes with the mirror, and what says the same stays the same', () => {
  const [a, b] = [host('a', { freeMemoryMiB: 500 }), host('b', { freeMemoryMiB: 5000 })];
  const { spares, put } = rack([a, b], [guest('a', 'mail', 'running', 4000), guest('b', 'web', 'running', 1000)]);
  const before = spares.getState();
  expect([before.get('a')?.is, before.get('b')]).toMatchObject(['fits', { is: 'short', left: [{ name: 'web' }] }]);

  put([a, { ...b, freeMemoryMiB: 4500, seenAt: 1 }]);
  vi.runAllTimers();
  expect(spares.getState().get('a')).toBe(before.get('a'));
  expect(spares.getState().get('b')).toBe(before.get('b'));

  put([a, { ...b, link: { is: 'closed' } }]);
  vi.runAllTimers();
  expect(spares.getState().get('a')?.is).toBe('alone');
});
