import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { qcow2Guest as kind, leaveClean, make, sitDownClean, upperHalfInside as upperHalf } from './localDisks.ts';
import { ended, expectUnbroken, newest, seen, sh, writes } from './twoHosts.ts';

/** Real live moves of a guest whose disk is a qcow2 file: to such a file, and on to a volume. */

let desk: Desk;
let [one, two] = ['', ''];
/** Nothing shows its file any more, and nothing of the move is left. */
const left = (n: 1 | 2) =>
  sh(
    n,
    'ps -e -o args= | grep "^qemu-nbd"; ls /var/lib/xenferry/incoming; find /var/lib/xen/images -name ".xenferry-*" ! -name .xenferry-trash',
  );

beforeAll(async () => {
  ({
    desk,
    ids: [one, two],
  } = await sitDownClean());
});
afterAll(leaveClean);

test.each([
  { title: 'a qcow2 file becomes one there', from: 1, to: 2, places: {}, there: kind.disk, as: 'qcow2' },
  {
    title: 'and a volume where the operator wants it so',
    from: 2,
    to: 1,
    places: { xvda: 'vg:vg0' },
    there: '/dev/vg0/d-qcow2-xvda',
    as: 'volume',
  },
] as const)('$title', async ({ from, to, places, there, as }) => {
  if (from === 1) await make(kind);
  const [hostId, targetHostId] = from === 1 ? [one, two] : [two, one];
  const guest = await seen(desk, hostId, kind.name);
  await writes(from, kind.disk, kind.name, 5);
  const asked = { hostId, guestId: guest.guestId, targetHostId, places };
  const check = await desk.client.call('migration.check', asked);
  expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
  expect(check.disks).toMatchObject([{ travels: 'copied', path: kind.disk, to: there, as, sizeMiB: 32, how: 'compared' }]);
  const sum = await upperHalf(from, kind.disk);
  const before = await newest(from, kind.disk, kind.name);
  const task = await ended(desk, (await desk.client.call('migration.start', asked)).taskId);
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  process.stdout.write(`${kind.name} to ${as}: ${task.migration?.wallMs} ms, ${JSON.stringify(task.migration?.disks)}\n`);
  expect(task.migration?.disks).toMatchObject({ totalBytes: 32 * 1024 * 1024, same: true });
  await seen(desk, targetHostId, kind.name);
  await new Promise((next) => setTimeout(next, 8000));
  await expectUnbroken(to, there, kind.name, before);
  expect(await upperHalf(to, there)).toBe(sum);
  expect([await left(1), await left(2)]).toEqual(['', '']);
});
