import { expect, test } from 'vitest';
import { concernsGuest, earlierGuestIds, guestIdAfterMove } from './guestIdentity.ts';
import type { Task } from './task.ts';

const move = (guestId: string, hostId: string, targetHostId: string, outcome: Task['outcome'] = { is: 'done' }): Task => ({
  id: `${guestId} ${targetHostId}`,
  kind: 'guest.migrate',
  hostId,
  targetHostId,
  guestId,
  guestName: 'web',
  phase: 'ended',
  progress: null,
  migration: null,
  startedAt: 0,
  endedAt: 0,
  outcome,
  mayCancel: { may: true },
  foreign: false,
  log: [],
});
const file = '/etc/xen/a:b.cfg';

test('a GuestId goes along where it is a UUID, and is made anew of the file where it is not', () => {
  expect(guestIdAfterMove('u-u', 'a', 'b')).toBe('u-u');
  expect(guestIdAfterMove(`a:${file}`, 'a', 'b')).toBe(`b:${file}`);
});

test('the names a guest had are followed through its moves, there and back, but not through those that failed', () => {
  const tasks = [
    move(`b:${file}`, 'b', 'c'),
    move(`b:/other`, 'b', 'c'),
    move(`a:${file}`, 'a', 'b'),
    move(`z:${file}`, 'z', 'a', { is: 'cancelled' }),
  ];
  expect([...earlierGuestIds(`c:${file}`, tasks)]).toEqual([`c:${file}`, `b:${file}`, `a:${file}`]);
  expect([...earlierGuestIds('u', [move('u', 'a', 'b')])]).toEqual(['u']);
});

test('a move concerns its guest at both ends, by the name it has there', () => {
  const task = move(`a:${file}`, 'a', 'b', null);
  expect(concernsGuest(task, 'a', `a:${file}`)).toBe(true);
  expect(concernsGuest(task, 'b', `b:${file}`)).toBe(true);
  expect(concernsGuest(task, 'b', `a:${file}`)).toBe(false);
  expect(concernsGuest(task, 'c', `c:${file}`)).toBe(false);
});
