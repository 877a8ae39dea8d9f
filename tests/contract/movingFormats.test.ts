import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FileFormat } from '../../electron/contract/diskTravel.ts';
import type { Task } from '../../electron/contract/task.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import type { Desk } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts } from './world.ts';

/** Disks that are copied become what the operator wants: a raw file, a qcow2 file, a volume; each to each. */

/** A volume of 8 GiB and a raw file of 2 GiB, both only on the first host. */
const moves = 'wiki';
const folder = '/var/lib/xen/images';
const MiB = 1048576;

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

interface Wishes {
  places?: Record<string, string>;
  formats?: Record<string, FileFormat>;
}
const seen = (hostId: string) => desk.until(`${moves} there`, () => desk.guest(hostId, moves)?.live && desk.guest(hostId, moves));
const check = async (from: string, to: string, wishes: Wishes = {}) =>
  desk.client.call('migration.check', { hostId: from, guestId: (await seen(from)).guestId, targetHostId: to, ...wishes });
const start = async (from: string, to: string, more: Wishes & { stop?: boolean; at?: number } = {}): Promise<string> =>
  (await desk.client.call('migration.start', { hostId: from, guestId: (await seen(from)).guestId, targetHostId: to, ...more })).taskId;
const { ended } = waiting(() => desk);
const go = async (from: string, to: string, more: Wishes & { stop?: boolean } = {}): Promise<Task> => {
  const task = await ended(await start(from, to, more));
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  return task;
};
const bad = async (from: string, to: string, wishes: Wishes) =>
  (await check(from, to, wishes)).checks.flatMap((one) => (one.verdict === 'bad' && one.problem ? [one.problem] : []));
const disksAt = async (hostId: string) => {
  const guest = await desk.until('its config there', () => {
    const found = desk.guest(hostId, moves);
    return found?.live && found.config?.shape && found;
  });
  expect(guest.needsRestart).toEqual([]);
  const shapes = [guest.live?.disks, guest.config?.shape?.disks].map((disks) => disks?.map((one) => [one.format, one.target]));
  expect(shapes[0]).toEqual(shapes[1]);
  return shapes[0];
};

test('a volume and a raw file become qcow2 files; they go on to a raw file and a volume, and nothing is lost on the way', async () => {
  const volume = source.group('vg0')?.volumes.get('wiki');
  if (volume) volume.ticks = 4711;
  const qcow2 = { formats: { xvda: 'qcow2', xvdb: 'qcow2' } } as const;
  const { disks } = await check(first, second, qcow2);
  expect(disks).toMatchObject([
    { to: expect.stringMatching(/\/wiki-xvda\.qcow2$/), as: 'qcow2', how: 'traced', sizeMiB: 8192 },
    { to: `${folder}/wiki-2.qcow2`, as: 'qcow2', how: 'traced', sizeMiB: 2048 },
  ]);
  const [there = ''] = disks.map((one) => (one.travels === 'copied' ? one.to : ''));
  const task = await go(first, second, qcow2);
  expect(task.migration?.disks).toMatchObject({ totalBytes: 10240 * MiB, same: true });
  expect(await disksAt(second)).toEqual([
    ['qcow2', there],
    ['qcow2', `${folder}/wiki-2.qcow2`],
  ]);
  expect(target.files.stat(there)).toMatchObject({ virtualBytes: 8192 * MiB, text: '4711' });
  expect(target.group('vg0')?.volumes.has('wiki')).toBe(false);
  // on: what is in them is compared now, as QEMU alone writes to them
  const wishes: Wishes = { places: { xvdb: 'vg:vg0' }, formats: { xvda: 'raw' } };
  expect((await check(second, first, wishes)).disks).toMatchObject([
    { to: expect.stringMatching(/\.img$/), as: 'raw', how: 'compared', sizeMiB: 8192, old: false },
    { to: '/dev/vg0/wiki-xvdb', as: 'volume', how: 'compared', sizeMiB: 2048, old: false },
  ]);
  expect((await go(second, first, wishes)).migration?.disks).toMatchObject({ totalBytes: 10240 * MiB, same: true });
  const [raw] = (await disksAt(first)) ?? [];
  expect(raw?.[0]).toBe('raw');
  expect(source.files.stat(raw?.[1] ?? '')).toMatchObject({
    sizeBytes: 8192 * MiB,
    virtualBytes: 0,
    text: '4711',
  });
  expect(source.group('vg0')?.volumes.get('wiki-xvdb')?.sizeMiB).toBe(2048);
  // what it left there lies in the trash as what it was
  const left = (await desk.client.call('trash.list', { hostId: second })).find((one) => one.name === moves);
  expect(left?.disks.map((one) => one.from)).toEqual([there, `${folder}/wiki-2.qcow2`]);
});

