import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { InputOf } from '../../electron/contract/api.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { type Desk, problemOf } from './desk.ts';
import { simulatedWorld } from './simulated.ts';
import { deskWithHosts } from './world.ts';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let host: SimHost;
beforeAll(async () => {
  world = await simulatedWorld();
  const [found] = world.demo.office.hosts;
  if (!found) throw new Error('no host');
  host = found;
});
afterAll(() => world.close());
afterEach(() => desk.close());
const open = async (): Promise<void> => {
  ({ desk, first } = await deskWithHosts(world));
};

type Spec = InputOf<'creation.create'>['spec'];
const spec = (more: Partial<Spec>): Spec => ({
  name: 'new-guest',
  type: 'pvh',
  source: { is: 'kernel', kernel: world.guests.kernel, ramdisk: null, cmdline: 'console=hvc0' },
  disk: { is: 'volume', group: 'vgsan', sizeMiB: 1024 },
  memoryMiB: 512,
  vcpus: 1,
  bridge: 'xenbr0',
  autostart: true,
  ...more,
});
const create = async (more: Partial<Spec>) => {
  const { taskId } = await desk.client.call('creation.create', { hostId: first, spec: spec(more) });
  return desk.ended(taskId);
};
/** All that a failed creation could leave behind. */
const traces = (): string[] => [
  ...host.files.below('/etc/xen'),
  ...host.files.below('/srv/xen'),
  ...[...(host.group('vgsan')?.volumes.keys() ?? [])].sort(),
];

test('the check says what would be written and changes nothing', async () => {
  await open();
  const before = traces();
  const { text, checks } = await desk.client.call('creation.check', { hostId: first, spec: spec({}) });
  expect(text).toMatch(/^uuid *= *"[0-9a-f-]{36}"$/m);
  expect(text).toMatch(/mac=00:16:3e:/);
  expect(checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  expect(traces()).toEqual(before);
});

test('a guest from a kernel on a new volume, started and with autostart', async () => {
  await open();
  const task = await create({});
  expect(task.outcome).toEqual({ is: 'done' });
  const guest = await desk.until('the guest', () => desk.guest(first, 'new-guest')?.live && desk.guest(first, 'new-guest'));
  expect(guest.config).toMatchObject({ file: '/etc/xen/new-guest.cfg', autostart: true, hasUuid: true });
  expect(host.group('vgsan')?.volumes.has('new-guest')).toBe(true);
  const again = await problemOf(desk.client.call('creation.create', { hostId: first, spec: spec({}) })).catch(() => null);
  if (again) expect(again.code).toMatch(/name\.taken|create\.|config\.exists/);
});

test('a copy of a golden image shows how far it is', async () => {
  await open();
  const task = await create({
    name: 'copied',
    source: { is: 'copy', from: '/srv/xen/images/debian-12-golden.qcow2', kernel: world.guests.kernel },
    disk: { is: 'file', directory: '/srv/xen/images', format: 'qcow2', sizeMiB: 20480 },
    autostart: false,
  });
  expect(task.outcome).toEqual({ is: 'done' });
  expect(host.files.stat('/srv/xen/images/copied.qcow2')?.virtualBytes).toBe(20480 * 1048576);
});

test('an installation from ISO is an HVM guest with a screen', async () => {
  await open();
  const task = await create({
    name: 'installer',
    type: 'hvm',
    source: { is: 'iso', iso: '/srv/xen/iso/debian-12.9.0-amd64-netinst.iso' },
    disk: { is: 'file', directory: '/var/lib/xen/images', format: 'raw', sizeMiB: 2048 },
    autostart: false,
  });
  expect(task.outcome).toEqual({ is: 'done' });
  const guest = await desk.until('the guest', () => desk.guest(first, 'installer')?.live && desk.guest(first, 'installer'));
  expect(guest.live).toMatchObject({ graphical: true, serial: true });
});

test('when the host refuses the start, everything is undone and named', async () => {
  await open();
  const before = traces();
  const task = await create({ name: 'sim-fails-to-start-here' });
  expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'create.stepFailed', step: 'start', left: [] } });
  const undone = task.outcome?.is === 'failed' && 'undone' in task.outcome.problem ? task.outcome.problem.undone : [];
  expect(undone).toContain('/etc/xen/sim-fails-to-start-here.cfg');
  expect(traces()).toEqual(before);
});

test('cancelled in the middle of a copy, nothing is left', async () => {
  await open();
  const before = traces();
  const { taskId } = await desk.client.call('creation.create', {
    hostId: first,
    spec: spec({
      name: 'stopped',
      source: { is: 'copy', from: '/srv/xen/images/rocky-9-golden.img', kernel: world.guests.kernel },
      disk: { is: 'volume', group: 'vgsan', sizeMiB: 20480 },
    }),
  });
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingDisk');
  await desk.client.call('task.cancel', { taskId });
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'cancelled' });
  expect(traces()).toEqual(before);
});

test('names that xl or a file system would trip over are refused with the reason', async () => {
  await open();
  for (const name of ['', 'a/b', 'a\nb', 'x'.repeat(300)]) {
    const why = await problemOf(desk.client.call('creation.create', { hostId: first, spec: spec({ name }) }));
    expect(['config.unsafeName', 'input.refused', 'create.checkFailed']).toContain(why.code);
  }
  expect(host.files.list('/etc/xen')?.some((name) => name.startsWith('x'.repeat(100)))).toBe(false);
});

test('a desktop that goes away in mid-creation finds it done when it comes back', async () => {
  const own = world.makeWorld();
  ({ desk, first } = await deskWithHosts(world, own));
  const { taskId } = await desk.client.call('creation.create', {
    hostId: first,
    spec: spec({
      name: 'survivor',
      source: { is: 'copy', from: '/srv/xen/images/debian-12-golden.qcow2', kernel: world.guests.kernel },
      disk: { is: 'file', directory: '/srv/xen/images', format: 'raw', sizeMiB: 20480 },
    }),
  });
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingDisk');
  desk.close();
  const { openDesk } = await import('./desk.ts');
  desk = await openDesk(own, world.limits);
  await desk.until('its end as it was', () => desk.tasks.get(taskId)?.outcome?.is === 'done', 30_000);
  expect([...host.domains.values()].filter((one) => one.name === 'survivor')).toHaveLength(1);
});

test('another desk sees the creation while it runs, and its end', async () => {
  await open();
  const other = await deskWithHosts(world);
  const { taskId } = await desk.client.call('creation.create', {
    hostId: first,
    spec: spec({
      name: 'seen-by-two',
      source: { is: 'copy', from: '/srv/xen/images/rocky-9-golden.img', kernel: world.guests.kernel },
      disk: { is: 'volume', group: 'vgsan', sizeMiB: 20480 },
    }),
  });
  const theirs = await other.desk.until('the task there', () => other.desk.tasks.get(taskId));
  expect(theirs).toMatchObject({ kind: 'guest.create', guestName: 'seen-by-two', foreign: true });
  expect((await other.desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  other.desk.close();
});
