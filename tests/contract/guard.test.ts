import { afterAll, beforeAll, expect, test } from 'vitest';
import { leaseFileOf } from '../../electron/demo/model/leases.ts';
import { create, destroy } from '../../electron/demo/model/lifecycle.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { simulatedWorld } from './simulated.ts';
import { addHost, deskWithHosts } from './world.ts';

/** A guest whose config stands on two hosts, with its image on the share both see. */

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
let here: SimHost;
let there: SimHost;
const name = 'guarded one';
const image = '/srv/xen/images/guarded one.img';
const file = '/etc/xen/guarded.cfg';
const config = (more: { uuid: string; called: string; disk: string }) =>
  `name = "${more.called}"\nuuid = "${more.uuid}"\ntype = "pvh"\nmemory = 256\nvcpus = 1\nkernel = "/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64"\ndisk = ["${more.disk},raw,xvda,rw"]\n`;
const uuid = '5b1f0a5e-7a0c-4a59-9a5e-0123456789ab';

beforeAll(async () => {
  world = await simulatedWorld();
  const [one, two] = world.demo.office.hosts;
  if (!one || !two) throw new Error('two hosts are needed');
  here = one;
  there = two;
  here.files.allot(image, 1024 * 1024);
  for (const host of [here, there]) host.files.write(file, config({ uuid, called: name, disk: image }));
  ({ desk, first, second } = await deskWithHosts(world));
  await desk.until('it on both', () => desk.guest(first, name) && desk.guest(second, name));
});
afterAll(() => {
  desk.close();
  return world.close();
});

const start = async (hostId: string, typedName: string | null = null, by = desk) => {
  const { taskId } = await by.client.call('guest.start', { hostId, guestId: uuid, typedName });
  return (await by.ended(taskId)).outcome;
};
const lease = () => here.files.stat(leaseFileOf(image))?.text ?? '';
const runs = (hostId: string) =>
  desk.until('it runs', () => ['running', 'blocked'].includes(desk.guest(hostId, name)?.state ?? '') || null);
const halted = (hostId: string) => desk.until('it is halted', () => desk.guest(hostId, name)?.state === 'halted' || null);
const destroyAt = async (host: SimHost, hostId: string) => {
  const domain = host.domain(name);
  if (domain) await destroy(host, domain);
  await halted(hostId);
};

test('a start leaves a lease beside the image, and the other host may not start it, by its identity or its disk', async () => {
  expect(await start(first)).toEqual({ is: 'done' });
  expect(lease()).toContain(`machine ${here.about.machineId}\n`);
  expect(lease()).toMatch(new RegExp(`uuid ${uuid}\ndomid \\d+\n`));
  expect(await start(second)).toMatchObject({ is: 'failed', problem: { code: 'guest.elsewhere', effect: 'none' } });
  there.files.link(image, '/root/by another way.img');
  there.files.write('/etc/xen/other.cfg', config({ uuid: uuid.replace('5b', '6b'), called: 'other', disk: '/root/by another way.img' }));
  const other = await desk.until('the other', () => desk.guest(second, 'other'));
  const { taskId } = await desk.client.call('guest.start', { hostId: second, guestId: other.guestId });
  expect((await desk.ended(taskId)).outcome).toMatchObject({
    problem: { code: 'guest.diskInUse', name, disk: '/root/by another way.img' },
  });
  there.files.remove('/etc/xen/other.cfg');
});

test('a second XenFerry that knows only the other host finds the lease: the name is asked for', async () => {
  const other = await openDesk(world.makeWorld(), world.limits);
  try {
    const hostId = await addHost(other, world, world.hosts[1]);
    await other.until('it', () => other.guest(hostId, name));
    expect(await start(hostId, null, other)).toMatchObject({
      is: 'failed',
      problem: { code: 'guard.notAsked', hosts: [here.about.hostname] },
    });
    expect(await start(hostId, 'guarded', other)).toMatchObject({ is: 'failed', problem: { code: 'guest.nameMismatch' } });
    expect(there.domain(name)).toBeNull();
    expect(await start(hostId, name, other)).toEqual({ is: 'done' });
    await desk.until('both are warned of', () => [first, second].every((id) => desk.guest(id, name)?.warning?.code === 'guard.twice'));
  } finally {
    other.close();
  }
  await destroyAt(there, second);
  await desk.until('no warning', () => desk.guest(second, name)?.warning === null);
});