test('back from qcow2 without a wish it gets the disks it left, and only what changed goes; with one, another beginning', async () => {
  await go(first, second, { formats: { xvdb: 'qcow2' } });
  const old = [
    { as: 'volume', old: true },
    { to: `${folder}/wiki-2.img`, as: 'raw', old: true, how: 'compared' },
  ];
  expect((await check(second, first)).disks).toMatchObject(old);
  expect((await check(second, first, { formats: { xvdb: 'raw' } })).disks).toMatchObject(old);
  expect((await check(second, first, { formats: { xvdb: 'qcow2' } })).disks).toMatchObject([
    { old: true },
    { to: `${folder}/wiki-2.qcow2`, as: 'qcow2', old: false },
  ]);
  const task = await go(second, first);
  expect(task.migration?.disks?.rounds[0]).toBeLessThan(1024 * MiB);
  expect(await disksAt(first)).toEqual([
    ['raw', '/dev/vg0/wiki'],
    ['raw', `${folder}/wiki-2.img`],
  ]);
  expect(source.files.stat(`${folder}/wiki-2.img`)?.virtualBytes).toBe(0);
});

test('with a stop, and when its time comes, it becomes the same', async () => {
  const wishes: Wishes = { places: { xvda: `dir:${folder}` }, formats: { xvda: 'qcow2', xvdb: 'qcow2' } };
  await go(first, second, { ...wishes, stop: true });
  const made = [
    ['qcow2', `${folder}/wiki-xvda.qcow2`],
    ['qcow2', `${folder}/wiki-2.qcow2`],
  ];
  expect(await disksAt(second)).toEqual(made);
  const taskId = await start(second, first, { formats: { xvda: 'raw', xvdb: 'qcow2' }, at: Date.now() + 1_500 });
  await desk.until('it waits', () => desk.tasks.get(taskId)?.phase === 'scheduled');
  expect((await ended(taskId)).outcome).toEqual({ is: 'done' });
  expect(await disksAt(first)).toEqual([['raw', `${folder}/wiki-xvda.img`], made[1]]);
});

test('a name that is taken there, by what nobody has told of, is left alone', async () => {
  target.files.allot(`${folder}/wiki-2.qcow2`, 4096);
  target.files.allot(`${folder}/wiki-xvdb.qcow2`, 4096);
  const wishes: Wishes = { formats: { xvdb: 'qcow2' } };
  expect((await check(first, second, wishes)).disks[1]).toMatchObject({ to: `${folder}/wiki-xvdb-2.qcow2` });
  await go(first, second, wishes);
  expect((await disksAt(second))?.[1]).toEqual(['qcow2', `${folder}/wiki-xvdb-2.qcow2`]);
  for (const name of ['wiki-2', 'wiki-xvdb']) expect(target.files.stat(`${folder}/${name}.qcow2`)?.sizeBytes).toBe(4096);
});

test('a host that lacks what it takes says so beforehand, and only where it has to do with it', async () => {
  target.lacks.add('qemu-nbd').add('nbd');
  source.lacks.add('qemu-img').add('qemu-nbd');
  const label = (nth: 0 | 1) => world.hosts[nth].label;
  const write = { code: 'move.qcow2Tools', host: label(1), lacks: ['qemu-nbd', 'nbd'], does: 'write', vdevs: ['xvdb'] };
  expect(await bad(first, second, {})).toEqual([]);
  expect(await bad(first, second, { formats: { xvdb: 'raw' } })).toEqual([]);
  expect(await bad(first, second, { formats: { xvdb: 'qcow2' } })).toMatchObject([write]);
  const { stopped } = await check(first, second, { formats: { xvdb: 'qcow2' } });
  expect(stopped?.checks.find((one) => one.what === 'disks')).toMatchObject({ verdict: 'bad', problem: write });
  const refused = await ended(await start(first, second, { formats: { xvdb: 'qcow2' } }));
  expect(refused.outcome).toMatchObject({ is: 'failed', problem: write });
  expect(target.files.lstat(`${folder}/wiki-2.qcow2`)).toBeNull();
  target.lacks.clear();
  await go(first, second, { formats: { xvdb: 'qcow2' } });
  target.lacks.add('qemu-nbd').add('qemu-img');
  // to read it takes no qemu-img; the other end has nothing to do with qcow2 now
  expect(await bad(second, first, { formats: { xvdb: 'raw' } })).toMatchObject([
    { code: 'move.qcow2Tools', host: label(1), lacks: ['qemu-nbd'], does: 'read', vdevs: ['xvdb'] },
  ]);
});

test('a volume has no format, and there is no other one than these', async () => {
  const wishes = { places: { xvda: 'vg:vg0' }, formats: { xvda: 'qcow2' } } as const;
  expect(await bad(first, second, wishes)).toMatchObject([{ code: 'move.volumeFormat', vdev: 'xvda', group: 'vg0' }]);
  expect(await bad(first, second, { ...wishes, formats: { xvda: 'raw' } })).toEqual([]);
  const vhd = check(first, second, { formats: { xvda: 'vhd' as FileFormat } });
  await expect(vhd).rejects.toMatchObject({ problem: { code: 'input.refused' } });
});
