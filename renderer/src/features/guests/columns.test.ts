import { expect, test } from 'vitest';
import { guest, host } from '../../testing/model.ts';
import { orderedKeys } from './columns.ts';

const hosts = new Map([
  ['t', host('t', { label: 'tokyo', tags: ['本社'] })],
  ['n', host('n', { label: 'nagoya' })],
]);
const guests = [guest('t', 'web-10', 'running', 512), guest('t', 'web-2', 'halted', 1024), guest('n', 'mail', 'running', 256)];
const names = (filter: string, column: 'name' | 'memory' | 'cpu', down = false) =>
  orderedKeys(guests, hosts, { filter, column, down }).map((key) => guests.find((one) => one.key === key)?.name);

test('names are ordered with their numbers by value', () => expect(names('', 'name')).toEqual(['mail', 'web-2', 'web-10']));
test('by memory, downwards', () => expect(names('', 'memory', true)).toEqual(['web-2', 'web-10', 'mail']));
test('live figures are no order', () => expect(names('', 'cpu')).toEqual(['mail', 'web-2', 'web-10']));
test('a filter finds by name, host and tag', () => {
  expect(names('MAIL', 'name')).toEqual(['mail']);
  expect(names('nagoya', 'name')).toEqual(['mail']);
  expect(names('本社', 'name')).toEqual(['web-2', 'web-10']);
});
