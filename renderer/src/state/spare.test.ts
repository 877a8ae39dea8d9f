import { expect, test } from 'vitest';
import { guest, host } from '../testing/model.ts';
import { spareFor } from './spare.ts';

const free = (id: string, freeMemoryMiB: number) => host(id, { freeMemoryMiB });

test('guests of a failed host fit where there is room, largest first', () => {
  const hosts = [free('a', 0), free('b', 5000), free('c', 2100)];
  const guests = { a: [guest('a', 'big', 'running', 4000), guest('a', 'small', 'running', 2000), guest('a', 'off', 'halted', 90_000)] };
  const on = (id: string) => (id === 'a' ? guests.a : []);
  expect(spareFor('a', hosts, on)).toEqual({ is: 'fits' });
});

test('who does not fit is named', () => {
  const hosts = [free('a', 0), free('b', 4100)];
  const on = (id: string) => (id === 'a' ? [guest('a', 'big', 'running', 4000), guest('a', 'small', 'running', 2000)] : []);
  expect(spareFor('a', hosts, on)).toEqual({ is: 'short', names: ['small'] });
});

test('without another connected host nothing can be said', () => {
  const lost = host('b', { link: { is: 'closed' } });
  expect(spareFor('a', [free('a', 0), lost], () => [])).toEqual({ is: 'alone' });
});
