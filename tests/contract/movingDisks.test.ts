import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DiskTravel } from '../../electron/contract/diskTravel.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { type Desk, openDesk } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts } from './world.ts';

/** A guest whose disks only its host has moves while it runs, and nothing half stays anywhere when it does not. */

/** A volume of 8 GiB and a file of 2 GiB, both only on the first host. */
const moves = 'wiki';
const volume = 'vg0/wiki';
const file = '/var/lib/xen/images/wiki-2.img';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
let source: SimHost;
let target: SimHost;
beforeEach(async () => {
  world = await simulatedWorld();
  ({ source, target } = endsOf(world));
});
afterEach(async () => {
  desk.close();
  await world.close();
});
const open = async (): Promise<void> => {
  ({ desk, first, second } = await deskWithHosts(world));
};
const { ended, ...waits } = waiting(() => desk);
const seen = (hostId: string, name = moves) => waits.seen(hostId, name);
const check = async () =>
  desk.client.call('migration.check', { hostId: first, guestId: (await seen(first)).guestId, targetHostId: second });
const start = async (more: { limitMiBPerS?: number } = {}): Promise<string> => {
  const guest = await seen(first);
  return (await desk.client.call('migration.start', { hostId: first, guestId: guest.guestId, targetHostId: second, ...more })).taskId;
};
const copying = (taskId: string, bytes = 1) => waits.copying(taskId, bytes);
const refusals = async (): Promise<string[]> =>
  (await check()).checks.flatMap((one) => (one.verdict === 'bad' && one.problem ? [one.problem.code] : []));
const volumeAt = (host: SimHost, name = volume) => host.group(name.split('/')[0] ?? '')?.volumes.get(name.split('/')[1] ?? '');
/** Where the guest runs. */
const runsAt = (): SimHost[] =>
  [source, target].filter((host) => [...host.domains.values()].some((one) => one.config.name === moves && one.runs));
const nothingAtTarget = (): void => {
  expect(volumeAt(target)).toBeUndefined();
  expect(target.files.lstat(file)).toBeNull();
  expect(target.files.lstat(`/etc/xen/${moves}.cfg`)).toBeNull();
  expect(target.files.below('/var/lib/xen/images').filter((path) => path.includes('xenferry'))).toEqual([]);
  tidy();
};
const untouchedAtSource = (): void => {
  expect(volumeAt(source)).toBeDefined();
  expect(source.files.lstat(file)).not.toBeNull();
  expect(source.files.lstat(`/etc/xen/${moves}.cfg`)).not.toBeNull();
  expect(source.files.list('/var/lib/xenferry/trash') ?? []).toEqual([]);
};
/** Leaves 1 GiB in each volume group that the target sees. */
const fillGroups = () =>
  ['vg0', 'vgsan'].map((name) => {
    const group = target.group(name);
    group?.create('archive', group.freeMiB() - 1024);
    return group;
  });
const tidy = (): void => {
  for (const host of [source, target]) {
    expect(host.files.stat('/root/.ssh/authorized_keys')?.text ?? '').not.toContain('xenferry');
    expect([...host.domains.values()].filter((one) => /--(incoming|migratedaway)$/.test(one.name))).toEqual([]);
  }
};

