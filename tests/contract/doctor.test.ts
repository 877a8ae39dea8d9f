import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DoctorReport, Finding, FindingKind } from '../../electron/contract/doctor.ts';
import type { Leaving } from '../../electron/demo/model/leftBehind.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { type Desk, problemOf } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts } from './world.ts';

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
  await desk.until('the guest', () => desk.guest(first, 'web')?.live && desk.guest(second, 'db')?.live);
});
afterEach(async () => {
  desk.close();
  await world.close();
});

const leave = (at: 0 | 1, what: Leaving, name = 'web') => world.demo.fault(world.hosts[at].address, { is: 'leave', what, name });
const look = (): Promise<DoctorReport> => desk.client.call('doctor.look', {});
const only = async (kind: FindingKind): Promise<Finding> => {
  const { findings } = await look();
  const [found] = findings.filter((one) => one.kind === kind);
  if (!found) throw new Error(`no ${kind}: ${findings.map((one) => one.kind).join()}`);
  return found;
};
const mend = async (found: Finding, typedName = '') => {
  const { taskId } = await desk.client.call('doctor.mend', { findingId: found.id, version: found.version, typedName });
  const task = await desk.ended(taskId);
  expect([task.kind, task.outcome]).toEqual(['doctor.mend', { is: 'done' }]);
  expect((await look()).findings.map((one) => one.id)).not.toContain(found.id);
};
const named = (host: SimHost, name: string) => [...host.domains.values()].filter((one) => one.name === name);

test('where nothing is wrong nothing is found, and it says who was asked', async () => {
  const report = await look();
  expect(report).toMatchObject({ findings: [], byItself: false, notAsked: [] });
  expect([...report.asked].sort()).toEqual([first, second].sort());
});

test('a half that came, its source alive: the living one is named, the half is ended, the guest is not touched', async () => {
  leave(1, 'incoming');
  const found = await only('incoming');
  expect(found).toMatchObject({
    hostId: second,
    alive: { hostId: first, name: 'web' },
    action: { is: 'end', how: 'incoming' },
    typed: false,
  });
  expect(found.because.map((one) => (one.is === 'copy' ? `${one.as} ${one.copy.hostId === first ? 'first' : 'second'}` : one.is))).toEqual([
    'runs first',
    'neverStarted second',
    'noMover',
  ]);
  await mend(found);
  expect([named(target, 'web--incoming').length, named(source, 'web').length]).toEqual([0, 1]);
  expect(named(source, 'web')[0]?.runs).toBe(true);
});

test('what was given away, the guest running at the target: the source’s rest is ended, and its config follows it', async () => {
  leave(1, 'copy');
  leave(0, 'migratedaway');
  await desk.until('the half', () => [...desk.guests.values()].some((one) => one.leftover === 'migratedaway'));
  const found = await only('migratedAway');
  expect(found).toMatchObject({ hostId: first, alive: { hostId: second, name: 'web' }, action: { is: 'end', how: 'migratedaway' } });
  await mend(found);
  expect([named(source, 'web--migratedaway').length, named(target, 'web')[0]?.runs]).toEqual([0, true]);
  // and its config is still where it came from, with its autostart, as xl migrate leaves it
  const left = await only('configElsewhere');
  expect(left).toMatchObject({
    hostId: first,
    weight: 'danger',
    alive: { hostId: second },
    action: { is: 'carryConfig', toHostId: second },
  });
  await mend(left);
  expect(source.files.list('/etc/xen/auto')).not.toContain('web.cfg');
  const there = await desk.until('its config', () => desk.guest(second, 'web')?.config && desk.guest(second, 'web'));
  expect(there.config?.autostart).toBe(true);
});

test('given away, and a host that can’t be asked: nothing may be done, and it says whom it would need', async () => {
  leave(0, 'migratedaway');
  world.demo.fault(world.hosts[1].address, { is: 'power', on: false });
  await desk.until('the loss', () => desk.hosts.get(second)?.link.is !== 'open', 20_000);
  const report = await look();
  expect(report.notAsked.map((one) => one.hostId)).toEqual([second]);
  const found = report.findings.find((one) => one.kind === 'migratedAway');
  expect(found).toMatchObject({ alive: null, action: null, none: { is: 'notAsked', hostIds: [second] } });
  expect((await problemOf(desk.client.call('doctor.mend', { findingId: found?.id ?? '', version: found?.version ?? '' }))).code).toBe(
    'doctor.stale',
  );
  expect(named(source, 'web--migratedaway')).toHaveLength(1);
});

