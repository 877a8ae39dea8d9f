import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Task } from '../../electron/contract/task.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { Desk } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts } from './world.ts';

/** A guest that left its disks behind goes back: only what changed is copied. And disks go where the operator wants them. */

/** A volume of 8 GiB and a file of 2 GiB, both only on the first host. */
const moves = 'wiki';
const volume = 'vg0/wiki';
const file = '/var/lib/xen/images/wiki-2.img';
const MiB = 1048576;
const whole = 10240 * MiB;

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
let source: SimHost;
let target: SimHost;
beforeEach(async () => {
  world = await simulatedWorld();
  ({ source, target } = endsOf(world));
  ({ desk, first, second } = await deskWithHosts(world));
});
afterEach(async () => {
  desk.close();
  await world.close();
});
const seen = (hostId: string) => desk.until(`${moves} there`, () => desk.guest(hostId, moves)?.live && desk.guest(hostId, moves));
const check = async (from: string, to: string, places: Record<string, string> = {}) =>
  desk.client.call('migration.check', { hostId: from, guestId: (await seen(from)).guestId, targetHostId: to, places });
const start = async (from: string, to: string, places: Record<string, string> = {}): Promise<string> =>
  (await desk.client.call('migration.start', { hostId: from, guestId: (await seen(from)).guestId, targetHostId: to, places })).taskId;
const { ended } = waiting(() => desk);
const copying = (taskId: string): Promise<Task> =>
  desk.until('disks are copied', () => {
    const task = desk.tasks.get(taskId);
    return task && (task.migration?.disks?.copiedBytes ?? 0) > 0 && task;
  });
const volumeAt = (host: SimHost, name = volume) => host.group(name.split('/')[0] ?? '')?.volumes.get(name.split('/')[1] ?? '');
const trashOf = (hostId: string) => desk.client.call('trash.list', { hostId });
const origins = async (hostId: string) => desk.client.call('migration.origins', { hostId, guestId: (await seen(hostId)).guestId });
const go = async (from: string, to: string): Promise<Task> => {
  const task = await ended(await start(from, to));
  expect(task.outcome).toEqual({ is: 'done' });
  return task;
};

