import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Guest } from '../../electron/contract/guest.ts';
import { jobsOf } from '../../electron/demo/model/jobs.ts';
import { incomingOf } from '../../electron/demo/model/moves.ts';
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
const open = async (): Promise<void> => {
  ({ desk, first, second } = await deskWithHosts(world));
};
const seen = (hostId: string, name: string): Promise<Guest> => desk.until(`${name} there`, () => desk.guest(hostId, name));
const running = (hosts: SimHost[], name: string): number =>
  hosts.flatMap((host) => [...host.domains.values()]).filter((one) => one.config.name === name && one.runs).length;
const move = async (from: string, to: string, name: string): Promise<string> => {
  const guest = await seen(from, name);
  const { taskId } = await desk.client.call('migration.start', { hostId: from, guestId: guest.guestId, targetHostId: to });
  return taskId;
};
/** Nothing of ours lies around at either end. */
const tidy = (): void => {
  for (const host of [source, target]) {
    expect(host.files.stat('/root/.ssh/authorized_keys')?.text ?? '').not.toContain('xenferry');
    expect([...host.domains.values()].filter((one) => /--(incoming|migratedaway)$/.test(one.name))).toEqual([]);
    expect([...incomingOf(host).keys()]).toEqual([]);
  }
};

test('a running guest moves: once at the target, its config with it, its disk counter unbroken, its pings counted', async () => {
  await open();
  const { moves } = world.guests;
  const guest = await seen(first, moves);
  const counted = Number(source.files.stat(`/srv/xen/images/${moves}.img`)?.text ?? '0');
  const check = await desk.client.call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second });
  expect(check.live).toBe(true);
  expect(check.checks.filter((one) => one.verdict === 'bad')).toEqual([]);
  expect(check.reachAddress).toBe('10.20.0.12');
  const taskId = await move(first, second, moves);
  const phases = new Set<string>();
  const undo = desk.client.feed('task.watch', {}, (change) => {
    if (change.is === 'put' && change.item.id === taskId) phases.add(change.item.phase);
  });
  const task = await desk.ended(taskId);
  undo();
  expect(task.outcome).toEqual({ is: 'done' });
  expect([...phases]).toEqual(expect.arrayContaining(['copyingMemory']));
  expect(task.migration?.sentBytes).toBeGreaterThan(900 * 1048576);
  // the strip of replies stays with the record, for History
  const [record] = await desk.client.call('history.list', { limit: 1 });
  expect(record).toMatchObject({ id: taskId, pings: { from: task.migration?.pingFrom, longestGapMs: task.migration?.downtimeMs } });
  expect(record?.pings?.echoes.length).toBeGreaterThan(1);
  const moved = await desk.until('it runs at the target', () => {
    const now = desk.guest(second, moves);
    return now && ['running', 'blocked'].includes(now.state) && now.config && now;
  });
  expect(moved.guestId).toBe(guest.guestId);
  expect(running([source, target], moves)).toBe(1);
  expect(source.files.lstat(`/etc/xen/${moves}.cfg`)).toBeNull();
  expect(Number(target.files.stat(`/srv/xen/images/${moves}.img`)?.text ?? '0')).toBeGreaterThanOrEqual(counted);
  tidy();
});

test('and back, with its autostart link', async () => {
  await open();
  const { moves } = world.guests;
  const guest = await seen(second, moves);
  await desk.client.call('guest.setAutostart', { hostId: second, guestId: guest.guestId, autostart: true });
  const task = await desk.ended(await move(second, first, moves));
  expect(task.outcome).toEqual({ is: 'done' });
  expect(source.files.lstat(`/etc/xen/auto/${moves}.cfg`)?.target).toBe(`/etc/xen/${moves}.cfg`);
  expect(target.files.lstat(`/etc/xen/auto/${moves}.cfg`)).toBeNull();
});

