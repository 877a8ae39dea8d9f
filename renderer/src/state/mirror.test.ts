import { expect, test } from 'vitest';
import type { Guest } from '../../../electron/contract/guest.ts';
import { guest, sample } from '../testing/model.ts';
import { applyChanges, noEntities } from './entities.ts';
import { createFigureStore } from './figures.ts';
import { type GuestEntities, withKeys } from './mirror.ts';

const idOf = (one: Guest) => one.key;
const none: GuestEntities = { ...noEntities<Guest>(), keysOf: new Map() };

test('changes are applied in order, and what they do not touch stays the same object', () => {
  const a = guest('h', 'a', 'running', 512);
  const b = guest('h', 'b', 'running', 512);
  const first = applyChanges(noEntities<Guest>(), [{ is: 'all', items: [a, b] }], idOf);
  const next = applyChanges(
    first,
    [
      { is: 'put', item: { ...a, state: 'paused' } },
      { is: 'gone', id: b.key },
    ],
    idOf,
  );
  expect(first.byId.get(a.key)?.state).toBe('running');
  expect([...next.byId.values()].map((one) => one.state)).toEqual(['paused']);
  const again = applyChanges(first, [{ is: 'gone', id: b.key }], idOf);
  expect(again.byId.get(a.key)).toBe(a);
});

test('a new snapshot replaces everything', () => {
  const first = applyChanges(noEntities<Guest>(), [{ is: 'all', items: [guest('h', 'a', 'running', 1)] }], idOf);
  expect(applyChanges(first, [{ is: 'all', items: [] }], idOf)).toEqual({ byId: new Map(), ready: true });
});

test('the members of a host are the same array while nobody comes or goes', () => {
  const a = guest('h', 'a', 'running', 512);
  const first = withKeys(none, applyChanges(none, [{ is: 'all', items: [a] }], idOf));
  const next = withKeys(first, applyChanges(first, [{ is: 'put', item: { ...a, state: 'paused' } }], idOf));
  expect(next.keysOf.get('h')).toBe(first.keysOf.get('h'));
  const more = withKeys(next, applyChanges(next, [{ is: 'put', item: guest('h', 'b', 'halted', 512) }], idOf));
  expect(more.keysOf.get('h')).toHaveLength(2);
});

test('figures: each key hears of its own, late samples are no news, and the past goes in front', () => {
  const figures = createFigureStore();
  const a = guest('h', 'a', 'running', 512);
  const b = guest('k', 'b', 'running', 512);
  let heard = 0;
  const undo = figures.watch(a.key, () => heard++);
  figures.take(sample('h', [a, b], 2000));
  figures.take(sample('k', [a, b], 2000));
  figures.take(sample('h', [a, b], 1000));
  expect(heard).toBe(1);
  figures.fill([sample('h', [a, b], 1000), sample('h', [a, b], 2000)]);
  expect(figures.of(a.key).map((one) => one.at)).toEqual([1000, 2000]);
  undo();
  figures.take(sample('h', [a, b], 3000));
  expect(heard).toBe(2);
});
