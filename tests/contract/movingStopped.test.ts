import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jobsOf } from '../../electron/demo/model/jobs.ts';
import { incomingOf } from '../../electron/demo/model/moves.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { type Desk, openDesk } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts } from './world.ts';

/** A guest moves with a stop: it is shut down here, its disks go, it is started there; and where that can't be, it runs here again. */

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
const open = async (own = world.makeWorld()): Promise<void> => {
  ({ desk, first, second } = await deskWithHosts(world, own));
};
const { ended, ...waits } = waiting(() => desk);
const seen = (hostId: string, name = moves) => waits.seen(hostId, name);
const start = async (name = moves, more: { limitMiBPerS?: number; stop?: boolean } = { stop: true }): Promise<string> => {
  const guest = await seen(first, name);
  return (await desk.client.call('migration.start', { hostId: first, guestId: guest.guestId, targetHostId: second, ...more })).taskId;
};
const copying = (taskId: string, bytes = 300 * 1048576) => waits.copying(taskId, bytes);
const volumeAt = (host: SimHost, name = volume) => host.group(name.split('/')[0] ?? '')?.volumes.get(name.split('/')[1] ?? '');
/** Where the guest runs. */
const runsAt = (name = moves): SimHost[] =>
  [source, target].flatMap((host) => [...host.domains.values()].filter((one) => one.config.name === name && !one.dying).map(() => host));
const nothingAtTarget = (): void => {
  expect(volumeAt(target)).toBeUndefined();
  expect(target.files.lstat(file)).toBeNull();
  expect(target.files.lstat(`/etc/xen/${moves}.cfg`)).toBeNull();
  tidy();
};
const allAtSource = (): void => {
  expect(volumeAt(source)).toBeDefined();
  expect(source.files.lstat(file)).not.toBeNull();
  expect(source.files.lstat(`/etc/xen/${moves}.cfg`)).not.toBeNull();
  expect(source.files.lstat(`/etc/xen/auto/${moves}.cfg`)).not.toBeNull();
  expect(source.files.list('/var/lib/xenferry/trash') ?? []).toEqual([]);
};
const tidy = (): void => {
  for (const host of [source, target]) expect(host.files.stat('/root/.ssh/authorized_keys')?.text ?? '').not.toContain('xenferry');
  expect([...incomingOf(target).keys()]).toEqual([]);
};
const gone = (): void => {
  expect(volumeAt(source)).toBeUndefined();
  for (const path of [file, `/etc/xen/${moves}.cfg`, `/etc/xen/auto/${moves}.cfg`]) expect(source.files.lstat(path), path).toBeNull();
  expect(volumeAt(target)?.sizeMiB).toBe(8192);
  expect(target.files.stat(file)?.sizeBytes).toBe(2048 * 1048576);
  for (const path of [`/etc/xen/${moves}.cfg`, `/etc/xen/auto/${moves}.cfg`]) expect(target.files.lstat(path), path).not.toBeNull();
};
const power = (nth: 0 | 1, on: boolean) => world.demo.fault(world.hosts[nth].address, { is: 'power', on });

