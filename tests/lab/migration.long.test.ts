import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { asBuilt, expectTidy, fresh, start } from './builtGuests.ts';
import {
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
  writes,
} from './twoHosts.ts';

/** As migration.test.ts: cancelled, with a disk on NFS, and with an HVM guest. Uses tiny1, tiny3 and hvm1, and leaves them halted on host 1. */

let desk: Desk;
let [one, two] = ['', ''];

beforeAll(async () => {
  await openEyes();
  await fresh();
  await sh(1, 'vgchange -q -ay vgshared >/dev/null 2>&1; true');
  const sat = await sitDown(await folder());
  desk = sat.desk;
  [one, two] = sat.ids;
});
afterAll(() => closeAll(asBuilt));

test('a running guest stays, whole, when its move is cancelled on the way', async () => {
  const disk = '/dev/vgshared/tiny1';
  await sh(1, 'mkdir -p /etc/xen/auto; ln -s ../tiny1.cfg /etc/xen/auto/tiny1.cfg');
  await start(1, 'tiny1');
  await seen(desk, one, 'tiny1');
  await writes(1, disk, 'tiny1', 5);
  const before = await newest(1, disk, 'tiny1');
  const config = () => sh(1, 'readlink /etc/xen/auto/tiny1.cfg; ls -l /etc/xen/tiny1.cfg; sha256sum /etc/xen/tiny1.cfg');
  const linked = await config();
  const taskId = await begin(desk, one, two, 'tiny1');
  await desk.until(
    'copying',
    () => desk.tasks.get(taskId)?.phase === 'copyingMemory' && (desk.tasks.get(taskId)?.migration?.sentBytes ?? 0) > 5_000_000,
    MOVE_MS,
  );
  await desk.client.call('task.cancel', { taskId });
  expect((await ended(desk, taskId)).outcome).toEqual({ is: 'cancelled' });
  expect(await domidOf(2, 'tiny1')).toBe('');
  await seen(desk, one, 'tiny1');
  await new Promise((next) => setTimeout(next, 5000));
  await expectUnbroken(1, disk, 'tiny1', before);
  expect(await config()).toBe(linked);
  await expectTidy();
  await sh(1, 'xl destroy tiny1');
});

test('a guest whose disk is a file on NFS moves from the host that serves it', async () => {
  const disk = '/srv/shared/images/tiny3.img';
  await start(1, 'tiny3');
  await seen(desk, one, 'tiny3');
  await new Promise((next) => setTimeout(next, 8000)); // until it writes
  const before = await newest(1, disk, 'tiny3');
  expect((await ended(desk, await begin(desk, one, two, 'tiny3'))).outcome).toEqual({ is: 'done' });
  await seen(desk, two, 'tiny3');
  await new Promise((next) => setTimeout(next, 5000));
  await expectUnbroken(2, disk, 'tiny3', before);
  await expectTidy();
  await sh(2, 'xl destroy tiny3');
});

test('an HVM guest still runs and reboots after the job that moved it has ended; halted, its config moves back', async () => {
  await start(1, 'hvm1');
  await seen(desk, one, 'hvm1');
  // it takes its time to boot; only then does it hear a reboot
  const disk = '/dev/vgshared/hvm1';
  const counted = await newest(1, disk, 'hvm1');
  while ((await newest(1, disk, 'hvm1')) <= counted + 2) await new Promise((next) => setTimeout(next, 5000));
  const task = await ended(desk, await begin(desk, one, two, 'hvm1'));
  expect(task.outcome).toEqual({ is: 'done' });
  await seen(desk, two, 'hvm1');
  const arrived = await newest(2, disk, 'hvm1');
  while ((await newest(2, disk, 'hvm1')) <= arrived + 2) await new Promise((next) => setTimeout(next, 3000));
  const before = await domidOf(2, 'hvm1');
  expect(before).not.toBe('');
  await sh(2, 'xl reboot hvm1');
  const after = await desk.until('rebooted', () => {
    const guest = desk.guest(two, 'hvm1');
    return guest && guest.domid !== null && guest.domid !== Number(before) && ['running', 'blocked'].includes(guest.state) && guest.domid;
  });
  expect(Number(after)).toBeGreaterThan(Number(before));
  await sh(2, 'xl destroy hvm1');
  await seen(desk, two, 'hvm1', ['halted']);
  const moved = await ended(desk, await begin(desk, two, one, 'hvm1'));
  expect(moved).toMatchObject({ kind: 'guest.moveConfig', outcome: { is: 'done' } });
  await seen(desk, one, 'hvm1', ['halted']);
  expect(await sh(2, 'ls /etc/xen/hvm1.cfg 2>/dev/null')).toBe('');
  await expectTidy();
});