test('its file and its volume are copied while it runs; both ends are the same, and the old ones lie in the trash of the source', async () => {
  await open();
  const config = source.files.read(`/etc/xen/${moves}.cfg`);
  const { checks, disks } = await check();
  expect(checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  expect(disks).toEqual<DiskTravel[]>([
    {
      travels: 'copied',
      vdev: 'xvda',
      path: '/dev/vg0/wiki',
      sizeMiB: 8192,
      to: '/dev/vg0/wiki',
      as: 'volume',
      place: 'vg:vg0',
      old: false,
      how: 'traced',
    },
    {
      travels: 'copied',
      vdev: 'xvdb',
      path: file,
      sizeMiB: 2048,
      to: file,
      as: 'raw',
      place: 'dir:/var/lib/xen/images',
      old: false,
      how: 'traced',
    },
  ]);
  const wrote = volumeAt(source);
  if (wrote) wrote.ticks = 4711;
  const taskId = await start();
  const midway = await copying(taskId, 500 * 1048576);
  expect(midway.phase).toBe('copyingDisk');
  expect(midway.migration?.disks).toMatchObject({ totalBytes: 10240 * 1048576, rounds: [10240 * 1048576], same: false });
  expect(midway.progress).toMatchObject({ total: 10240 * 1048576, unit: 'bytes' });
  expect(runsAt()).toEqual([source]);
  const task = await ended(taskId);
  expect(task.outcome).toEqual({ is: 'done' });
  const told = task.migration?.disks;
  expect(told).toMatchObject({ pause: true, same: true, comparing: false });
  const [whole = 0, ...later] = told?.rounds ?? [];
  expect(whole).toBe(10240 * 1048576);
  for (const bytes of later) expect(bytes).toBeLessThan(whole / 10);
  expect(task.migration?.sentBytes).toBeLessThan(3 * 1024 * 1048576); // the memory, not the disks
  expect(runsAt()).toEqual([target]);
  expect(volumeAt(target)).toMatchObject({ sizeMiB: 8192, ticks: 4711 });
  expect(target.files.stat(file)?.sizeBytes).toBe(2048 * 1048576);
  expect(target.files.read(`/etc/xen/${moves}.cfg`)).toBe(config);
  expect(target.files.lstat(`/etc/xen/auto/${moves}.cfg`)).not.toBeNull();
  expect(volumeAt(source)).toBeUndefined();
  expect(source.files.lstat(file)).toBeNull();
  const [entry, ...others] = await desk.client.call('trash.list', { hostId: first });
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ name: moves, movedTo: world.hosts[1].label, configFile: `/etc/xen/${moves}.cfg` });
  expect(entry?.disks.map((one) => [one.from, one.sizeMiB])).toEqual([
    ['/dev/vg0/wiki', 8192],
    [file, 2048],
  ]);
  tidy();
});

test('what it left is put back only with its name typed, and not started, while the guest is elsewhere', async () => {
  await open();
  expect((await ended(await start())).outcome).toEqual({ is: 'done' });
  await desk.until('it runs at the target', () => desk.guest(second, moves)?.domid);
  const [entry] = await desk.client.call('trash.list', { hostId: first });
  const back = (typedName?: string) =>
    desk.client.call('trash.putBack', { hostId: first, trashId: entry?.trashId ?? '', ...(typedName ? { typedName } : {}) });
  await expect(back()).rejects.toMatchObject({ problem: { code: 'guard.livesElsewhere', name: moves, where: world.hosts[1].label } });
  await expect(back('another')).rejects.toMatchObject({ problem: { code: 'guest.nameMismatch' } });
  const { taskId } = await back(moves);
  expect((await ended(taskId)).outcome).toEqual({ is: 'done' });
  const twin = await desk.until('it lies there again', () => desk.guest(first, moves));
  expect(twin.state).toBe('halted');
  const again = await desk.client.call('guest.start', { hostId: first, guestId: twin.guestId });
  expect((await ended(again.taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'guest.elsewhere' } });
  expect(runsAt()).toEqual([target]);
});

test('where its group is full there it stands in another place, and its config says so; every other byte stays', async () => {
  fillGroups();
  source.files.write(`/etc/xen/${moves}.cfg`, `${source.files.read(`/etc/xen/${moves}.cfg`)}# 終わり, kept\n`);
  await open();
  const { disks } = await check();
  expect(disks.map((one) => one.travels === 'copied' && [one.to, one.as])).toEqual([
    ['/var/lib/xen/images/wiki-xvda.img', 'raw'],
    [file, 'raw'],
  ]);
  const config = source.files.read(`/etc/xen/${moves}.cfg`);
  const task = await ended(await start());
  expect(task.outcome).toEqual({ is: 'done' });
  expect(target.files.stat('/var/lib/xen/images/wiki-xvda.img')?.sizeBytes).toBe(8192 * 1048576);
  const there = target.files.read(`/etc/xen/${moves}.cfg`);
  expect(there).toContain('target=/var/lib/xen/images/wiki-xvda.img');
  const others = (text: string) => text.replace(/^disk = \[[^\]]*\]/m, '');
  expect(others(there)).toBe(others(config));
  const moved = await desk.until('it is seen there', () => desk.guest(second, moves)?.live && desk.guest(second, moves));
  expect(moved.live?.disks.map((one) => one.target)).toEqual(['/var/lib/xen/images/wiki-xvda.img', file]);
  expect(moved.needsRestart).toEqual([]);
});

test('no faster than it may', async () => {
  await open();
  const task = await copying(await start({ limitMiBPerS: 20 }), 200 * 1048576);
  // the model runs faster than life; its own clock does not count
  expect((task.migration?.bytesPerS ?? 0) / 20).toBeLessThan(24 * 1048576);
  await desk.client.call('task.cancel', { taskId: task.id });
  await ended(task.id);
});