test('it is shut down here, its disks go, and it is started there; what it leaves lies in the trash', async () => {
  await open();
  const guest = await seen(first);
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check.live).toBe(true);
  expect(check.stopped?.checks.filter((one) => one.verdict !== 'good')).toEqual([]);
  expect(check.stopped?.disks.map((one) => [one.travels, one.path, one.travels === 'copied' && one.how])).toEqual([
    ['copied', '/dev/vg0/wiki', 'still'],
    ['copied', file, 'still'],
  ]);
  const config = source.files.read(`/etc/xen/${moves}.cfg`);
  const wrote = volumeAt(source);
  if (wrote) wrote.ticks = 4711;
  const phases: string[] = [];
  const stop = desk.client.feed('task.watch', {}, () => {
    const task = [...desk.tasks.values()].find((one) => one.kind === 'guest.moveStopped');
    if (task && phases.at(-1) !== task.phase) phases.push(task.phase);
  });
  const taskId = await start();
  const midway = await copying(taskId);
  expect(midway).toMatchObject({ kind: 'guest.moveStopped', phase: 'copyingDisk', mayCancel: { may: true } });
  expect(midway.progress).toMatchObject({ total: 10240 * 1048576, unit: 'bytes' });
  expect(runsAt()).toEqual([]);
  expect(desk.guest(first, moves)).toMatchObject({ state: 'halted', doing: { kind: 'guest.moveStopped' } });
  const task = await ended(taskId);
  stop();
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  expect(phases.filter((one) => ['shuttingDown', 'copyingDisk', 'starting', 'tidying'].includes(one))).toEqual([
    'shuttingDown',
    'copyingDisk',
    'starting',
    'tidying',
  ]);
  expect(task.migration).toMatchObject({ memoryBytes: 0, disks: { same: true, rounds: [10240 * 1048576] } });
  expect(task.migration?.downtimeMs).toBeGreaterThan(1000);
  expect(task.migration?.downtimeMs).toBeLessThan(task.migration?.wallMs ?? 0);
  expect(runsAt()).toEqual([target]);
  // it counts from there on
  expect(volumeAt(target)?.ticks).toBeGreaterThanOrEqual(4711);
  expect(target.files.read(`/etc/xen/${moves}.cfg`)).toBe(config);
  gone();
  tidy();
  const [entry, ...others] = await desk.client.call('trash.list', { hostId: first });
  expect(others).toEqual([]);
  expect(entry).toMatchObject({ name: moves, movedTo: world.hosts[1].label });
  expect(entry?.disks.map((one) => one.from)).toEqual(['/dev/vg0/wiki', file]);
  // the next one is told what it will take
  const there = await desk.until('it is seen there', () => desk.guest(second, moves)?.domid != null && desk.guest(second, moves));
  const asked = { hostId: second, guestId: there.guestId, targetHostId: first };
  const places = { xvda: 'dir:/var/lib/xen/images', xvdb: 'vg:vg0' };
  const back = await desk.client.call('migration.check', { ...asked, places });
  expect(back.stopped?.expectedSeconds).toBeGreaterThan(1);
  expect(back.stopped?.expectedPauseMs).toBe((back.stopped?.expectedSeconds ?? 0) * 1000);
  // but not of what its old disks will save
  expect((await desk.client.call('migration.check', asked)).stopped?.expectedSeconds).toBeNull();
});

test('a PV guest where Xen has no shadow paging: only this way, and it is gone', async () => {
  await open();
  const name = 'fax-gateway';
  const guest = await seen(first, name);
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check.checks.flatMap((one) => one.problem?.code ?? [])).toEqual(['move.pvNoShadow']);
  expect(check.stopped?.checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  expect((await ended(await start(name))).outcome).toEqual({ is: 'done' });
  expect(runsAt(name)).toEqual([target]);
});

test('of a guest whose disk both hosts see nothing is copied: it is shut down here and started there', async () => {
  await open();
  const name = 'test-tokyo';
  const guest = await seen(first, name);
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check.stopped?.disks).toMatchObject([{ travels: 'shared' }]);
  const task = await ended(await start(name));
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  expect(runsAt(name)).toEqual([target]);
  expect(await desk.client.call('trash.list', { hostId: first })).toEqual([]);
  tidy();
});

test('a halted guest takes its disks with it and is not started there', async () => {
  const name = 'notes';
  source.group('vg0')?.create(name, 1024);
  source.active.add(`vg0/${name}`);
  const uuid = '00000000-0000-4000-8000-000000000777';
  const text = (more: string) =>
    `name = "${name}"\n${more}type = "pvh"\nmemory = 128\ndisk = [ "phy:/dev/vg0/${name},xvda,w" ]\nvif = []\n`;
  source.files.write(`/etc/xen/${name}.cfg`, text(''));
  await open();
  // both hosts would not know it again by its name alone
  const unnamed = await seen(first, name);
  const refused = await desk.client.call('migration.check', { hostId: first, guestId: unnamed.guestId, targetHostId: second });
  expect(refused.checks.flatMap((one) => (one.verdict === 'bad' ? [one.problem?.code] : []))).toEqual(['move.noUuid']);
  source.files.write(`/etc/xen/${name}.cfg`, text(`uuid = "${uuid}"\n`));
  await desk.until('its uuid', () => desk.guest(first, name)?.uuid === uuid);
  const guest = await seen(first, name);
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check).toMatchObject({ live: false, stopped: null });
  expect(check.checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  expect(check.disks).toMatchObject([{ travels: 'copied', how: 'still', sizeMiB: 1024 }]);
  const task = await ended(await start(name, {}));
  expect(task).toMatchObject({ kind: 'guest.moveStopped', outcome: { is: 'done' } });
  expect(runsAt(name)).toEqual([]);
  expect([source, target].map((host) => !!volumeAt(host, `vg0/${name}`))).toEqual([false, true]);
  expect([source, target].map((host) => host.files.lstat(`/etc/xen/${name}.cfg`) !== null)).toEqual([false, true]);
  tidy();
});