test('cancelled while memory is copied, it goes on at the source as if nothing had been', async () => {
  await open();
  const { slow } = world.guests;
  const before = source.files.read(`/etc/xen/${slow}.cfg`);
  const other = await deskWithHosts(world);
  const there = await other.desk.until('it there', () => other.desk.guest(other.first, slow));
  const taskId = await move(first, second, slow);
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory' && desk.tasks.get(taskId)?.mayCancel.may);
  // what a move puts back, or takes along, is not changed under its hands
  const off = { hostId: other.first, guestId: there.guestId, autostart: false };
  expect((await problemOf(other.desk.client.call('guest.setAutostart', off))).code).toBe('guest.busy');
  other.desk.close();
  await desk.client.call('task.cancel', { taskId });
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'cancelled' });
  expect(running([source, target], slow)).toBe(1);
  expect(source.domain(slow)?.runs).toBe(true);
  expect(source.files.read(`/etc/xen/${slow}.cfg`)).toBe(before);
  expect(source.files.lstat(`/etc/xen/auto/${slow}.cfg`)).not.toBeNull();
  expect(target.files.lstat(`/etc/xen/${slow}.cfg`)).toBeNull();
  await desk
    .until('no leftover', () => [...target.domains.values()].every((one) => !one.name.includes('--incoming')), 5_000)
    .catch(() => {});
  tidy();
});

test('the link is lost in mid-move and comes back: the task shows what really happened', async () => {
  await open();
  const { slow } = world.guests;
  const taskId = await move(first, second, slow);
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
  world.demo.fault(world.hosts[0].address, { is: 'cutLink' });
  world.demo.fault(world.hosts[1].address, { is: 'cutLink' });
  const task = await desk.until('done', () => desk.tasks.get(taskId)?.outcome?.is === 'done' && desk.tasks.get(taskId), 30_000);
  expect(task.outcome).toEqual({ is: 'done' });
  expect(running([source, target], slow)).toBe(1);
  expect(target.domain(slow)?.runs).toBe(true);
  tidy();
});

/**
 * The desktop is gone in mid-move; another one, or the same started anew, reaches the target later than the source. `long`: weeks later, when
 * the guest has been shut down since, and its target has forgotten how it came.
 */
const foundLater = async (itsOwn: boolean, long = false): Promise<void> => {
  const own = world.makeWorld();
  ({ desk, first, second } = await deskWithHosts(world, own));
  const finder = itsOwn ? own : world.makeWorld();
  if (!itsOwn) (await deskWithHosts(world, finder)).desk.close();
  const { slow } = world.guests;
  const [from, to] = source.domain(slow)?.runs ? [first, second] : [second, first];
  const there = to === first ? 0 : 1;
  const taskId = await move(from, to, slow);
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
  desk.close();
  const ends = [source, target];
  if (long) {
    const here = ends[1 - there];
    const job = here && jobsOf(here).get(taskId);
    await expect.poll(() => job?.exit, { timeout: 30_000 }).toBe(0);
    if (job) job.touchedAt -= 31 * 24 * 3600 * 1000;
    incomingOf(ends[there] ?? source).clear();
    for (const domain of ends[there]?.domains.values() ?? []) if (domain.name === slow) ends[there]?.domains.delete(domain.domid);
  }
  // the source is reached first: which machine its target is, nobody has looked at yet
  const { dial } = finder;
  let letThrough = () => {};
  const mayReach = new Promise<void>((may) => {
    letThrough = may;
  });
  finder.dial = async (address, ...more) => {
    if (address === world.hosts[there].address) await mayReach;
    return dial(address, ...more);
  };
  desk = await openDesk(finder, world.limits);
  if (long) {
    const openHere = () => [...desk.hosts.values()].some((one) => one.address === world.hosts[1 - there]?.address && one.seenAt);
    await desk.until('its source', openHere, 30_000);
    letThrough();
    const task = await desk.until('its end', () => desk.tasks.get(taskId)?.outcome && desk.tasks.get(taskId), 30_000);
    expect(task).toMatchObject({ outcome: { is: 'done' }, foreign: true });
    await expect.poll(() => ends.map((host) => jobsOf(host).has(taskId))).toEqual([false, false]);
    return tidy();
  }
  // the move is over on the hosts, and its task is there; which host its target is, only its own desktop knows
  const isOver = () => ends[there]?.domain(slow)?.runs && ends[1 - there]?.domain(slow) === null && desk.tasks.get(taskId);
  const early = await desk.until('its move over, and found', isOver, 30_000);
  expect([early.targetHostId === null, early.outcome]).toEqual([!itsOwn, null]);
  letThrough();
  const task = await desk.until('done', () => desk.tasks.get(taskId)?.outcome?.is === 'done' && desk.tasks.get(taskId), 30_000);
  expect(desk.hosts.get(task.targetHostId ?? '')?.address).toBe(world.hosts[there].address);
  expect(task).toMatchObject({ guestName: slow, foreign: !itsOwn });
  expect(running(ends, slow)).toBe(1);
  tidy();
};

