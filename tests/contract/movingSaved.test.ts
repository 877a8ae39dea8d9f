import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SimDomain } from '../../electron/demo/model/domain.ts';
import { jobsOf } from '../../electron/demo/model/jobs.ts';
import { incomingOf } from '../../electron/demo/model/moves.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { Desk } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts } from './world.ts';

/** A guest moves saved and restored: it stands still, its memory goes with its disks, and it goes on where it ends up. */

/** A volume of 8 GiB and a file of 2 GiB, both only on the first host. */
const moves = 'wiki';
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
  ({ desk, first, second } = await deskWithHosts(world, world.makeWorld()));
});
afterEach(async () => {
  desk.close();
  await world.close();
});
const { ended, ...waits } = waiting(() => desk);
const seen = (hostId: string, name = moves) => waits.seen(hostId, name);
const start = async (name = moves): Promise<string> => {
  const guest = await seen(first, name);
  const how = { stop: true, save: true };
  return (await desk.client.call('migration.start', { hostId: first, guestId: guest.guestId, targetHostId: second, ...how })).taskId;
};
const copying = (taskId: string) => waits.copying(taskId, 300 * 1048576);
const domainsOf = (name = moves): [SimHost, SimDomain][] =>
  [source, target].flatMap((host) =>
    [...host.domains.values()].filter((one) => one.config.name === name && !one.dying).map((one): [SimHost, SimDomain] => [host, one]),
  );
/** The one domain that there is, which runs under its own name. */
const runsAt = (name = moves): { host: SimHost; domain: SimDomain } => {
  const [only, ...others] = domainsOf(name);
  if (!only || others.length > 0) throw new Error(`${name} has ${others.length + (only ? 1 : 0)} domains`);
  expect([only[1].name, only[1].runs]).toEqual([name, true]);
  return { host: only[0], domain: only[1] };
};
/** No rest of a move at either host, and no memory in a file. */
const tidy = (): void => {
  expect([...incomingOf(target).keys()]).toEqual([]);
  for (const host of [source, target]) expect(host.files.below('/var/lib/xenferry').filter((one) => one.endsWith('/memory'))).toEqual([]);
};
const goesOnHere = (was: SimDomain): void => {
  expect(runsAt()).toMatchObject({ host: source });
  expect(runsAt().domain).toBe(was);
  expect(target.files.lstat(`/etc/xen/${moves}.cfg`)).toBeNull();
  expect(target.files.lstat(file)).toBeNull();
  expect(source.files.lstat(`/etc/xen/auto/${moves}.cfg`)).not.toBeNull();
  tidy();
};
const power = (nth: 0 | 1, on: boolean) => world.demo.fault(world.hosts[nth].address, { is: 'power', on });

test('its memory goes with its disks, and it goes on there with what ran in it', async () => {
  const guest = await seen(first);
  const was = runsAt().domain;
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check.saved?.checks.filter((one) => one.verdict !== 'good')).toEqual([]);
  expect(check.saved?.disks.map((one) => one.travels === 'copied' && one.how)).toEqual(['still', 'still']);
  const phases: string[] = [];
  const stop = desk.client.feed('task.watch', {}, () => {
    const task = [...desk.tasks.values()].find((one) => one.kind === 'guest.moveStopped');
    if (task && phases.at(-1) !== task.phase) phases.push(task.phase);
  });
  const taskId = await start();
  const midway = await copying(taskId);
  expect(midway.progress?.total).toBe(10240 * 1048576 + guest.memoryMiB * 1048576);
  await desk.until('it is seen to stand still', () => desk.guest(first, moves)?.state === 'paused');
  expect(desk.guest(first, moves)?.doing).toMatchObject({ kind: 'guest.moveStopped' });
  const task = await ended(taskId);
  stop();
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  expect(phases.filter((one) => ['saving', 'shuttingDown', 'copyingDisk', 'starting'].includes(one))).toEqual([
    'saving',
    'copyingDisk',
    'starting',
  ]);
  expect(task.migration?.downtimeMs).toBeGreaterThan(1000);
  const { host, domain } = runsAt();
  expect(host).toBe(target);
  expect(domain.console).toBe(was.console);
  expect(domain.counters.cpuSeconds).toBeGreaterThanOrEqual(was.counters.cpuSeconds);
  tidy();
  const [entry] = await desk.client.call('trash.list', { hostId: first });
  expect(entry?.disks.map((one) => one.from)).toEqual(['/dev/vg0/wiki', file]);
});