test('given away and nowhere else: ended only with its name typed, and then it can be started', async () => {
  leave(0, 'migratedaway');
  const found = await only('migratedAway');
  expect(found).toMatchObject({ alive: null, typed: true, action: { is: 'end' } });
  const call = { findingId: found.id, version: found.version };
  expect((await problemOf(desk.client.call('doctor.mend', { ...call, typedName: 'wbe' }))).code).toBe('guest.nameMismatch');
  await mend(found, 'web');
  const guest = await desk.until('halted', () => desk.guest(first, 'web')?.state === 'halted' && desk.guest(first, 'web'));
  const start = await desk.client.call('guest.start', { hostId: first, guestId: guest.guestId });
  expect((await desk.ended(start.taskId)).outcome).toEqual({ is: 'done' });
});

test('a guest that runs on both is touched nowhere', async () => {
  leave(1, 'copy');
  expect(await only('twice')).toMatchObject({ weight: 'danger', action: null, none: { is: 'bothAlive' } });
});

test('a stale line goes, every other one stays', async () => {
  source.files.write('/root/.ssh/authorized_keys', 'ssh-ed25519 AAAA me\n', 0o600);
  leave(0, 'keyLine');
  const found = await only('keyLine');
  expect(found).toMatchObject({ hostId: first, action: { is: 'unlock' } });
  await mend(found);
  expect(source.files.read('/root/.ssh/authorized_keys')).toBe('ssh-ed25519 AAAA me\n');
});

test('half-copied disks and parts go to the trash, from where they can come back', async () => {
  leave(1, 'halfDisk');
  leave(1, 'part');
  const staged = await only('staged');
  expect(staged).toMatchObject({ hostId: second, things: ['/var/lib/xen/images/web-xvda.img'], alive: { hostId: first } });
  await mend(staged);
  await mend(await only('halfDisks'));
  expect(target.files.list('/var/lib/xen/images')).toEqual(['.xenferry-trash']);
  const trash = await desk.client.call('trash.list', { hostId: second });
  expect(trash.flatMap((one) => one.disks.map((disk) => disk.from)).sort()).toEqual([
    expect.stringContaining('.xenferry-left'),
    '/var/lib/xen/images/web-xvda.img',
  ]);
  expect(trash.every((one) => one.movedTo === null)).toBe(true);
});

test('config on both sides: the copy where it does not run goes to the trash, with its autostart', async () => {
  leave(1, 'config');
  const found = await only('configCopy');
  expect(found).toMatchObject({ hostId: second, weight: 'danger', alive: { hostId: first }, action: { is: 'trashConfig' } });
  target.files.write('/etc/xen/web.cfg', `${target.files.read('/etc/xen/web.cfg')}# edited\n`);
  const stale = desk.client.call('doctor.mend', { findingId: found.id, version: found.version });
  expect((await problemOf(stale)).code).toBe('doctor.stale');
  await mend(await only('configCopy'));
  expect([target.files.lstat('/etc/xen/web.cfg'), target.files.lstat('/etc/xen/auto/web.cfg')]).toEqual([null, null]);
  expect(source.files.lstat('/etc/xen/web.cfg')).not.toBeNull();
});

test('a guest on neither side comes back from the job’s folder', async () => {
  leave(0, 'configAside', 'old-intranet');
  await desk.until('it is gone', () => desk.guest(first, 'old-intranet') === null, 20_000);
  const found = await only('nowhere');
  expect(found).toMatchObject({ hostId: first, guest: { name: 'old-intranet' }, weight: 'danger', action: { is: 'putBack' } });
  await mend(found);
  await desk.until('it is back', () => desk.guest(first, 'old-intranet')?.state === 'halted');
});

test('an old disk that stayed under its name is set aside, to what its guest left', async () => {
  leave(1, 'oldDisk');
  const found = await only('oldDisk');
  const path = '/var/lib/xen/images/web-old.img';
  expect(found).toMatchObject({ hostId: second, guest: { name: 'web' }, alive: { hostId: first }, weight: 'attention', things: [path] });
  const entry = async () => (await desk.client.call('trash.list', { hostId: second })).find((one) => one.name === 'web');
  expect((await entry())?.disks).toEqual([]);
  await mend(found);
  expect([target.files.stat(path), (await entry())?.disks]).toMatchObject([null, [{ from: path, vdev: 'xvda', sizeMiB: 1024 }]]);
});