test('cancelled while disks are copied: nothing of them stays at the target', async () => {
  await open();
  const taskId = await start();
  await copying(taskId, 300 * 1048576);
  expect(volumeAt(target)).toBeDefined();
  await desk.client.call('task.cancel', { taskId });
  expect((await ended(taskId)).outcome).toEqual({ is: 'cancelled' });
  expect(runsAt()).toEqual([source]);
  nothingAtTarget();
  untouchedAtSource();
});

test('a disk that another guest names too is not taken from under it', async () => {
  source.files.write(
    '/etc/xen/clone.cfg',
    `name = "clone"\ntype = "pvh"\nmemory = 128\ndisk = [ "format=raw,vdev=xvda,access=ro,target=${file}" ]\n`,
  );
  await open();
  await desk.until('the clone', () => desk.guest(first, 'clone')?.config?.shape);
  expect(await refusals()).toContain('guest.diskInUse');
  source.files.remove('/etc/xen/clone.cfg');
  untouchedAtSource();
});

test('no room at the target, or a disk of that name: refused beforehand, and nothing is touched', async () => {
  const groups = fillGroups();
  const { tree } = target.files.mountOf('/var/lib/xen/images');
  target.files.allot('/var/lib/xen/images/fill.img', (tree.totalMiB - tree.usedMiB() - 500) * 1048576);
  const { tree: shared } = target.files.mountOf('/srv/xen');
  const filled = target.files.allot('/srv/xen/fill.img', (shared.totalMiB - shared.usedMiB() - 500) * 1048576);
  await open();
  expect(await refusals()).toContain('space.short');
  const taskId = await start();
  expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'space.short' } });
  filled.sizeBytes = 0;
  for (const group of groups) group?.volumes.delete('archive');
  target.group('vg0')?.create('wiki', 64);
  expect(await refusals()).toContain('disk.exists');
  expect(volumeAt(target)?.sizeMiB).toBe(64);
  untouchedAtSource();
});

test('a disk of that name appears at the target after the look: the move fails with its words, and the stranger stays', async () => {
  await open();
  await check();
  target.files.allot(file, 4096);
  const task = await ended(await start());
  expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.disksFailed' } });
  expect(JSON.stringify(task.outcome)).toContain('File exists');
  expect(target.files.stat(file)?.sizeBytes).toBe(4096);
  expect(volumeAt(target)).toBeUndefined();
  expect(runsAt()).toEqual([source]);
  untouchedAtSource();
});

test('the source loses power in mid-copy: on its return the guest is halted there with its disks, and nothing lies at the target', async () => {
  await open();
  const taskId = await start();
  await copying(taskId, 300 * 1048576);
  world.demo.fault(world.hosts[0].address, { is: 'power', on: false });
  await desk.until('the loss', () => desk.hosts.get(first)?.link.is !== 'open', 20_000);
  world.demo.fault(world.hosts[0].address, { is: 'power', on: true });
  expect((await ended(taskId)).outcome?.is).not.toBe('done');
  expect(runsAt()).toEqual([]);
  nothingAtTarget();
  untouchedAtSource();
});

test('the target loses power in mid-copy: the guest goes on, and what was made there goes when it is back', async () => {
  await open();
  const taskId = await start();
  await copying(taskId, 300 * 1048576);
  world.demo.fault(world.hosts[1].address, { is: 'power', on: false });
  await desk.until('the loss', () => desk.hosts.get(second)?.link.is !== 'open', 20_000);
  expect(runsAt()).toEqual([source]);
  world.demo.fault(world.hosts[1].address, { is: 'power', on: true });
  await desk.until('the link again', () => desk.hosts.get(second)?.link.is === 'open', 30_000);
  expect((await ended(taskId)).outcome?.is).toBe('failed');
  expect(runsAt()).toEqual([source]);
  untouchedAtSource();
  await expect.poll(() => volumeAt(target), { timeout: 5_000 }).toBeUndefined();
  nothingAtTarget();
});

test('the desktop is gone in mid-copy; another start of it finds the task, with its disks, and its end', async () => {
  const own = world.makeWorld();
  ({ desk, first, second } = await deskWithHosts(world, own));
  const taskId = await start();
  await copying(taskId, 300 * 1048576);
  desk.close();
  desk = await openDesk(own, world.limits);
  const found = await copying(taskId, 300 * 1048576);
  expect(found).toMatchObject({ guestName: moves, phase: 'copyingDisk' });
  expect(found.migration?.disks?.totalBytes).toBe(10240 * 1048576);
  expect((await ended(taskId)).outcome).toEqual({ is: 'done' });
  expect(runsAt()).toEqual([target]);
  tidy();
});
