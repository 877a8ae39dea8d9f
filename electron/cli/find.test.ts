import { expect, test } from 'vitest';
import type { Guest } from '../contract/guest.ts';
import type { Host } from '../contract/host.ts';
import { findGuest, findHost } from './find.ts';
import { Refusal } from './refusal.ts';

const host = (id: string, label: string, address: string) => ({ id, label, address }) as Host;
const guest = (hostId: string, name: string, uuid: string, state = 'running') =>
  ({ key: `${hostId}/${uuid}`, hostId, guestId: uuid, uuid, name, state }) as Guest;
const hosts = [
  host('h1', '東京', 'a.example'),
  host('h2', '大阪', 'b.example'),
  host('h3', 'rack/1', 'c.example'),
  host('h4', '大阪', 'd.example'),
];
const guests = [
  guest('h1', 'web', 'aaaa'),
  guest('h2', 'web', 'aaaa', 'halted'),
  guest('h1', 'db', 'bbbb'),
  guest('h3', 'mail', 'cccc'),
  guest('h3', 'twin', 'dddd'),
  guest('h3', 'twin', 'eeee'),
];
const find = (word: string) => findGuest(word, guests, hosts).key;
const refused = (work: () => unknown) => {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Refusal) return [thrown.code, ...thrown.candidates];
  }
  return [];
};

test('a guest is found by name, UUID, and either on a host', () => {
  expect(find('db')).toBe('h1/bbbb');
  expect(find('CCCC')).toBe('h3/cccc');
  expect(find('東京/web')).toBe('h1/aaaa');
  expect(find('b.example/web')).toBe('h2/aaaa');
  expect(find('rack/1/mail')).toBe('h3/cccc');
  expect(find('rack/1/eeee')).toBe('h3/eeee');
});

test('what is not clear is refused with names that are', () => {
  expect(refused(() => find('web'))).toEqual(['manyGuests', '東京/web (running)', '大阪/web (halted)']);
  expect(refused(() => find('aaaa'))).toEqual(['manyGuests', '東京/web (running)', '大阪/web (halted)']);
  expect(refused(() => find('twin'))).toEqual(['manyGuests', 'rack/1/dddd (running)', 'rack/1/eeee (running)']);
  expect(refused(() => find('东京/web'))).toEqual(['noSuchGuest']);
  expect(refused(() => findHost('大阪', hosts))).toEqual(['manyHosts', 'h2 (大阪, b.example)', 'h4 (大阪, d.example)']);
  expect(refused(() => findHost('kyoto', hosts))[0]).toBe('noSuchHost');
  expect(findHost('b.example', hosts).id).toBe('h2');
});
