import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { cleanBoth, leaveClean, localGuests, make, sharedGuest, sitDownClean, upperHalf } from './localDisks.ts';
import { begin, domidOf, ended, expectUnbroken, newest, seen, sh, writes } from './twoHosts.ts';

/** Real moves with a stop of guests whose disks only one host has. The same guests as in disks.test.ts, made anew. */

let desk: Desk;
let [one, two] = ['', ''];

const domains = (n: 1 | 2, name: string) => sh(n, 'xl list | awk -v name="$1" \'$1 ~ "^" name "(--.*)?$"\' | wc -l', name);

beforeAll(async () => {
  ({
    desk,
    ids: [one, two],
  } = await sitDownClean());
});
afterAll(leaveClean);

describe.each(Object.values(localGuests))('a running guest with a disk that only its host has: $name', (kind) => {
  test('moves with a stop: no record missing, started once, the old disk set aside', async () => {
    await make(kind);
    const guest = await seen(desk, one, kind.name);
    await writes(1, kind.disk, kind.name, 5);
    const { stopped } = await desk.client.call('migration.check', { hostId: one, guestId: guest.guestId, targetHostId: two });
    expect(stopped?.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
    expect(stopped?.disks).toMatchObject([{ travels: 'copied', vdev: 'xvda', path: kind.disk, to: kind.disk, sizeMiB: 32, how: 'still' }]);
    const sum = await upperHalf(1, kind.disk);
    const before = await newest(1, kind.disk, kind.name);
    const task = await ended(desk, await begin(desk, one, two, kind.name, { stop: true }));
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    process.stdout.write(`${kind.name}: ${task.migration?.wallMs} ms, ran nowhere for ${task.migration?.downtimeMs} ms\n`);
    expect(task.kind).toBe('guest.moveStopped');
    expect(task.migration?.disks).toMatchObject({ totalBytes: 32 * 1024 * 1024, rounds: [32 * 1024 * 1024], same: true });
    expect(task.migration?.downtimeMs).toBeGreaterThan(0);
    await seen(desk, two, kind.name);
    expect([await domains(1, kind.name), await domains(2, kind.name)]).toEqual(['0', '1']);
    expect(await domidOf(1, kind.name)).toBe('');
    const stood = await newest(2, kind.disk, kind.name);
    await writes(2, kind.disk, kind.name, Math.max(stood, before) + 4);
    await expectUnbroken(2, kind.disk, kind.name, before, 1);
    expect(await upperHalf(2, kind.disk)).toBe(sum);
    expect(await sh(1, 'ls -d "$1" "/etc/xen/$2.cfg" 2>/dev/null', kind.disk, kind.name)).toBe('');
    const [kept] = (await desk.client.call('trash.list', { hostId: one })).filter((entry) => entry.name === kind.name);
    expect(kept).toMatchObject({ movedTo: 'xen2', configFile: `/etc/xen/${kind.name}.cfg`, disks: [{ from: kind.disk, sizeMiB: 32 }] });
    expect(await sh(2, 'ls /var/lib/xenferry/incoming; grep -c xenferry- /root/.ssh/authorized_keys')).toBe('0');
  });

  test('and cancelled on its way back while its disk goes: it runs there again, and nothing is left here', async () => {
    const guest = await seen(desk, two, kind.name);
    const { taskId } = await desk.client.call('migration.start', {
      hostId: two,
      guestId: guest.guestId,
      targetHostId: one,
      stop: true,
      limitMiBPerS: 1,
    });
    await desk.until('its disk goes', () => desk.tasks.get(taskId)?.phase === 'copyingDisk', 120_000);
    await desk.client.call('task.cancel', { taskId });
    const task = await ended(desk, taskId);
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'cancelled' });
    await seen(desk, two, kind.name);
    expect([await domains(1, kind.name), await domains(2, kind.name)]).toEqual(['0', '1']);
    expect(await sh(1, 'ls -d "$1" "/etc/xen/$2.cfg" 2>/dev/null; ls /var/lib/xenferry/incoming', kind.disk, kind.name)).toBe('');
  });
});

test('a guest whose disk both hosts see: nothing is copied, it is shut down here and started there', async () => {
  const { name, disk } = sharedGuest;
  await cleanBoth();
  await make(sharedGuest);
  await seen(desk, one, name);
  await writes(1, disk, name, 5);
  const before = await newest(1, disk, name);
  const task = await ended(desk, await begin(desk, one, two, name, { stop: true }));
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  process.stdout.write(`${name}: ${task.migration?.wallMs} ms, ran nowhere for ${task.migration?.downtimeMs} ms\n`);
  await seen(desk, two, name);
  expect([await domains(1, name), await domains(2, name)]).toEqual(['0', '1']);
  await writes(2, disk, name, before + 4);
  await expectUnbroken(2, disk, name, before, 1);
  expect(await sh(1, 'ls "/etc/xen/$1.cfg" 2>/dev/null', name)).toBe('');
  expect((await desk.client.call('trash.list', { hostId: one })).filter((entry) => entry.name === name)).toEqual([]);
  expect(await sh(2, 'ls /var/lib/xenferry/incoming; grep -c xenferry- /root/.ssh/authorized_keys')).toBe('0');
});