describe('it stays', () => {
  test('where it does not shut down: it runs on, and nothing else was done', async () => {
    const name = 'sim-ignores-shutdown';
    await open();
    [first, second] = [second, first];
    const domid = (await seen(first, name)).domid;
    const task = await ended(await start(name));
    expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.notShutDown', name, seconds: 300, effect: 'none' } });
    expect(desk.guest(first, name)?.domid).toBe(domid);
    expect(runsAt(name)).toEqual([target]);
    expect([...incomingOf(source).keys()]).toEqual([]);
  });

  test('cancelled while its disks go: it is started again, and nothing of it stays at the target', async () => {
    await open();
    const taskId = await start();
    await copying(taskId);
    expect(volumeAt(target)).toBeDefined();
    await desk.client.call('task.cancel', { taskId });
    expect((await ended(taskId)).outcome).toEqual({ is: 'cancelled' });
    expect(runsAt()).toEqual([source]);
    nothingAtTarget();
    allAtSource();
  });

  test('its config is edited meanwhile: the edit is kept, and it runs by it', async () => {
    await open();
    const taskId = await start();
    await copying(taskId);
    source.files.write(`/etc/xen/${moves}.cfg`, `${source.files.read(`/etc/xen/${moves}.cfg`)}# edited\n`);
    expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'config.changed' } });
    expect(source.files.read(`/etc/xen/${moves}.cfg`)).toContain('# edited');
    expect(runsAt()).toEqual([source]);
    nothingAtTarget();
    allAtSource();
  });

  test('the target loses power: it is started again here, and what was made there goes when that is back', async () => {
    await open();
    const taskId = await start();
    await copying(taskId);
    power(1, false);
    await expect.poll(() => runsAt(), { timeout: 20_000 }).toEqual([source]);
    power(1, true);
    await desk.until('the link again', () => desk.hosts.get(second)?.link.is === 'open', 30_000);
    expect((await ended(taskId)).outcome?.is).toBe('failed');
    allAtSource();
    await expect.poll(() => volumeAt(target), { timeout: 5_000 }).toBeUndefined();
    nothingAtTarget();
  });

  test('the source loses power: on its return it is there with all it had, and nothing lies at the target', async () => {
    await open();
    const taskId = await start();
    await copying(taskId);
    power(0, false);
    await desk.until('the loss', () => desk.hosts.get(first)?.link.is !== 'open', 20_000);
    power(0, true);
    expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.halted' } });
    expect(runsAt()).toEqual([]);
    nothingAtTarget();
    allAtSource();
  });
});

describe('past the decision', () => {
  test('what can not be started there comes back: it runs at the source again, and nothing of it is there', async () => {
    await open();
    const taskId = await start();
    await copying(taskId);
    const kernel = (await seen(first)).config?.shape?.kernel ?? '';
    target.files.remove(kernel);
    const task = await ended(taskId);
    expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.cameBack', name: moves, effect: 'partial' } });
    expect(JSON.stringify(task.outcome)).toContain(kernel);
    expect(runsAt()).toEqual([source]);
    nothingAtTarget();
    allAtSource();
  });

  test('the link goes in that moment: the desktop brings its config there, and it is at one end only', async () => {
    await open();
    const taskId = await start();
    await copying(taskId);
    for (;;) {
      const incoming = incomingOf(target).get(taskId);
      if (incoming && jobsOf(source).get(taskId)?.committed) {
        incoming.takesDisks = false;
        break;
      }
      await new Promise((next) => setImmediate(next));
    }
    const task = await ended(taskId);
    expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.notStarted', said: expect.stringContaining('link') } });
    expect(runsAt()).toEqual([]);
    gone();
    tidy();
    const there = await desk.until('it is seen there', () => desk.guest(second, moves));
    const again = await desk.client.call('guest.start', { hostId: second, guestId: there.guestId });
    expect((await ended(again.taskId)).outcome).toEqual({ is: 'done' });
  });
});

test('the desktop is gone in mid-copy: both hosts finish, and another start of it finds the task with its end', async () => {
  const own = world.makeWorld();
  await open(own);
  const taskId = await start();
  await copying(taskId);
  desk.close();
  await expect.poll(() => runsAt(), { timeout: 30_000 }).toEqual([target]);
  desk = await openDesk(own, world.limits);
  const isDone = () => desk.tasks.get(taskId)?.outcome?.is === 'done' && desk.tasks.get(taskId);
  const task = await desk.until('its end', isDone, 30_000);
  expect(task.kind).toBe('guest.moveStopped');
  expect(task.migration?.downtimeMs).toBeGreaterThan(1000);
  gone();
  tidy();
});
