import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { deskWithHosts } from './world.ts';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
let source: SimHost;
let target: SimHost;
beforeAll(async () => {
  world = await simulatedWorld();
  ({ source, target } = endsOf(world));
});
afterAll(() => world.close());
afterEach(() => desk.close());

const there = (hostId: string, name: string) => desk.until(`${name} there`, () => desk.guest(hostId, name));
const keys = (host: SimHost) => host.files.stat('/root/.ssh/authorized_keys')?.text ?? '';
/** A move of that guest in so many ms, when it waits at its hosts. */
async function scheduled(from: string, to: string, name: string, inMs: number): Promise<string> {
  const { guestId } = await there(from, name);
  const at = Date.now() + inMs;
  const { taskId } = await desk.client.call('migration.start', { hostId: from, guestId, targetHostId: to, at });
  await desk.until('it waits', () => desk.tasks.get(taskId)?.phase === 'scheduled');
  expect(desk.tasks.get(taskId)).toMatchObject({ startsAt: at, outcome: null, mayCancel: { may: true } });
  return taskId;
}

test('a move waits for its time, holds nobody up meanwhile, and then goes', async () => {
  ({ desk, first, second } = await deskWithHosts(world));
  const { moves } = world.guests;
  const taskId = await scheduled(first, second, moves, 4_000);
  const guest = await there(first, moves);
  expect(guest.doing).toBeNull();
  expect(source.files.lstat(`/etc/xen/${moves}.cfg`)).not.toBeNull();
  const at = { hostId: first, guestId: guest.guestId };
  const again = desk.client.call('migration.start', { ...at, targetHostId: second });
  expect(await problemOf(again)).toMatchObject({ code: 'move.scheduled', name: moves });
  // nothing of it queues behind the waiting
  const paused = await desk.ended((await desk.client.call('guest.pause', at)).taskId);
  expect(paused.outcome).toEqual({ is: 'done' });
  await desk.ended((await desk.client.call('guest.resume', at)).taskId);
  expect(desk.tasks.get(taskId)?.phase).toBe('scheduled');
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  expect(target.domain(moves)?.runs).toBe(true);
  expect([keys(source), keys(target)].join()).not.toContain('xenferry');
  const [told] = await desk.client.call('history.list', { limit: 1 });
  expect(told).toMatchObject({ id: taskId, outcome: { is: 'done' } });
  // its time is that of the move, not of the waiting
  expect(told?.migration?.wallMs).toBeLessThan(4_000);
});

test('the desktop is not there at its time: the next one tells how it went, and when', async () => {
  const own = world.makeWorld();
  ({ desk, first, second } = await deskWithHosts(world, own));
  const { moves } = world.guests;
  const taskId = await scheduled(second, first, moves, 1_500);
  desk.close();
  while (!source.domain(moves)?.runs) await new Promise((next) => setTimeout(next, 50));
  const arrived = Date.now();
  await new Promise((next) => setTimeout(next, 2_500));
  desk = await openDesk(own, world.limits);
  const task = await desk.until('it is told', () => desk.tasks.get(taskId)?.outcome?.is === 'done' && desk.tasks.get(taskId), 30_000);
  expect(task.startsAt).toBeDefined();
  expect(task.foreign).toBe(false);
  expect(Math.abs((task.endedAt ?? 0) - arrived)).toBeLessThan(2_000);
  const told = await desk.client.call('history.list', { limit: 5 });
  expect(told.find((one) => one.id === taskId)?.outcome).toEqual({ is: 'done' });
});

test('cancelled while it waits, by another desk that was there all the time, nothing is left at either end', async () => {
  ({ desk, first, second } = await deskWithHosts(world));
  const { moves } = world.guests;
  const other = await deskWithHosts(world);
  await other.desk.until('its link', () => other.desk.guest(other.first, moves));
  const taskId = await scheduled(first, second, moves, 3_600_000);
  await other.desk.until('it waits there too', () => other.desk.tasks.get(taskId)?.phase === 'scheduled');
  expect(other.desk.tasks.get(taskId)?.foreign).toBe(true);
  await other.desk.client.call('task.cancel', { taskId });
  expect((await other.desk.ended(taskId)).outcome).toEqual({ is: 'cancelled' });
  other.desk.close();
  expect(source.domain(moves)?.runs).toBe(true);
  expect([...target.domains.values()].filter((one) => one.name.startsWith(moves))).toEqual([]);
  expect(keys(target)).not.toContain('xenferry');
  // and it may be made to wait anew
  await desk.client.call('task.cancel', { taskId }).catch(() => {});
  desk.close();
  ({ desk, first, second } = await deskWithHosts(world));
  const anew = await scheduled(first, second, moves, 3_600_000);
  await desk.client.call('task.cancel', { taskId: anew });
  expect((await desk.ended(anew)).outcome).toEqual({ is: 'cancelled' });
});