test('what somebody starts by hand on another host is noticed', async () => {
  await create(there, file, { paused: false, quiet: true });
  const warned = await desk.until('the warning', () => desk.guest(first, name)?.warning);
  expect(warned).toMatchObject({ code: 'guard.twice', name, where: world.hosts[1].label });
  await destroyAt(there, second);
  await destroyAt(here, first);
});

test('a lease that names a host we can’t ask is noticed while its guest runs here', async () => {
  expect(await start(first)).toEqual({ is: 'done' });
  here.files.write(
    leaseFileOf(image),
    lease()
      .replace(/^machine .*$/m, 'machine nobody')
      .replace(/^hostname .*$/m, 'hostname far-away'),
  );
  await destroyAt(here, first);
  await create(here, file, { paused: false, quiet: true }); // by hand, past us
  const warned = await desk.until('the warning', () => {
    const { warning } = desk.guest(first, name) ?? {};
    return warning?.code === 'guard.leaseElsewhere' && warning;
  });
  expect(warned).toMatchObject({ where: 'far-away', disk: image });
  await destroyAt(here, first);
  expect(await start(first, name)).toEqual({ is: 'done' });
});

test('a host that is lost: nothing is put back without the name either', async () => {
  const { guestId } = await desk.until('test-a', () => desk.guest(second, 'test-a'));
  const removed = await desk.client.call('guest.remove', { hostId: second, guestId, typedName: 'test-a', disks: false });
  expect((await desk.ended(removed.taskId)).outcome).toEqual({ is: 'done' });
  world.demo.fault(world.hosts[0].address, { is: 'power', on: false });
  await desk.until('it is lost', () => desk.hosts.get(first)?.link.is === 'lost');
  const entry = (await desk.client.call('trash.list', { hostId: second })).find((one) => one.name === 'test-a');
  expect(entry?.uuid).toBe(guestId);
  const back = (typedName: string | null) =>
    desk.client.call('trash.putBack', { hostId: second, trashId: entry?.trashId ?? '', typedName });
  expect(await problemOf(back(null))).toMatchObject({ code: 'guard.notAsked', name: 'test-a' });
  expect((await desk.ended((await back('test-a')).taskId)).outcome).toEqual({ is: 'done' });
});

test('a host that is lost: the name must be typed, and then its lease is taken over', async () => {
  const ask = (typedName: string | null) => desk.client.call('guest.start', { hostId: second, guestId: uuid, typedName });
  expect(await problemOf(ask(null))).toMatchObject({
    code: 'guard.notAsked',
    name,
    hosts: [world.hosts[0].label],
    lastSeen: world.hosts[0].label,
    effect: 'none',
  });
  expect(await problemOf(ask('guarded'))).toMatchObject({ code: 'guest.nameMismatch' });
  expect(there.domain(name)).toBeNull();
  expect(await start(second, name)).toEqual({ is: 'done' });
  expect(lease()).toContain(`machine ${there.about.machineId}\n`);
});

test('a lease of a boot that is over hinders nobody', async () => {
  world.demo.fault(world.hosts[0].address, { is: 'power', on: true });
  await desk.until('it is back', () => desk.hosts.get(first)?.link.is === 'open');
  await halted(first);
  world.demo.fault(world.hosts[1].address, { is: 'power', on: false });
  await desk.until('the other is lost', () => desk.hosts.get(second)?.link.is === 'lost');
  world.demo.fault(world.hosts[1].address, { is: 'power', on: true });
  await desk.until('it is back too', () => desk.hosts.get(second)?.link.is === 'open');
  await halted(second);
  expect(await start(first)).toEqual({ is: 'done' });
  expect(lease()).toContain(`machine ${here.about.machineId}\n`);
});

test('a move takes the lease with it', async () => {
  const before = lease();
  const { taskId } = await desk.client.call('migration.start', { hostId: first, guestId: uuid, targetHostId: second });
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  await runs(second);
  expect(before).not.toContain(`machine ${there.about.machineId}\n`);
  expect(lease()).toContain(`machine ${there.about.machineId}\n`);
  expect(lease()).toMatch(/\ndomid \d+\n/);
});

test('a new guest does not get a disk that one uses, by whatever path', async () => {
  here.files.link(image, '/root/innocent.img');
  const source = { is: 'existing' as const, disk: '/root/innocent.img', kernel: '/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64' };
  const rest = { disk: { is: 'none' as const }, memoryMiB: 256, vcpus: 1, bridge: null, autostart: false };
  const spec = { name: 'newcomer', type: 'pvh' as const, source, ...rest };
  const { checks } = await desk.client.call('creation.check', { hostId: first, spec });
  expect(checks.find((one) => one.what === 'disk')).toMatchObject({ verdict: 'bad', problem: { code: 'guest.diskInUse', name } });
  const { taskId } = await desk.client.call('creation.create', { hostId: first, spec });
  expect((await desk.ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'guest.diskInUse' } });
  expect(here.files.lstat('/etc/xen/newcomer.cfg')).toBeNull();
});

