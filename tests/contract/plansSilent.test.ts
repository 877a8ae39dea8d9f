import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { World } from '../../electron/engine/world.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { plannedMoves } from './plannedMoves.ts';
import { simulatedWorld } from './simulated.ts';
import { addHost, deskWithHosts } from './world.ts';

/** Plans between two hosts while a third one that is saved can't be asked who runs there. */

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let own: World;
let desk: Desk;
let tokyo: string;
let osaka: string;
let nagoya: string;
let label: string;
let sims: SimHost[];
beforeAll(async () => {
  world = await simulatedWorld();
  sims = [...world.demo.office.hosts];
  own = world.makeWorld();
  ({ desk, first: tokyo, second: osaka } = await deskWithHosts(world, own));
  const third = world.demo.hosts[2];
  if (!third) throw new Error('a third host is needed');
  label = third.label;
  nagoya = await addHost(desk, world, { ...third, fingerprint: third.hostKeyFingerprint });
});
afterAll(async () => {
  desk.close();
  await world.close();
});

const power = async (on: boolean) => {
  world.demo.fault(world.demo.hosts[2]?.address ?? '', { is: 'power', on });
  await desk.until(`its link ${on ? 'open' : 'lost'}`, () => desk.hosts.get(nagoya)?.link.is === (on ? 'open' : 'lost'), 30_000);
};
const { planOf, stepOf, runsOn, over } = plannedMoves(
  () => desk,
  () => sims,
);
const planned = async (from: string, to: string, names: readonly string[]): Promise<string> => {
  const found = await desk.until('the guests', () => {
    const there = names.flatMap((name) => desk.guest(from, name) ?? []);
    return there.length === names.length && there;
  });
  const steps = found.map(({ guestId }) => ({ hostId: from, guestId, targetHostId: to }));
  return (await desk.client.call('plan.save', { planId: null, steps })).planId;
};
const typed = (planId: string, name: string, hosts = [label]) => ({ guestId: stepOf(planId, name).guestId, typedName: name, hosts });
const paused = (planId: string) => desk.until('its pause', () => planOf(planId).state === 'paused', 30_000);
const sent = (name: string) => [...desk.tasks.values()].filter((one) => one.guestName === name);

let planId = '';

test('where a saved host is silent nothing begins: the plan pauses, names that host, and everything waits as before', async () => {
  await power(false);
  planId = await planned(tokyo, osaka, ['web', 'test-tokyo']);
  await desk.client.call('plan.run', { planId });
  await paused(planId);
  expect(planOf(planId).pausedBy).toBe('notAsked');
  expect(stepOf(planId, 'web').state).toEqual({
    is: 'waiting',
    notAsked: { code: 'guard.notAsked', effect: 'none', name: 'web', hosts: [label], lastSeen: null },
  });
  expect(stepOf(planId, 'test-tokyo').state).toEqual({ is: 'waiting' });
  expect([...sent('web'), ...sent('test-tokyo')]).toEqual([]);
  expect(runsOn('web')).toEqual(['東京']);
});

test('that is still said when the program was started anew', async () => {
  desk.close();
  desk = await openDesk(own, world.limits);
  await desk.until('the links', () => [tokyo, osaka].every((id) => desk.hosts.get(id)?.link.is === 'open'), 20_000);
  expect(planOf(planId)).toMatchObject({ state: 'paused', pausedBy: 'notAsked' });
  expect(stepOf(planId, 'web').state).toMatchObject({ is: 'waiting', notAsked: { hosts: [label] } });
});

test('it goes on for those whose names are typed, and asks for the next one', async () => {
  const mistyped = desk.client.call('plan.run', { planId, typedNames: [{ ...typed(planId, 'web'), typedName: 'wep' }] });
  expect(await problemOf(mistyped)).toMatchObject({ code: 'guest.nameMismatch', name: 'web' });
  expect(planOf(planId).state).toBe('paused');
  await desk.client.call('plan.run', { planId, typedNames: [typed(planId, 'web')] });
  await desk.until('web there', () => stepOf(planId, 'web').state.is === 'done', 30_000);
  await paused(planId);
  expect(stepOf(planId, 'test-tokyo').state).toMatchObject({ is: 'waiting', notAsked: { hosts: [label] } });
  await desk.client.call('plan.run', { planId, typedNames: [typed(planId, 'test-tokyo')] });
  await over(planId);
  for (const name of ['web', 'test-tokyo']) expect([name, runsOn(name)]).toEqual([name, ['大阪']]);
}, 120_000);

test('a name that was typed for other hosts says nothing about this one', async () => {
  const back = await planned(osaka, tokyo, ['web']);
  await desk.client.call('plan.run', { planId: back, typedNames: [typed(back, 'web', ['京都'])] });
  await paused(back);
  expect(stepOf(back, 'web').state).toMatchObject({ is: 'waiting', notAsked: { hosts: [label] } });
  expect(runsOn('web')).toEqual(['大阪']);
  await desk.client.call('plan.discard', { planId: back });
});

test('a host that falls silent while a plan runs pauses it before the next move; back again, it goes on with no name', async () => {
  await power(true);
  const both = await planned(osaka, tokyo, ['web', 'test-tokyo']);
  await desk.client.call('plan.run', { planId: both });
  await desk.until('web moves', () => stepOf(both, 'web').state.is === 'moving', 30_000);
  await power(false);
  await desk.until('web there', () => stepOf(both, 'web').state.is === 'done', 30_000);
  await paused(both);
  expect(planOf(both).pausedBy).toBe('notAsked');
  expect(stepOf(both, 'test-tokyo').state).toMatchObject({ is: 'waiting', notAsked: { name: 'test-tokyo', hosts: [label] } });
  expect(runsOn('test-tokyo')).toEqual(['大阪']);
  await power(true);
  await desk.client.call('plan.run', { planId: both });
  await over(both);
  for (const name of ['web', 'test-tokyo']) expect([name, runsOn(name)]).toEqual([name, ['東京']]);
}, 120_000);
