import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Guest } from '../../electron/contract/guest.ts';
import type { Task } from '../../electron/contract/task.ts';
import type { Transport } from '../../electron/contract/transport.ts';
import { jobsOf } from '../../electron/demo/model/jobs.ts';
import { incomingOf } from '../../electron/demo/model/moves.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { Desk } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts } from './world.ts';

/** Hosts that can't reach each other: the desktop carries what goes between them, and nothing is left when it is cut off. */

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
let source: SimHost;
let target: SimHost;
beforeEach(async () => {
  world = await simulatedWorld();
  ({ source, target } = endsOf(world));
  world.demo.fault(world.hosts[1].address, { is: 'apart', on: true });
  ({ desk, first, second } = await deskWithHosts(world));
});
afterEach(async () => {
  desk.close();
  await world.close();
});

const seen = (name: string): Promise<Guest> => desk.until(`${name} there`, () => desk.guest(first, name));
const on = async (name: string, transport: Transport | null = null) => ({
  hostId: first,
  guestId: (await seen(name)).guestId,
  targetHostId: second,
  transport,
});
const start = async (name: string, transport: Transport | null = null): Promise<string> =>
  (await desk.client.call('migration.start', await on(name, transport))).taskId;
const { ended } = waiting(() => desk);
const phase = (taskId: string, wanted: Task['phase']) => desk.until(wanted, () => desk.tasks.get(taskId)?.phase === wanted, 20_000);
/** Where it runs. */
const runsAt = (name: string): SimHost[] =>
  [source, target].filter((host) => [...host.domains.values()].some((one) => one.config.name === name && one.runs));
const linked = () => desk.until('both links', () => [first, second].every((id) => desk.hosts.get(id)?.link.is === 'open'), 20_000);
/** Nothing of a move is left on either host, and nobody can come in by it. */
const tidy = async (): Promise<void> => {
  await linked();
  await desk.until(
    'no half of it',
    () => ![source, target].some((host) => [...host.domains.values()].some((one) => /--(incoming|migratedaway)$/.test(one.name))),
  );
  await expect.poll(() => [...incomingOf(target).keys()], { timeout: 20_000 }).toEqual([]);
  for (const host of [source, target]) {
    expect(host.files.stat('/root/.ssh/authorized_keys')?.text ?? '').not.toContain('xenferry');
    expect([...host.doors.keys()]).toEqual([]);
  }
};
const configAt = (host: SimHost, name: string) => host.files.lstat(`/etc/xen/${name}.cfg`) !== null;