test('it looks by itself when a link comes back, and does nothing', async () => {
  const reports: (DoctorReport | null)[] = [];
  const undo = desk.client.feed('doctor.watch', {}, (report) => void reports.push(report));
  leave(1, 'incoming');
  world.demo.fault(world.hosts[1].address, { is: 'cutLink' });
  const until = Date.now() + 25_000;
  while (!reports.some((one) => one?.byItself && one.findings.length > 0)) {
    if (Date.now() > until) throw new Error(`not by itself: ${JSON.stringify(reports)}`);
    await new Promise((next) => setTimeout(next, 100));
  }
  undo();
  expect(named(target, 'web--incoming')).toHaveLength(1);
  expect([...desk.tasks.values()].filter((one) => one.kind === 'doctor.mend')).toEqual([]);
}, 40_000);

/** The quarter of a minute it leaves to what settles by itself is not waited for here; a command may take a little longer than that. */
async function soon(): Promise<void> {
  desk.close();
  const own = world.makeWorld();
  const { after } = own.clock;
  own.clock = { ...own.clock, after: (ms, then) => after(ms === 15_000 ? 300 : ms, then) };
  const limits = { ...world.limits, commandMs: 16_000 };
  ({ desk, first, second } = await deskWithHosts({ ...world, limits }, own));
}

test('it looks by itself when a move could not set an old disk aside, which goes once nothing uses it', async () => {
  await soon();
  const name = 'wiki'; // with disks of its own
  const guest = await desk.until('the guest', () => desk.guest(first, name));
  const { taskId } = await desk.client.call('migration.start', { hostId: first, guestId: guest.guestId, targetHostId: second });
  const wait = waiting(() => desk);
  await wait.copying(taskId, 1);
  const used = source.domain(name)?.config.disks.find((one) => one.target.startsWith('/var/'));
  const user = source.domain('web');
  if (!used || !user) throw new Error('no disk to use');
  user.config.disks.push(used);
  const ended = await wait.ended(taskId);
  expect([ended.outcome, ended.log.at(-1)]).toEqual([{ is: 'done' }, `disks kept failed inuse\t${used.target}`]);
  const found: Finding[] = [];
  const undo = desk.client.feed('doctor.watch', {}, (report) => void found.push(...(report?.byItself ? report.findings : [])));
  await expect
    .poll(() => found.map((one) => [one.kind, one.hostId, one.things]), { timeout: 10_000 })
    .toEqual([['oldDisk', first, [used.target]]]);
  undo();
  const ask = { findingId: found[0]?.id ?? '', version: found[0]?.version ?? '', typedName: '' };
  const refused = await desk.ended((await desk.client.call('doctor.mend', ask)).taskId);
  expect(refused.outcome).toMatchObject({ is: 'failed', problem: { code: 'doctor.refused', why: 'inuse', effect: 'none' } });
  user.config.disks.pop();
  await mend(await only('oldDisk'));
  expect(source.files.stat(used.target)).toBeNull();
}, 90_000);

test('it looks by itself when a move failed while all links stayed, once, and does nothing', async () => {
  await soon();
  const byItself: DoctorReport[] = [];
  const undo = desk.client.feed('doctor.watch', {}, (report) => void (report?.byItself && byItself.push(report)));
  await expect.poll(() => byItself.at(-1)?.asked.length, { timeout: 20_000 }).toBe(2);
  const before = byItself.length;
  const since = () => [...desk.hosts.values()].map((one) => (one.link.is === 'open' ? one.link.since : one.link.is));
  const links = since();

  const name = 'sim-migration-fails';
  const [from, to] = source.domain(name) ? [first, second] : [second, first];
  const guest = await desk.until('the guest', () => desk.guest(from, name));
  leave(1, 'incoming');
  const { taskId } = await desk.client.call('migration.start', { hostId: from, guestId: guest.guestId, targetHostId: to });
  expect((await desk.ended(taskId)).outcome?.is).toBe('failed');
  await expect.poll(() => byItself.length, { timeout: 10_000 }).toBe(before + 1);
  expect(byItself.at(-1)?.findings.map((one) => [one.kind, one.hostId])).toEqual([['incoming', second]]);
  await new Promise((next) => setTimeout(next, 1500));
  undo();
  expect([byItself.length, since()]).toEqual([before + 1, links]);
  expect(named(target, 'web--incoming')).toHaveLength(1);
  expect([...desk.tasks.values()].filter((one) => one.kind === 'doctor.mend')).toEqual([]);
}, 60_000);
