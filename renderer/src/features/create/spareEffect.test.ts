import { expect, test } from 'vitest';
import type { Host } from '../../../../electron/contract/host.ts';
import { facts, guest, host } from '../../testing/model.ts';
import { spareEffects } from './spareEffect.ts';
import { type Chosen, type Known, valuesOf } from './values.ts';

const kernels = [{ path: '/boot/vmlinuz', initrds: [] }];
const room = (id: string, freeMemoryMiB: number, more: Partial<Host> = {}) =>
  host(id, { facts: facts({ kernels }), freeMemoryMiB, ...more });
function effect(hosts: Host[], chosen: Chosen, on: string) {
  const guests = hosts.map((one) => guest(one.id, `of-${one.id}`, 'running', 2000));
  const known: Known = { hosts, guests, asked: null };
  const host_ = hosts.find((one) => one.id === on);
  return host_ && spareEffects(valuesOf({ beginning: 'network', size: 'own', ...chosen }, known), known)(host_);
}

test('where there is room for it beside the guests of any host that fails, nothing is lost', () => {
  expect(effect([room('a', 9000), room('b', 9000)], { memoryMiB: 3000 }, 'a')).toEqual({ is: 'kept' });
});

test('hosts whose guests would have needed its memory are named, and its own, where the others can’t take it', () => {
  expect(effect([room('a', 4000), room('b', 4000)], { memoryMiB: 3000 }, 'a')).toEqual({ is: 'lost', hosts: ['a', 'b'] });
  expect(effect([room('a', 4000), room('b', 9000)], { memoryMiB: 3000 }, 'a')).toEqual({ is: 'lost', hosts: ['b'] });
});

test('what is short already stays so, and with one host nobody can take over', () => {
  expect(effect([room('a', 9000), room('b', 1000)], { memoryMiB: 500 }, 'a')).toEqual({ is: 'wasShort', hosts: ['a'] });
  expect(effect([room('a', 9000), room('b', 9000, { link: { is: 'closed' } })], { memoryMiB: 500 }, 'a')).toEqual({ is: 'alone' });
});

test('a network that only its own server has keeps it from going elsewhere', () => {
  const dmz = { ...facts({ kernels }), bridges: [{ name: 'dmz', up: true, ports: [] }] };
  const hosts = [room('a', 9000, { facts: dmz }), room('b', 9000), room('c', 9000)];
  expect(effect(hosts, { memoryMiB: 500 }, 'a')).toEqual({ is: 'lost', hosts: ['a'] });
  expect(effect(hosts, { memoryMiB: 500, bridge: '' }, 'a')).toEqual({ is: 'kept' });
});