test('back to where it came from only what changed is copied, to the disks that lay there; those of the other host are set aside in turn', async () => {
  const config = source.files.read(`/etc/xen/${moves}.cfg`);
  expect(await origins(first)).toEqual([]);
  await go(first, second);
  expect(await origins(second)).toEqual([{ hostId: first, leftAt: expect.any(Number), sizeMiB: 10240 }]);
  const [left] = await trashOf(first);
  expect(left?.disks.map((one) => [one.vdev, one.whole])).toEqual([
    ['xvda', true],
    ['xvdb', true],
  ]);
  const wrote = volumeAt(target);
  if (wrote) wrote.ticks += 7;
  const { disks, checks } = await check(second, first);
  expect(checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  expect(disks).toMatchObject([
    { travels: 'copied', to: '/dev/vg0/wiki', old: true, place: 'vg:vg0' },
    { travels: 'copied', to: file, old: true },
  ]);
  const task = await go(second, first);
  const [round = 0] = task.migration?.disks?.rounds ?? [];
  expect(task.migration?.disks).toMatchObject({ totalBytes: whole, same: true });
  expect(round).toBeGreaterThanOrEqual(7 * MiB);
  expect(round).toBeLessThan(whole / 10);
  expect(source.files.read(`/etc/xen/${moves}.cfg`)).toBe(config);
  expect(volumeAt(source)?.ticks).toBe(wrote?.ticks);
  expect(source.files.stat(file)?.sizeBytes).toBe(2048 * MiB);
  await expect.poll(() => trashOf(first)).toEqual([]);
  expect([...(source.group('vg0')?.volumes.keys() ?? [])].filter((name) => name.includes('trash'))).toEqual([]);
  expect(await trashOf(second)).toMatchObject([{ name: moves, movedTo: world.hosts[0].label, disks: [{ whole: true }, { whole: true }] }]);
  expect(await origins(first)).toMatchObject([{ hostId: second }]);
});

test('a move back that fails leaves disks there that can’t be put back, but serve the next one', async () => {
  await go(first, second);
  const wrote = volumeAt(target);
  if (wrote) wrote.ticks += 2000;
  const taskId = await start(second, first);
  await copying(taskId);
  // it stands under its name, and its entry has said so before anything of it was written
  expect(volumeAt(source)).toBeDefined();
  const [during] = await trashOf(first);
  expect(during?.disks.map((one) => one.whole)).toEqual([false, false]);
  await desk.client.call('task.cancel', { taskId });
  expect((await ended(taskId)).outcome).toEqual({ is: 'cancelled' });
  expect(volumeAt(source)).toBeUndefined();
  const [spoilt] = await trashOf(first);
  expect(spoilt?.disks.map((one) => one.whole)).toEqual([false, false]);
  const putBack = desk.client.call('trash.putBack', { hostId: first, trashId: spoilt?.trashId ?? '', typedName: moves });
  await expect(putBack).rejects.toMatchObject({ problem: { code: 'trash.partly', name: moves } });
  expect((await check(second, first)).disks).toMatchObject([{ old: true }, { old: true }]);
  await go(second, first);
  await expect.poll(() => trashOf(first)).toEqual([]);
  expect(volumeAt(source)?.ticks).toBe(wrote?.ticks);
});

test('its file becomes a volume and its volume a file where the operator wants it; each is set aside as what it was', async () => {
  const places = { xvda: 'dir:/var/lib/xen/images', xvdb: 'vg:vg0' };
  expect((await check(first, second, places)).disks).toMatchObject([
    { to: '/var/lib/xen/images/wiki-xvda.img', as: 'raw', place: 'dir:/var/lib/xen/images', old: false },
    { to: '/dev/vg0/wiki-xvdb', as: 'volume', place: 'vg:vg0', old: false },
  ]);
  expect((await ended(await start(first, second, places))).outcome).toEqual({ is: 'done' });
  const there = target.files.read(`/etc/xen/${moves}.cfg`);
  expect(there).toMatch(/vdev=xvda,access=rw.*target=\/var\/lib\/xen\/images\/wiki-xvda\.img/);
  expect(there).toMatch(/format=raw,vdev=xvdb.*target=\/dev\/vg0\/wiki-xvdb/);
  expect(volumeAt(target, 'vg0/wiki-xvdb')?.sizeMiB).toBe(2048);
  const moved = await seen(second);
  expect(moved.live?.disks.map((one) => one.target)).toEqual(['/var/lib/xen/images/wiki-xvda.img', '/dev/vg0/wiki-xvdb']);
  expect(moved.needsRestart).toEqual([]);
  // back: each where it was
  const { disks } = await check(second, first);
  expect(disks).toMatchObject([
    { to: '/dev/vg0/wiki', as: 'volume', old: true },
    { to: file, as: 'raw', old: true },
  ]);
  await go(second, first);
  expect((await seen(first)).live?.disks.map((one) => one.target)).toEqual(['/dev/vg0/wiki', file]);
});

test('a place that is too small is refused beforehand, and a place that was chosen has no part of the old disks', async () => {
  const group = target.group('vg0');
  group?.create('archive', group.freeMiB() - 1024);
  await desk.client.call('host.examine', { hostId: second });
  const { checks } = await check(first, second, { xvda: 'vg:vg0' });
  expect(checks.flatMap((one) => (one.problem?.code === 'space.short' ? [one.problem.place] : []))).toEqual(['vg0']);
  await go(first, second);
  expect((await check(second, first, { xvda: 'dir:/var/lib/xen/images' })).disks).toMatchObject([{ as: 'raw', old: false }, { old: true }]);
});

test('the host it goes back to loses power meanwhile: the guest goes on, and what was begun there lies in its trash again', async () => {
  await go(first, second);
  const wrote = volumeAt(target);
  if (wrote) wrote.ticks += 2000;
  const taskId = await start(second, first);
  await copying(taskId);
  world.demo.fault(world.hosts[0].address, { is: 'power', on: false });
  await desk.until('the loss', () => desk.hosts.get(first)?.link.is !== 'open', 20_000);
  world.demo.fault(world.hosts[0].address, { is: 'power', on: true });
  await desk.until('the link again', () => desk.hosts.get(first)?.link.is === 'open', 30_000);
  expect((await ended(taskId)).outcome?.is).toBe('failed');
  expect([...target.domains.values()].some((one) => one.config.name === moves && one.runs)).toBe(true);
  await expect.poll(() => volumeAt(source), { timeout: 5_000 }).toBeUndefined();
  expect(source.files.lstat(file)).toBeNull();
  expect((await trashOf(first))[0]?.disks.map((one) => one.whole)).toEqual([false, false]);
  expect((await check(second, first)).disks).toMatchObject([{ old: true }, { old: true }]);
});

test('with a stop it goes back the same way, and so does a halted one; places are chosen alike', async () => {
  const stopped = async (from: string, to: string, more: { stop?: boolean; places?: Record<string, string> }): Promise<Task> => {
    const { guestId } = await desk.until(`${moves} there`, () => desk.guest(from, moves));
    const task = await ended((await desk.client.call('migration.start', { hostId: from, guestId, targetHostId: to, ...more })).taskId);
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    expect(task.kind).toBe('guest.moveStopped');
    return task;
  };
  const places = { xvda: 'dir:/var/lib/xen/images', xvdb: 'vg:vg0' };
  const both = await check(first, second, places);
  for (const way of [both, both.stopped])
    expect(way?.disks).toMatchObject([
      { to: '/var/lib/xen/images/wiki-xvda.img', as: 'raw', old: false },
      { to: '/dev/vg0/wiki-xvdb', as: 'volume', old: false },
    ]);
  await stopped(first, second, { stop: true, places });
  const wrote = volumeAt(target, 'vg0/wiki-xvdb');
  if (wrote) wrote.ticks += 7;
  const back = await check(second, first);
  expect(back.stopped?.disks).toMatchObject([
    { to: '/dev/vg0/wiki', old: true, how: 'still' },
    { to: file, old: true, how: 'still' },
  ]);
  const task = await stopped(second, first, { stop: true });
  const [round = 0] = task.migration?.disks?.rounds ?? [];
  expect(round).toBeGreaterThanOrEqual(7 * MiB);
  expect(round).toBeLessThan(whole / 10);
  expect(task.migration?.disks).toMatchObject({ totalBytes: whole, same: true });
  expect(source.files.stat(file)?.text).toBe(String(wrote?.ticks));
  await expect.poll(() => trashOf(first)).toEqual([]);
  // halted, to where its disks lie too
  const { guestId } = await seen(first);
  await ended((await desk.client.call('guest.shutdown', { hostId: first, guestId })).taskId);
  await desk.until('it is halted', () => desk.guest(first, moves)?.state === 'halted');
  const halted = await stopped(first, second, {});
  expect(halted.migration?.disks?.rounds[0]).toBeLessThan(whole / 10);
  expect(volumeAt(target, 'vg0/wiki-xvdb')).toBeDefined();
  await expect.poll(() => trashOf(second)).toEqual([]);
  expect(await trashOf(first)).toMatchObject([{ name: moves, disks: [{ whole: true }, { whole: true }] }]);
});

test('with a stop, a move back that is cancelled runs here again, and what was begun there lies in its trash', async () => {
  await go(first, second);
  const wrote = volumeAt(target);
  if (wrote) wrote.ticks += 2000;
  const { guestId } = await seen(second);
  const { taskId } = await desk.client.call('migration.start', { hostId: second, guestId, targetHostId: first, stop: true });
  await copying(taskId);
  await desk.client.call('task.cancel', { taskId });
  expect((await ended(taskId)).outcome).toEqual({ is: 'cancelled' });
  expect([...target.domains.values()].some((one) => one.config.name === moves && one.runs)).toBe(true);
  expect(volumeAt(source)).toBeUndefined();
  expect((await trashOf(first))[0]?.disks.map((one) => one.whole)).toEqual([false, false]);
});

test('a plan that brings back what it moved takes the same way', async () => {
  const { guestId } = await seen(first);
  const { planId } = await desk.client.call('plan.save', { planId: null, steps: [{ hostId: first, guestId, targetHostId: second }] });
  const over = (id: string) => desk.until('the plan’s end', () => desk.plans.get(id)?.state === 'ended', 60_000);
  await desk.client.call('plan.run', { planId });
  await over(planId);
  await seen(second);
  const back = await desk.client.call('plan.back', { planId });
  await desk.client.call('plan.run', back);
  await over(back.planId);
  const task = [...desk.tasks.values()].findLast((one) => one.guestName === moves && one.hostId === second);
  expect(task?.outcome).toEqual({ is: 'done' });
  expect(task?.migration?.disks?.rounds[0]).toBeLessThan(whole / 10);
  expect(await trashOf(first)).toEqual([]);
});
