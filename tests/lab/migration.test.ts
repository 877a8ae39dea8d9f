import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { asBuilt, expectTidy, fresh, start } from './builtGuests.ts';
import {
  atEnd,
  begin,
  closeAll,
  domidOf,
  ended,
  expectUnbroken,
  folder,
  MOVE_MS,
  newest,
  openEyes,
  seen,
  sh,
  sitDown,
} from './twoHosts.ts';

/** Real moves between the two real hosts of the lab. Uses its guest tiny1, and leaves it halted on host 1. */

let desk: Desk;
let data = '';
let [one, two] = ['', ''];

beforeAll(async () => {
  await openEyes();
  await fresh();
  await sh(1, 'vgchange -q -ay vgshared >/dev/null 2>&1; mkdir -p /etc/xen/auto; ln -s ../tiny1.cfg /etc/xen/auto/tiny1.cfg');
  await start(1, 'tiny1');
  data = await folder();
  const sat = await sitDown(data);
  desk = sat.desk;
  [one, two] = sat.ids;
});
afterAll(() => closeAll(asBuilt));

describe('a running guest on shared storage', () => {
  const disk = '/dev/vgshared/tiny1';

  test('is looked at beforehand, and what cannot move is refused with its reason', async () => {
    const guest = await seen(desk, one, 'tiny1');
    const check = await desk.client.call('migration.check', { hostId: one, guestId: guest.guestId, targetHostId: two });
    expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
    expect(check).toMatchObject({ live: true, reachAddress: '10.77.0.2', pingAddress: '10.77.0.101' });
    const local = desk.guest(one, 'local1');
    const refused = local && (await desk.client.call('migration.check', { hostId: one, guestId: local.guestId, targetHostId: two }));
    // halted, it could be copied, but another volume has its name there
    expect(refused?.checks.map((found) => found.problem?.code)).toContain('disk.exists');
  });

  test('moves: its disk counter unbroken, its config and autostart with it, its downtime known', async () => {
    const guest = await seen(desk, one, 'tiny1');
    const before = await newest(1, disk, 'tiny1');
    const replies: number[] = [];
    const phases = new Set<string>(); // heard from before it begins: its first phases may be over when its id is known
    atEnd(
      desk.client.feed(
        'task.watch',
        {},
        (change) => change.is === 'put' && change.item.guestName === 'tiny1' && phases.add(change.item.phase),
      ),
    );
    const taskId = await begin(desk, one, two, guest.name);
    const undo = desk.client.feed('migration.pings', { taskId }, ({ from, pings }) => {
      if (from === 'xen2') replies.push(...pings.flatMap((ping) => (ping.rttMs === null ? [] : [ping.at])));
    });
    const task = await ended(desk, taskId);
    undo();
    expect(task.outcome).toEqual({ is: 'done' });
    expect([...phases]).toEqual(expect.arrayContaining(['preparing', 'connecting', 'copyingMemory', 'tidying']));
    const { migration } = task;
    expect(migration?.sentBytes).toBeGreaterThan(70 * 1024 * 1024);
    expect(migration?.wallMs).toBeGreaterThan(3000);
    expect(migration?.downtimeMs).toBeGreaterThan(200);
    expect(migration?.downtimeMs).toBeLessThan(60_000);
    expect(replies.length).toBeGreaterThan(20);
    process.stdout.write(`moved: ${migration?.wallMs} ms, stood still ${migration?.downtimeMs} ms by ${migration?.pingFrom}\n`);
    await seen(desk, two, 'tiny1');
    expect(await domidOf(1, 'tiny1')).toBe('');
    await expectUnbroken(2, disk, 'tiny1', before);
    expect(await sh(1, 'ls /etc/xen/tiny1.cfg /etc/xen/auto 2>/dev/null')).toBe('/etc/xen/auto:');
    expect(await sh(2, 'readlink /etc/xen/auto/tiny1.cfg; ls /etc/xen/tiny1.cfg')).toBe('/etc/xen/tiny1.cfg\n/etc/xen/tiny1.cfg');
    await expectTidy();
  });

  test('goes on without the desktop, and is found again by it and by somebody else', async () => {
    const guest = await desk.until('tiny1 somewhere', () =>
      [one, two].map((id) => desk.guest(id, 'tiny1')).find((found) => found && found.domid !== null),
    );
    const [from, to] = guest.hostId === one ? [one, two] : [two, one];
    const [here, there] = from === one ? ([1, 2] as const) : ([2, 1] as const);
    const before = await newest(here, disk, 'tiny1');
    const taskId = await begin(desk, from, to, 'tiny1');
    await desk.until('copying', () => desk.tasks.get(taskId)?.phase === 'copyingMemory', MOVE_MS);
    desk.close();
    const [again, other] = [await sitDown(data), await sitDown(await folder())];
    const task = await ended(again.desk, taskId);
    expect(task).toMatchObject({ outcome: { is: 'done' }, foreign: false, hostId: from, targetHostId: to });
    expect(await ended(other.desk, taskId)).toMatchObject({ outcome: { is: 'done' }, foreign: true, guestName: 'tiny1' });
    other.desk.close();
    desk = again.desk;
    await seen(desk, to, 'tiny1');
    expect(await domidOf(here, 'tiny1')).toBe('');
    await expectUnbroken(there, disk, 'tiny1', before);
    await expectTidy();
  });
});
