import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FileFormat } from '../../electron/contract/diskTravel.ts';
import type { Desk } from '../contract/desk.ts';
import { type LocalGuest, leaveClean, localGuests, make, qcow2Guest, sitDownClean, upperHalfInside as upperHalf } from './localDisks.ts';
import { domidOf, ended, expectUnbroken, newest, seen, sh, writes } from './twoHosts.ts';

/** Real live moves on which a disk becomes something else: raw file, qcow2 file and volume, each to each. The same to the same: disks, qcow2. */

let desk: Desk;
let ids: [string, string] = ['', ''];
const idOf = (n: 1 | 2): string => ids[n - 1] ?? '';
const images = '/var/lib/xen/images';
const { file, volume } = localGuests;
/** Nothing shows a file or is being made any more, nothing watches, nobody is let in. */
const left = (n: 1 | 2) =>
  sh(
    n,
    `ps -e -o args= | grep "^qemu-nbd"
    for d in /sys/block/nbd*; do [ ! -e "$d/size" ] || [ "$(cat "$d/size")" = 0 ] || echo "$d"; done
    ls /var/lib/xenferry/incoming
    ls -d /sys/kernel/tracing/instances/xenferry-* 2>/dev/null
    find ${images} -name ".xenferry-*" ! -name .xenferry-trash
    grep xenferry- /root/.ssh/authorized_keys`,
  );
const formatOf = (n: 1 | 2, disk: string) => sh(n, 'qemu-img info -U "$1" | sed -n "s/^file format: //p"', disk);

beforeAll(async () => {
  ({ desk, ids } = await sitDownClean());
});
afterAll(leaveClean);

interface Way {
  guest: LocalGuest;
  from: 1 | 2;
  /** Where it stands before. */
  here: string;
  there: string;
  as: FileFormat | 'volume';
  how: 'traced' | 'compared';
  places?: Record<string, string>;
}

/** Moves it, and looks that no record is missing, that the rest of the disk is the same, and that nothing is left. */
async function carry({ guest: kind, from, here, there, as, how, places = {} }: Way): Promise<void> {
  const to = from === 1 ? 2 : 1;
  const [hostId, targetHostId] = [idOf(from), idOf(to)];
  const { guestId } = await seen(desk, hostId, kind.name);
  await writes(from, here, kind.name, 5);
  const asked = { hostId, guestId, targetHostId, places, formats: as === 'volume' ? {} : { xvda: as } };
  const format = as === 'qcow2' ? 'qcow2' : 'raw';
  const check = await desk.client.call('migration.check', asked);
  expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
  expect(check.disks).toMatchObject([{ travels: 'copied', path: here, to: there, as, sizeMiB: 32, how }]);
  const sum = await upperHalf(from, here);
  const before = await newest(from, here, kind.name);
  const task = await ended(desk, (await desk.client.call('migration.start', asked)).taskId);
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  process.stdout.write(
    `${kind.name} to ${as}: ${task.migration?.wallMs} ms, stood still ${task.migration?.downtimeMs} ms, ${JSON.stringify(task.migration?.disks)}\n`,
  );
  expect(task.migration?.disks).toMatchObject({ totalBytes: 32 * 1024 * 1024, same: true });
  const moved = await desk.until('its config there', () => {
    const found = desk.guest(targetHostId, kind.name);
    return found?.live && found.config && found;
  });
  for (const shape of [moved.live, moved.config?.shape])
    expect(shape?.disks.map((disk) => [disk.format, disk.target])).toEqual([[format, there]]);
  expect(moved.needsRestart).toEqual([]);
  expect(await domidOf(from, kind.name)).toBe('');
  await new Promise((next) => setTimeout(next, 8000));
  await expectUnbroken(to, there, kind.name, before);
  expect(await upperHalf(to, there)).toBe(sum);
  expect(await formatOf(to, there)).toBe(format);
  expect([await left(1), await left(2)]).toEqual(['', '']);
}

const made = `${images}/d-file.qcow2`;

test('a raw file becomes a qcow2 file', async () => {
  await make(file);
  await carry({ guest: file, from: 1, here: file.disk, there: made, as: 'qcow2', how: 'traced' });
});

test('and that a raw file again on its way back, which begins as the one it left', async () => {
  const { guestId } = await seen(desk, idOf(2), file.name);
  const back = { hostId: idOf(2), guestId, targetHostId: idOf(1) };
  // as qcow2 it would be another disk: the one it left is no beginning of it
  const another = await desk.client.call('migration.check', { ...back, formats: { xvda: 'qcow2' } });
  expect(another.disks).toMatchObject([{ to: made, as: 'qcow2', old: false }]);
  const check = await desk.client.call('migration.check', { ...back, formats: { xvda: 'raw' } });
  expect(check.disks).toMatchObject([{ to: file.disk, as: 'raw', old: true }]);
  await carry({ guest: file, from: 2, here: made, there: file.disk, as: 'raw', how: 'compared' });
  const trash = await desk.client.call('trash.list', { hostId: idOf(1) });
  expect(trash.filter((entry) => entry.name === file.name)).toEqual([]);
});

test('a volume becomes a qcow2 file', async () => {
  await make(volume);
  await carry({
    guest: volume,
    from: 1,
    here: volume.disk,
    there: `${images}/d-volume-xvda.qcow2`,
    as: 'qcow2',
    how: 'traced',
    places: { xvda: `dir:${images}` },
  });
});

test('and that a raw file where nothing of its own lies, copied whole', async () => {
  // what it left there goes first: no beginning is there
  await sh(
    1,
    `for bin in /var/lib/xenferry/trash/*; do grep -q '^name	d-volume' "$bin/manifest" 2>/dev/null && rm -rf "$bin"; done
    lvs --noheadings -o lv_name vg0 | while read -r v; do case $v in *d-volume*) lvremove -f -y "vg0/$v" >/dev/null ;; esac; done`,
  );
  await carry({
    guest: volume,
    from: 2,
    here: `${images}/d-volume-xvda.qcow2`,
    there: `${images}/d-volume-xvda.img`,
    as: 'raw',
    how: 'compared',
  });
});

test('a raw file becomes a volume', async () => {
  if ((await domidOf(1, file.name)) === '') await make(file);
  await carry({
    guest: file,
    from: 1,
    here: file.disk,
    there: '/dev/vg0/d-file-xvda',
    as: 'volume',
    how: 'traced',
    places: { xvda: 'vg:vg0' },
  });
});

test('and the volume a raw file again, which begins as the one it left', async () => {
  const places = { xvda: `dir:${images}` };
  await carry({ guest: file, from: 2, here: '/dev/vg0/d-file-xvda', there: file.disk, as: 'raw', how: 'traced', places });
});

test('a qcow2 file becomes a volume', async () => {
  await make(qcow2Guest);
  await carry({
    guest: qcow2Guest,
    from: 1,
    here: qcow2Guest.disk,
    there: '/dev/vg0/d-qcow2-xvda',
    as: 'volume',
    how: 'compared',
    places: { xvda: 'vg:vg0' },
  });
});
