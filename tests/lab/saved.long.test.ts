import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { cleanBoth, leaveClean, localGuests, make, pvGuest, qcow2Guest, sharedGuest, sitDownClean, upperHalfInside } from './localDisks.ts';
import { begin, domidOf, ended, expectUnbroken, newest, seen, sh, writes } from './twoHosts.ts';

/** Real moves of guests that are saved and restored: what runs in them goes on, so no record is missing and none is written by another kernel. */

let desk: Desk;
let [one, two] = ['', ''];
beforeAll(async () => {
  ({
    desk,
    ids: [one, two],
  } = await sitDownClean());
});
afterAll(leaveClean);

/** Nothing of a move at either host, nor a memory in a file. */
const left = () =>
  Promise.all(
    ([1, 2] as const).map((n) =>
      sh(
        n,
        'ls /var/lib/xenferry/incoming; ls /var/lib/xenferry/jobs/*/memory 2>/dev/null; xl list | grep -E "^[^ ]+--"; grep xenferry- /root/.ssh/authorized_keys',
      ),
    ),
  );

test.each([localGuests.file, localGuests.volume, qcow2Guest, sharedGuest, pvGuest])('$name goes on at the target', async (kind) => {
  await cleanBoth();
  await make(kind);
  const guest = await seen(desk, one, kind.name);
  await writes(1, kind.disk, kind.name, 5);
  const check = await desk.client.call('migration.check', { hostId: one, guestId: guest.guestId, targetHostId: two });
  expect(check.saved?.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
  if (kind === pvGuest) expect(check.checks.flatMap((found) => found.problem?.code ?? [])).toEqual(['move.pvNoShadow']);
  const sum = await upperHalfInside(1, kind.disk);
  const before = await newest(1, kind.disk, kind.name);
  const task = await ended(desk, await begin(desk, one, two, kind.name, { stop: true, save: true }));
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  process.stdout.write(`${kind.name}, saved: ${task.migration?.wallMs} ms, stood still ${task.migration?.downtimeMs} ms\n`);
  await seen(desk, two, kind.name);
  expect([await domidOf(1, kind.name), (await domidOf(2, kind.name)) !== '']).toEqual(['', true]);
  const stood = await newest(2, kind.disk, kind.name);
  await writes(2, kind.disk, kind.name, stood + 4);
  await expectUnbroken(2, kind.disk, kind.name, before, 0);
  expect(await upperHalfInside(2, kind.disk)).toBe(sum);
  expect(await left()).toEqual(['', '']);
});

test('and cancelled on its way back while its disk goes it goes on there', async () => {
  const kind = pvGuest;
  const guest = await seen(desk, two, kind.name);
  const before = await newest(2, kind.disk, kind.name);
  const asked = { hostId: two, guestId: guest.guestId, targetHostId: one, stop: true, save: true, limitMiBPerS: 1 };
  const { taskId } = await desk.client.call('migration.start', asked);
  await desk.until('its disk goes', () => desk.tasks.get(taskId)?.phase === 'copyingDisk', 200_000);
  await desk.client.call('task.cancel', { taskId });
  const task = await ended(desk, taskId);
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'cancelled' });
  await seen(desk, two, kind.name);
  const stood = await newest(2, kind.disk, kind.name);
  await writes(2, kind.disk, kind.name, stood + 4);
  await expectUnbroken(2, kind.disk, kind.name, before, 0);
  expect(await left()).toEqual(['', '']);
});