test('a PV guest where Xen has no shadow paging keeps its memory this way', async () => {
  const name = 'fax-gateway';
  const guest = await seen(first, name);
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check.checks.flatMap((one) => one.problem?.code ?? [])).toEqual(['move.pvNoShadow']);
  expect(check.saved?.checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  const was = runsAt(name).domain;
  expect((await ended(await start(name))).outcome).toEqual({ is: 'done' });
  expect(runsAt(name).host).toBe(target);
  expect(runsAt(name).domain.console).toBe(was.console);
});

test('with a disk that both hosts see only its memory goes', async () => {
  const task = await ended(await start('test-tokyo'));
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  expect(runsAt('test-tokyo').host).toBe(target);
  tidy();
});

test('where its memory does not fit in a file, the sheet says so before anything is done', async () => {
  const { tree } = target.files.mountOf('/var/lib/xenferry');
  target.files.allot('/var/lib/fill', (tree.totalMiB - tree.usedMiB() - 200) * 1048576);
  const guest = await seen(first);
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check.saved?.checks.find((one) => one.what === 'space')).toMatchObject({ verdict: 'bad', problem: { code: 'move.saveRoom' } });
  expect((await ended(await start())).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.saveRoom', effect: 'none' } });
  expect(runsAt().host).toBe(source);
});

describe('it stays, and goes on where it stood', () => {
  test('cancelled while its disks go', async () => {
    const was = runsAt().domain;
    const taskId = await start();
    await copying(taskId);
    expect(was.runs).toBe(false);
    await desk.client.call('task.cancel', { taskId });
    expect((await ended(taskId)).outcome).toEqual({ is: 'cancelled' });
    goesOnHere(was);
  });

  test('the target loses power', async () => {
    const was = runsAt().domain;
    const taskId = await start();
    await copying(taskId);
    power(1, false);
    await expect.poll(() => was.runs, { timeout: 20_000 }).toBe(true);
    power(1, true);
    expect((await ended(taskId)).outcome?.is).toBe('failed');
    await expect.poll(() => [...incomingOf(target).keys()], { timeout: 20_000 }).toEqual([]);
    goesOnHere(was);
  });

  test('it can not be restored there', async () => {
    const was = runsAt().domain;
    const taskId = await start();
    await copying(taskId);
    const kernel = (await seen(first)).config?.shape?.kernel ?? '';
    target.files.remove(kernel);
    const task = await ended(taskId);
    expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.cameBack', name: moves } });
    goesOnHere(was);
  });

  test('the link goes in the moment of the decision, before the target heard of it', async () => {
    const was = runsAt().domain;
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
    expect(task.outcome).toMatchObject({ is: 'failed' });
    goesOnHere(was);
  });
});

describe('while the target restores it', () => {
  /** Its half there is being built, and the one here stands still, named away. */
  const restoring = async (taskId: string) => {
    await copying(taskId);
    await expect.poll(() => domainsOf().map(([host]) => host), { timeout: 20_000, interval: 1 }).toEqual([source, target]);
  };

  test('the links go: it goes on there, and the task is found again with its end', async () => {
    const was = runsAt().domain;
    const taskId = await start();
    await restoring(taskId);
    for (const one of world.hosts) world.demo.fault(one.address, { is: 'cutLink' });
    const task = await ended(taskId);
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    expect(runsAt().host).toBe(target);
    expect(runsAt().domain.console).toBe(was.console);
    tidy();
  });

  test('the target loses power: it belongs there, halted, as its disks may have changed under that memory', async () => {
    const taskId = await start();
    await restoring(taskId);
    power(1, false);
    await desk.until('the loss', () => desk.hosts.get(second)?.link.is !== 'open', 20_000);
    power(1, true);
    const task = await ended(taskId);
    expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.notStarted', effect: 'partial', name: moves } });
    expect(domainsOf()).toEqual([]);
    expect(target.files.lstat(file)).not.toBeNull();
    expect(source.files.lstat(`/etc/xen/${moves}.cfg`)).toBeNull();
    tidy();
    const there = await desk.until('it is seen there', () => desk.guest(second, moves));
    const again = await desk.client.call('guest.start', { hostId: second, guestId: there.guestId });
    expect((await ended(again.taskId)).outcome).toEqual({ is: 'done' });
  });
});

test('the source loses power: on its return it is there, halted, with all it had', async () => {
  const taskId = await start();
  await copying(taskId);
  power(0, false);
  await desk.until('the loss', () => desk.hosts.get(first)?.link.is !== 'open', 20_000);
  power(0, true);
  expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.halted' } });
  expect(domainsOf()).toEqual([]);
  expect(source.files.lstat(file)).not.toBeNull();
  tidy();
});