/** A new guest on a copy of this. */
const clone = (from: string) => ({
  ...{ name: 'cloned', type: 'pvh' as const, memoryMiB: 256, vcpus: 1, bridge: null, autostart: false, start: false },
  source: { is: 'copy' as const, from, kernel: '/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64' },
  disk: { is: 'file' as const, directory: '/srv/xen/images', format: 'raw' as const, sizeMiB: 2048 },
});
const check = async (by: Desk, hostId: string, from: string) => {
  const { checks } = await by.client.call('creation.check', { hostId, spec: clone(from) });
  return (what: string) => checks.find((one) => one.what === what);
};

test('nor is one copied that a guest writes to, on whatever host and by whatever path', async () => {
  expect((await check(desk, first, '/root/innocent.img'))('disk')).toMatchObject({
    verdict: 'bad',
    problem: { code: 'guest.diskInUse', name, where: world.hosts[1].label },
  });
  const { taskId } = await desk.client.call('creation.create', { hostId: first, spec: clone('/root/innocent.img') });
  expect((await desk.ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'guest.diskInUse' } });
  expect(here.files.lstat('/srv/xen/images/cloned.img')).toBeNull();
});

test('nor one beside which a host that is not asked says that it uses it, without the name', async () => {
  const other = await openDesk(world.makeWorld(), world.limits);
  try {
    const hostId = await addHost(other, world, world.hosts[0]);
    const notAsked = { code: 'guard.notAsked', name: 'cloned', hosts: [there.about.hostname], copyOf: '/root/innocent.img' };
    expect((await check(other, hostId, '/root/innocent.img'))('others')).toMatchObject({ verdict: 'warning', problem: notAsked });
    const { taskId } = await other.client.call('creation.create', { hostId, spec: clone('/root/innocent.img') });
    expect((await other.ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: notAsked });
  } finally {
    other.close();
  }
});

test('a removed guest does not come back onto a disk that another one runs from meanwhile', async () => {
  await destroyAt(there, second);
  const { taskId } = await desk.client.call('guest.remove', { hostId: second, guestId: uuid, typedName: name, disks: false });
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  here.files.write('/etc/xen/heir.cfg', config({ uuid: uuid.replace('5b', '7b'), called: 'heir', disk: '/root/innocent.img' }));
  const heir = await desk.until('the heir', () => desk.guest(first, 'heir'));
  const started = await desk.client.call('guest.start', { hostId: first, guestId: heir.guestId });
  expect((await desk.ended(started.taskId)).outcome).toEqual({ is: 'done' });
  const entry = (await desk.client.call('trash.list', { hostId: second })).find((one) => one.name === name);
  const back = async () => {
    const put = await desk.client.call('trash.putBack', { hostId: second, trashId: entry?.trashId ?? '' });
    return (await desk.ended(put.taskId)).outcome;
  };
  expect(await back()).toMatchObject({ is: 'failed', problem: { code: 'guest.diskInUse', name: 'heir', where: world.hosts[0].label } });
  expect(there.files.lstat(file)).toBeNull();
  const running = here.domain('heir');
  if (running) await destroy(here, running);
  await desk.until('the heir is halted', () => desk.guest(first, 'heir')?.state === 'halted');
  expect(await back()).toEqual({ is: 'done' });
});

test('of a guest that is halted a copy is made; where a host is lost, with the name typed', async () => {
  const make = async (typedName: string | null) => {
    const { taskId } = await desk.client.call('creation.create', { hostId: first, spec: clone('/root/innocent.img'), typedName });
    return (await desk.ended(taskId)).outcome;
  };
  world.demo.fault(world.hosts[1].address, { is: 'power', on: false });
  await desk.until('it is lost', () => desk.hosts.get(second)?.link.is !== 'open', 20_000);
  const why = { code: 'guard.notAsked', name: 'cloned', hosts: [world.hosts[1].label], copyOf: '/root/innocent.img', effect: 'none' };
  expect(await problemOf(make(null))).toMatchObject(why);
  expect(await problemOf(make('innocent'))).toMatchObject({ code: 'guest.nameMismatch' });
  expect(await make('cloned')).toEqual({ is: 'done' });
  expect(here.files.stat('/srv/xen/images/cloned.img')).not.toBeNull();
});