test('what was changed meanwhile keeps it from beginning, and is said', async () => {
  ({ desk, first, second } = await deskWithHosts(world));
  const { moves } = world.guests;
  const file = `/etc/xen/${moves}.cfg`;
  const before = source.files.read(file);
  const taskId = await scheduled(first, second, moves, 5_000);
  source.files.write(file, `${before}\n# edited`, 0o644);
  expect((await desk.ended(taskId)).outcome).toMatchObject({
    is: 'failed',
    problem: { code: 'move.notBegun', why: 'config', said: file, effect: 'none' },
  });
  expect(source.files.read(file)).toBe(`${before}\n# edited`);
  expect(source.domain(moves)?.runs).toBe(true);
  source.files.write(file, before, 0o644);
});

test('only what needs no desktop waits, only a running guest, and only for a week', async () => {
  ({ desk, first, second } = await deskWithHosts(world));
  const { moves, halted } = world.guests;
  const { guestId } = await there(first, moves);
  const start = (more: object) => desk.client.call('migration.start', { hostId: first, guestId, targetHostId: second, ...more });
  const soon = Date.now() + 60_000;
  expect((await problemOf(start({ at: soon, transport: 'relay' }))).code).toBe('move.laterRelay');
  expect((await problemOf(start({ at: Date.now() - 1 }))).code).toBe('move.badTime');
  expect((await problemOf(start({ at: soon + 8 * 24 * 3600 * 1000 }))).code).toBe('move.badTime');
  expect((await problemOf(start({ at: soon, stop: true }))).code).toBe('move.laterStopped');
  const off = await there(first, halted);
  expect((await problemOf(start({ guestId: off.guestId, at: soon }))).code).toBe('move.notRunning');
});

test('what waits goes back by its old disks as well', async () => {
  ({ desk, first, second } = await deskWithHosts(world));
  const name = 'wiki';
  const { guestId } = await there(first, name);
  const ended = (id: string) => desk.until('its end', () => desk.tasks.get(id)?.outcome && desk.tasks.get(id), 60_000);
  const went = await ended((await desk.client.call('migration.start', { hostId: first, guestId, targetHostId: second })).taskId);
  expect(went.outcome).toEqual({ is: 'done' });
  const task = await ended(await scheduled(second, first, name, 2_500));
  expect(task.outcome).toEqual({ is: 'done' });
  const { rounds = [], totalBytes = 0 } = task.migration?.disks ?? {};
  expect(rounds[0]).toBeLessThan(totalBytes / 10);
  expect((await desk.client.call('trash.list', { hostId: first })).map((one) => one.name)).not.toContain(name);
});

test('its source is booted anew while it waits: the guest is where it was', async () => {
  ({ desk, first, second } = await deskWithHosts(world));
  const { slow } = world.guests;
  const link = source.files.lstat(`/etc/xen/auto/${slow}.cfg`);
  expect(link).not.toBeNull();
  const taskId = await scheduled(first, second, slow, 3_600_000);
  world.demo.fault(world.hosts[0].address, { is: 'power', on: false });
  await desk.until('the loss', () => desk.hosts.get(first)?.link.is !== 'open', 20_000);
  world.demo.fault(world.hosts[0].address, { is: 'power', on: true });
  const task = await desk.until('it has ended', () => desk.tasks.get(taskId)?.outcome && desk.tasks.get(taskId), 60_000);
  expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.notBegun', why: 'booted' } });
  expect(source.files.lstat(`/etc/xen/auto/${slow}.cfg`)).toBe(link);
  expect(target.domain(slow)).toBeNull();
});
