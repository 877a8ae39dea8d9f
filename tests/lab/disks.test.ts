import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { allKinds, cleanBoth, leaveClean, localGuests, make, sitDownClean, upperHalf } from './localDisks.ts';
import { begin, domidOf, ended, expectUnbroken, newest, seen, sh, writes } from './twoHosts.ts';

/** Real live moves of guests whose disks only one host has. Guests and disks of this file's own. */

let desk: Desk;
let [one, two] = ['', ''];

beforeAll(async () => {
  ({
    desk,
    ids: [one, two],
  } = await sitDownClean());
});
afterAll(leaveClean);

describe.each(allKinds)('a running guest with a disk that only its host has: $name', (kind) => {
  test('moves live: counter unbroken, both ends the same, the old disk set aside', async () => {
    await make(kind);
    const guest = await seen(desk, one, kind.name);
    await writes(1, kind.disk, kind.name, 5);
    const check = await desk.client.call('migration.check', { hostId: one, guestId: guest.guestId, targetHostId: two });
    expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
    expect(check.disks).toMatchObject([{ travels: 'copied', vdev: 'xvda', path: kind.disk, to: kind.disk, sizeMiB: 32, how: 'traced' }]);
    const sum = await upperHalf(1, kind.disk);
    const before = await newest(1, kind.disk, kind.name);
    const task = await ended(desk, await begin(desk, one, two, kind.name));
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    process.stdout.write(
      `${kind.name}: ${task.migration?.wallMs} ms, stood still ${task.migration?.downtimeMs} ms, ${JSON.stringify(task.migration?.disks)}\n`,
    );
    expect(task.migration?.disks).toMatchObject({ totalBytes: 32 * 1024 * 1024, same: true });
    // the pause holds what changed, not the disk
    expect(task.migration?.disks?.rounds.at(-1)).toBeLessThan(16 * 1024 * 1024);
    await seen(desk, two, kind.name);
    expect(await domidOf(1, kind.name)).toBe('');
    await new Promise((next) => setTimeout(next, 5000));
    await expectUnbroken(2, kind.disk, kind.name, before);
    expect(await upperHalf(2, kind.disk)).toBe(sum);
    expect(
      await sh(
        1,
        'ls -d "$1" "/etc/xen/$2.cfg" 2>/dev/null; ls -d /sys/kernel/tracing/instances/xenferry-* 2>/dev/null',
        kind.disk,
        kind.name,
      ),
    ).toBe('');
    const [kept] = (await desk.client.call('trash.list', { hostId: one })).filter((entry) => entry.name === kind.name);
    expect(kept).toMatchObject({ movedTo: 'xen2', configFile: `/etc/xen/${kind.name}.cfg`, disks: [{ from: kind.disk, sizeMiB: 32 }] });
    expect(
      await sh(
        2,
        'lvs --noheadings -o lv_tags vg0/d-volume 2>/dev/null; ls /var/lib/xenferry/incoming; grep -c xenferry- /root/.ssh/authorized_keys',
      ),
    ).toBe('0');
  });

  test('goes back to the disk it left there: only what changed is sent, and the other host’s is set aside in turn', async () => {
    if ((await domidOf(2, kind.name)) === '') {
      await cleanBoth();
      await make(kind);
      await seen(desk, one, kind.name);
      expect((await ended(desk, await begin(desk, one, two, kind.name))).outcome).toEqual({ is: 'done' });
    }
    const guest = await seen(desk, two, kind.name);
    const asked = { hostId: two, guestId: guest.guestId };
    expect(await desk.client.call('migration.origins', asked)).toMatchObject([{ hostId: one, sizeMiB: 32 }]);
    const check = await desk.client.call('migration.check', { ...asked, targetHostId: one });
    expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
    expect(check.disks).toMatchObject([{ travels: 'copied', to: kind.disk, old: true }]);
    const sum = await upperHalf(2, kind.disk);
    const before = await newest(2, kind.disk, kind.name);
    const task = await ended(desk, await begin(desk, two, one, kind.name));
    expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
    process.stdout.write(
      `${kind.name} back: ${task.migration?.wallMs} ms, stood still ${task.migration?.downtimeMs} ms, ${JSON.stringify(task.migration?.disks)}\n`,
    );
    expect(task.migration?.disks).toMatchObject({ totalBytes: 32 * 1024 * 1024, same: true });
    expect(task.migration?.disks?.rounds[0]).toBeGreaterThan(0);
    expect(task.migration?.disks?.rounds[0]).toBeLessThan(8 * 1024 * 1024);
    await seen(desk, one, kind.name);
    await new Promise((next) => setTimeout(next, 5000));
    await expectUnbroken(1, kind.disk, kind.name, before);
    expect(await upperHalf(1, kind.disk)).toBe(sum);
    const trashOf = async (hostId: string) =>
      (await desk.client.call('trash.list', { hostId })).filter((entry) => entry.name === kind.name);
    expect(await trashOf(one)).toEqual([]);
    expect(await trashOf(two)).toMatchObject([{ movedTo: 'xen1', disks: [{ from: kind.disk, vdev: 'xvda', whole: true }] }]);
    expect(await sh(1, 'lvs --noheadings -o lv_name,lv_tags vg0 | grep d-volume | grep xenferry; ls /var/lib/xenferry/incoming')).toBe('');
  });
});

test.each(allKinds.filter((kind) => kind === localGuests.file))('a file becomes a volume where the operator wants it so', async (kind) => {
  await cleanBoth();
  await make(kind);
  const guest = await seen(desk, one, kind.name);
  await writes(1, kind.disk, kind.name, 5);
  const sum = await upperHalf(1, kind.disk);
  const before = await newest(1, kind.disk, kind.name);
  const volume = '/dev/vg0/d-file-xvda';
  const asked = { hostId: one, guestId: guest.guestId, targetHostId: two, places: { xvda: 'vg:vg0' } };
  expect((await desk.client.call('migration.check', asked)).disks).toMatchObject([{ to: volume, as: 'volume', place: 'vg:vg0' }]);
  const task = await ended(desk, (await desk.client.call('migration.start', asked)).taskId);
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  const moved = await desk.until('its config there', () => {
    const found = desk.guest(two, kind.name);
    return found?.live && found.config && found;
  });
  expect(moved.live?.disks.map((disk) => disk.target)).toEqual([volume]);
  expect(moved.config?.shape?.disks.map((disk) => disk.target)).toEqual([volume]);
  await new Promise((next) => setTimeout(next, 5000));
  await expectUnbroken(2, volume, kind.name, before);
  expect(await upperHalf(2, volume)).toBe(sum);
});