test('the desktop is gone in mid-move: another start of it finds the task and its end, and leaves nothing at a target that is reached later', () =>
  foundLater(true));

test('two desks see the same task, and the second one cannot start it again', async () => {
  await open();
  const { slow } = world.guests;
  // what earlier moves left in the hosts' job folders is told as it was, and disturbs nothing
  const other = await deskWithHosts(world);
  const before = await other.desk.until('earlier moves', () => {
    const there = [...other.desk.tasks.values()].filter((one) => one.guestName === world.guests.moves && one.outcome);
    return there.length >= 2 && there;
  });
  expect(before.map((one) => [one.foreign, one.outcome?.is])).toEqual([
    [true, 'done'],
    [true, 'done'],
  ]);
  const guest = await seen(first, slow);
  const fast = world.demo.office.linkBytesPerS;
  world.demo.office.linkBytesPerS = fast / 4; // long enough for two to look
  const taskId = await move(first, second, slow);
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
  await other.desk.until('the task there too', () => other.desk.tasks.get(taskId)?.foreign);
  const again = other.desk.client.call('migration.start', { hostId: other.first, guestId: guest.guestId, targetHostId: other.second });
  const refused = await again.then(
    async ({ taskId: theirs }) => {
      const { outcome } = await other.desk.ended(theirs);
      return outcome?.is === 'failed' ? outcome.problem.code : outcome?.is;
    },
    (thrown: unknown) => problemOf(Promise.reject(thrown)).then((why) => why.code),
  );
  expect(['guest.busy', 'guest.wrongState', 'name.taken', 'guest.leftover']).toContain(refused);
  world.demo.office.linkBytesPerS = fast;
  expect((await desk.ended(taskId)).outcome).toEqual({ is: 'done' });
  expect(running([source, target], slow)).toBe(1);
  other.desk.close();
});

test('so does somebody else’s, whose task it never was', () => foundLater(false));

test('and one of weeks ago is told as it ended before its host forgets it', () => foundLater(false, true));

test('the target dies in mid-move: the guest goes on at the source, with the reason', async () => {
  await open();
  const { moves } = world.guests;
  source.files.stat(`/etc/xen/${moves}.cfg`);
  const taskId = await move(first, second, moves);
  await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory');
  world.demo.fault(world.hosts[1].address, { is: 'power', on: false });
  const task = await desk.until('its end', () => desk.tasks.get(taskId)?.outcome && desk.tasks.get(taskId), 30_000);
  expect(task.outcome?.is).not.toBe('done');
  expect(source.domain(moves)?.runs).toBe(true);
  world.demo.fault(world.hosts[1].address, { is: 'power', on: true });
  await desk.until('the link again', () => desk.hosts.get(second)?.link.is === 'open', 30_000);
  expect(running([source, target], moves)).toBe(1);
  expect(source.files.lstat(`/etc/xen/${moves}.cfg`)).not.toBeNull();
});

test('what cannot move is refused beforehand, each with its reason', async () => {
  await open();
  const refused = async (name: string): Promise<string> => {
    const guest = await seen(first, name);
    const { checks } = await desk.client
      .call('migration.check', { hostId: first, guestId: guest.guestId, targetHostId: second })
      .catch((thrown: unknown) => problemOf(Promise.reject(thrown)).then((why) => ({ checks: [{ verdict: 'bad', problem: why }] })));
    return checks.flatMap((one) => (one.verdict === 'bad' && one.problem ? [one.problem.code] : [])).join();
  };
  expect(await refused('fax-gateway')).toContain('move.pvNoShadow');
  // a halted one takes disks with it that only its host has
  expect(await refused('old-intranet')).toBe('');
});