test('straight is not possible, and it is said that this computer carries it, how fast, and for how long', async () => {
  const { moves } = world.guests;
  const check = await desk.client.call('migration.check', await on(moves));
  expect(check.transport).toBe('relay');
  expect(check.reachAddress).toBeNull();
  expect(check.checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  expect(check.checks.find((one) => one.what === 'reach')).toMatchObject({
    verdict: 'warning',
    problem: { code: 'move.relayed', from: world.hosts[0].label, to: world.hosts[1].label },
  });
  const [key, relay] = check.transports;
  expect(key).toMatchObject({ is: 'key', problem: { code: 'move.unreachable' } });
  expect(relay).toMatchObject({ is: 'relay', problem: null });
  expect(relay?.bytesPerS).toBeGreaterThan(100_000);
  expect(relay?.seconds).toBeGreaterThan(0);
  await tidy(); // the look leaves no door open
});

test('it moves through the desktop, running; the key’s line let in only what comes from the target itself', async () => {
  const { slow: moves } = world.guests;
  const taskId = await start(moves);
  const lines: string[] = [];
  const look = setInterval(() => lines.push(target.files.stat('/root/.ssh/authorized_keys')?.text ?? ''), 5);
  await phase(taskId, 'copyingMemory');
  clearInterval(look);
  expect(source.doors.size).toBe(1);
  const task = await ended(taskId);
  expect(task.outcome).toEqual({ is: 'done' });
  expect(task.migration?.transport).toBe('relay');
  expect(runsAt(moves)).toEqual([target]);
  expect(configAt(target, moves)).toBe(true);
  expect(configAt(source, moves)).toBe(false);
  const line = lines.find((text) => text.includes('xenferry-'));
  if (line) expect(line).toContain('from="127.0.0.1",');
  await tidy();
});

test('a guest with disks of its own goes by two connections, both through the desktop', async () => {
  const task = await ended(await start('wiki'));
  expect(task.outcome).toEqual({ is: 'done' });
  expect(task.migration).toMatchObject({ transport: 'relay', disks: { same: true } });
  expect(runsAt('wiki')).toEqual([target]);
  await tidy();
});

test.each([
  { cut: 'source', at: 0 },
  { cut: 'target', at: 1 },
] as const)('the link to the $cut breaks while its memory goes over: it goes on at the source', async ({ at }) => {
  const { slow: moves } = world.guests;
  const taskId = await start(moves);
  await phase(taskId, 'copyingMemory');
  world.demo.fault(world.hosts[at].address, { is: 'cutLink' });
  const task = await ended(taskId);
  expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.relayCut', name: moves } });
  expect(runsAt(moves)).toEqual([source]);
  expect(configAt(source, moves)).toBe(true);
  expect(configAt(target, moves)).toBe(false);
  await tidy();
});

test('both links break while its disks go over: it goes on at the source, and nothing of them stays at the target', async () => {
  const taskId = await start('wiki');
  await desk.until('disks are copied', () => (desk.tasks.get(taskId)?.migration?.disks?.copiedBytes ?? 0) > 0, 20_000);
  for (const { address } of world.hosts) world.demo.fault(address, { is: 'cutLink' });
  expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.relayCut' } });
  expect(runsAt('wiki')).toEqual([source]);
  expect(target.group('vg0')?.volumes.has('wiki')).toBe(false);
  expect(source.group('vg0')?.volumes.has('wiki')).toBe(true);
  await tidy();
});

test('the program ends while it carries: another one finds the guest at the source, and takes away what was left', async () => {
  const { slow: moves } = world.guests;
  const taskId = await start(moves);
  await phase(taskId, 'copyingMemory');
  desk.close();
  await expect.poll(() => jobsOf(source).get(taskId)?.exit, { timeout: 20_000 }).not.toBeNull();
  expect(runsAt(moves)).toEqual([source]);
  const other = await deskWithHosts(world);
  ({ desk, first, second } = other);
  const task = await ended(taskId);
  expect(task).toMatchObject({ foreign: true, outcome: { is: 'failed', problem: { code: 'move.relayCut' } } });
  expect(task.migration?.transport).toBe('relay');
  await tidy();
});

test('the program ends before anything has gone over: the key’s line that nobody used goes on the next connection', async () => {
  const { slow: moves } = world.guests;
  const taskId = await start(moves);
  await expect.poll(() => jobsOf(source).get(taskId)?.started, { timeout: 20_000, interval: 1 }).toBe(true);
  desk.close();
  await expect.poll(() => jobsOf(source).get(taskId)?.exit, { timeout: 20_000 }).toBe(1);
  expect(target.files.read('/root/.ssh/authorized_keys')).toContain('xenferry-');
  ({ desk, first, second } = await deskWithHosts(world));
  expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.relayCut' } });
  expect(runsAt(moves)).toEqual([source]);
  await tidy();
});

/** Calls at the moment the source may not turn back any more. */
async function atCommit(taskId: string, then: () => void): Promise<void> {
  await expect.poll(() => jobsOf(source).get(taskId)?.committed, { timeout: 30_000, interval: 1 }).toBe(true);
  then();
}

test.each([
  ['', false],
  [', though the source’s goes again while it is brought to rest', true],
])('both links break after the point of no return: when they are back the guest runs once, wherever that is%s', async (_more, again) => {
  const { moves } = world.guests;
  const taskId = await start(moves);
  await atCommit(taskId, () => {
    for (const { address } of world.hosts) world.demo.fault(address, { is: 'cutLink' });
  });
  if (again) {
    await phase(taskId, 'tidying');
    world.demo.fault(world.hosts[0].address, { is: 'cutLink' });
  }
  const task = await ended(taskId);
  const [at, ...more] = runsAt(moves);
  expect(more).toEqual([]);
  if (at === target) expect(task.outcome).toEqual({ is: 'done' });
  else expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.restarted' } });
  expect(configAt(at ?? source, moves)).toBe(true);
  await tidy();
});

test('what the operator chose is what is done: not straight where that was wanted and does not go; through here where both go', async () => {
  const { moves } = world.guests;
  const straight = await desk.client.call('migration.check', await on(moves, 'key'));
  expect(straight).toMatchObject({ transport: null });
  expect(straight.checks.find((one) => one.verdict === 'bad')).toMatchObject({ problem: { code: 'move.unreachable' } });
  expect((await ended(await start(moves, 'key'))).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.unreachable' } });
  world.demo.fault(world.hosts[1].address, { is: 'apart', on: false });
  expect(await desk.client.call('migration.check', await on(moves))).toMatchObject({ transport: 'key' });
  const task = await ended(await start(moves, 'relay'));
  expect(task).toMatchObject({ outcome: { is: 'done' }, migration: { transport: 'relay' } });
  await tidy();
});

test.each([
  { name: 'source', at: 0 },
  { name: 'target', at: 1 },
] as const)('the sshd of the $name forwards nothing: that is said, beside why it does not go straight', async ({ at }) => {
  world.demo.fault(world.hosts[at].address, { is: 'noForwarding' });
  const { moves } = world.guests;
  const check = await desk.client.call('migration.check', await on(moves));
  expect(check.transport).toBeNull();
  expect(check.checks.flatMap((one) => (one.verdict === 'bad' ? one.problem : []))).toMatchObject([
    { code: 'move.unreachable' },
    { code: 'move.relayRefused', host: world.hosts[at].label },
  ]);
  const refused = await desk.client.call('migration.check', await on(moves, 'relay'));
  expect(refused.transports.map((one) => one.problem?.code ?? null)).toEqual([null, 'move.relayRefused', 'auth.agentMissing']);
});

describe('with a stop', () => {
  const stop = async (): Promise<string> => (await desk.client.call('migration.start', { ...(await on('wiki')), stop: true })).taskId;
  const committed = async (taskId: string): Promise<void> => {
    while (!jobsOf(source).get(taskId)?.committed) await new Promise((next) => setImmediate(next));
  };
  const here = (host: SimHost) => [configAt(host, 'wiki'), host.group('vg0')?.volumes.has('wiki')];

  test('both ways are told, each with what it would carry; its disks go through the desktop', async () => {
    const check = await desk.client.call('migration.check', await on('wiki'));
    const { stopped } = check;
    expect(stopped).toMatchObject({
      transport: 'relay',
      reachAddress: null,
      transports: [{ is: 'key' }, { is: 'relay', problem: null }, { is: 'agent' }],
    });
    expect(stopped?.transports[1]?.bytesPerS).toBe(check.transports[1]?.bytesPerS);
    const task = await ended(await stop());
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    expect(task).toMatchObject({ kind: 'guest.moveStopped', migration: { transport: 'relay', disks: { same: true } } });
    expect(runsAt('wiki')).toEqual([target]);
    expect([here(source), here(target)]).toEqual([
      [false, false],
      [true, true],
    ]);
    await tidy();
  });

  test('cut off while its disks go: it is started again at the source, and nothing of it stays at the target', async () => {
    const taskId = await stop();
    await desk.until('disks are copied', () => (desk.tasks.get(taskId)?.migration?.disks?.copiedBytes ?? 0) > 0, 20_000);
    for (const { address } of world.hosts) world.demo.fault(address, { is: 'cutLink' });
    expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.relayCut', name: 'wiki' } });
    expect(runsAt('wiki')).toEqual([source]);
    await tidy();
    expect([here(source), here(target)]).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  test.each([
    { cut: 'source', at: 0 },
    { cut: 'target', at: 1 },
  ] as const)(
    'the link to the $cut breaks between the decision and the target’s hearing of it: its config is brought there',
    async ({ at }) => {
      const taskId = await stop();
      await committed(taskId);
      world.demo.fault(world.hosts[at].address, { is: 'cutLink' });
      expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.notStarted', name: 'wiki' } });
      expect(runsAt('wiki')).toEqual([]);
      await tidy();
      expect([here(source), here(target)]).toEqual([
        [false, false],
        [true, true],
      ]);
    },
  );

  test('it breaks while the target starts it: it runs there, and so it is told', async () => {
    const taskId = await stop();
    await phase(taskId, 'starting');
    world.demo.fault(world.hosts[1].address, { is: 'cutLink' });
    const task = await ended(taskId);
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    expect(task.log).toContain('xenferry: not started there');
    expect(runsAt('wiki')).toEqual([target]);
    await tidy();
  });
});

test('a halted guest’s own disks go through the desktop; it is not started there', async () => {
  const { guestId } = await seen('wiki');
  await ended((await desk.client.call('guest.forceOff', { hostId: first, guestId, typedName: 'wiki' })).taskId);
  await desk.until('halted', () => desk.guest(first, 'wiki')?.state === 'halted');
  const check = await desk.client.call('migration.check', await on('wiki'));
  expect(check).toMatchObject({ live: false, transport: 'relay', stopped: null });
  const task = await ended(await start('wiki'));
  expect(task).toMatchObject({ kind: 'guest.moveStopped', outcome: { is: 'done' }, migration: { transport: 'relay' } });
  expect([runsAt('wiki'), configAt(source, 'wiki'), configAt(target, 'wiki')]).toEqual([[], false, true]);
  await tidy();
});

test('the config of a halted guest needs none of this', async () => {
  const { moves } = world.guests;
  const { guestId } = await seen(moves);
  await ended((await desk.client.call('guest.forceOff', { hostId: first, guestId, typedName: moves })).taskId);
  await desk.until('halted', () => desk.guest(first, moves)?.state === 'halted');
  for (const { address } of world.hosts) world.demo.fault(address, { is: 'noForwarding' });
  const check = await desk.client.call('migration.check', await on(moves));
  expect(check).toMatchObject({ transport: null, transports: [] });
  expect((await ended(await start(moves))).outcome).toEqual({ is: 'done' });
});
