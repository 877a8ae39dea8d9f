import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Finding, FindingKind } from '../../electron/contract/doctor.ts';
import type { Desk } from '../contract/desk.ts';
import { xenlab } from './labRemote.ts';
import { cleanBoth, localGuests, make, sharedGuest, sitDownClean } from './localDisks.ts';
import { begin, closeAll, domidOf, expectUnbroken, folder, MOVE_MS, mend, newest, seen, sh, sitDown, writes } from './twoHosts.ts';

/** What real, broken moves leave on real hosts, by a plain `xl migrate` and by ours: found, told, and mended. */

let desk: Desk;
let [one, two] = ['', ''];
const guest = sharedGuest;
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** Findings about one guest or, without a name, about all. */
const look = async (name: string | null) =>
  (await desk.client.call('doctor.look', {})).findings.filter((found) => name === null || found.guest?.name === name);
const only = async (kind: FindingKind, name: string | null): Promise<Finding> => {
  const found = await look(name);
  expect(found.map((seen) => seen.kind)).toContain(kind);
  return found.find((seen) => seen.kind === kind) as Finding;
};
const mendIt = async (found: Finding) => {
  await mend(desk, found);
  expect((await look(null)).map((seen) => seen.id)).not.toContain(found.id);
};

beforeAll(async () => {
  ({
    desk,
    ids: [one, two],
  } = await sitDownClean());
  xenlab('trust'); // a plain `xl migrate` needs it
});
afterAll(() =>
  closeAll(async () => {
    xenlab('untrust');
    await Promise.all(([1, 2] as const).map((n) => sh(n, 'rm -f /etc/xen/auto/d-shared.cfg')));
    await cleanBoth();
  }),
);

async function home(): Promise<number> {
  await make(guest);
  await seen(desk, one, guest.name);
  await writes(1, guest.disk, guest.name, 5);
  return newest(1, guest.disk, guest.name);
}

test('the half that came stays when the target’s xl is killed: it is told from the living one, and ended', async () => {
  const before = await home();
  await sh(2, 'lvchange -ay vgshared/d-shared');
  await sh(1, 'setsid sh -c "xl migrate d-shared 10.77.0.2" </dev/null >/tmp/d-plain.log 2>&1 &');
  await sh(
    2,
    'tries=0; until xl list | grep -q "^d-shared--incoming"; do sleep 1; tries=$((tries + 1)); [ $tries -lt 200 ] || exit 1; done; sleep 3; pkill -9 -f "[x]l migrate-receive"',
  );
  await sh(1, 'tries=0; while pgrep -f "[x]l migrate d-shared"; do sleep 1; tries=$((tries + 1)); [ $tries -lt 200 ] || exit 1; done');
  expect(await sh(2, 'xl list | grep -c "^d-shared--incoming"')).toBe('1');
  await seen(desk, one, guest.name);
  const found = await only('incoming', guest.name);
  expect(found).toMatchObject({ hostId: two, alive: { hostId: one }, action: { is: 'end', how: 'incoming' }, typed: false });
  await mendIt(found);
  expect(await sh(2, 'xl list | grep d-shared')).toBe('');
  await pause(8000);
  await expectUnbroken(1, guest.disk, guest.name, before);
});

test('a guest that xl save writes out stands still like one of a broken move, and nothing is offered', async () => {
  if ((await domidOf(1, guest.name)) === '') await home();
  // into a pipe that nobody empties for a while
  await sh(1, 'rm -f /tmp/d-pipe; mkfifo /tmp/d-pipe; setsid sh -c "sleep 45; cat </tmp/d-pipe >/tmp/d-save" </dev/null >/dev/null 2>&1 &');
  await sh(1, 'setsid xl save d-shared /tmp/d-pipe </dev/null >/tmp/d-save.log 2>&1 &');
  await sh(1, 'tries=0; until xl list d-shared | grep -q -e "---ss-"; do sleep 1; tries=$((tries + 1)); [ $tries -lt 30 ] || exit 1; done');
  await pause(3000);
  expect(await only('suspended', guest.name)).toMatchObject({ hostId: one, action: null, none: { is: 'moving' } });
  await sh(1, 'tries=0; while pgrep -f "[x]l save d-shared"; do sleep 1; tries=$((tries + 1)); [ $tries -lt 200 ] || exit 1; done');
  expect(await sh(1, 'xl restore /tmp/d-save >/dev/null 2>&1; rm -f /tmp/d-save /tmp/d-pipe; xl domid d-shared')).toMatch(/^\d+$/);
  await seen(desk, one, guest.name);
  expect(await look(guest.name)).toEqual([]);
});

test('after a plain xl migrate the config and its autostart follow the guest', async () => {
  if ((await domidOf(1, guest.name)) === '') await home();
  await sh(1, 'mkdir -p /etc/xen/auto; ln -s ../d-shared.cfg /etc/xen/auto/d-shared.cfg; sha256sum </etc/xen/d-shared.cfg');
  const sum = await sh(1, 'sha256sum </etc/xen/d-shared.cfg');
  await sh(2, 'lvchange -ay vgshared/d-shared');
  expect(await sh(1, 'xl migrate d-shared 10.77.0.2 >/tmp/d-plain.log 2>&1; echo $?')).toBe('0');
  await seen(desk, two, guest.name);
  const found = await only('configElsewhere', guest.name);
  expect(found).toMatchObject({
    hostId: one,
    weight: 'danger',
    alive: { hostId: two },
    action: { is: 'carryConfig', toHostId: two, autostart: true },
  });
  await mendIt(found);
  expect(await sh(1, 'ls -d /etc/xen/d-shared.cfg /etc/xen/auto/d-shared.cfg 2>/dev/null')).toBe('');
  expect(await sh(2, 'sha256sum </etc/xen/d-shared.cfg; readlink -f /etc/xen/auto/d-shared.cfg')).toBe(`${sum}\n/etc/xen/d-shared.cfg`);
  expect(await domidOf(2, guest.name)).not.toBe('');
});

test('a line of ours without its move goes, every other byte of authorized_keys stays', async () => {
  const before = await sh(2, 'sha256sum </root/.ssh/authorized_keys');
  await sh(
    2,
    `ssh-keygen -q -t ed25519 -N '' -C xenferry-0123456789abcdef01234567 -f /tmp/d-key
    printf 'restrict,from="10.77.0.1",expiry-time="20240101000000",command="sh /var/lib/xenferry/incoming/0123456789abcdef01234567/receive" %s\\n' "$(cat /tmp/d-key.pub)" >>/root/.ssh/authorized_keys
    rm -f /tmp/d-key /tmp/d-key.pub`,
  );
  const found = await only('keyLine', null);
  expect(found).toMatchObject({ hostId: two, action: { is: 'unlock' } });
  await mendIt(found);
  expect(await sh(2, 'sha256sum </root/.ssh/authorized_keys')).toBe(before);
});

test('a half-copied disk whose move nobody knows any more goes to the trash; the guest is not touched', async () => {
  await cleanBoth();
  const kind = localGuests.volume;
  await make(kind);
  await seen(desk, one, kind.name);
  await writes(1, kind.disk, kind.name, 5);
  const before = await newest(1, kind.disk, kind.name);
  const taskId = await begin(desk, one, two, kind.name, { limitMiBPerS: 1 });
  await desk.until('its disk is copied', () => desk.tasks.get(taskId)?.phase === 'copyingDisk', MOVE_MS);
  desk.close();
  // everything of it dies at once, and the source forgets it; what is left lies there for an hour
  await sh(
    1,
    'pkill -9 -f "/var/lib/xenferry/jobs/$1"; pkill -9 -f "[x]enferry-receive|[x]enferry-disks"; cp "/var/lib/xenferry/jobs/$1"/aside/* /tmp/ 2>/dev/null; read -r link <"/var/lib/xenferry/jobs/$1/where-auto" 2>/dev/null; rm -rf "/var/lib/xenferry/jobs/$1"; rm -f /var/lib/xenferry/locks/*; for i in /sys/kernel/tracing/instances/xenferry-*; do rmdir "$i"; done',
    taskId,
  );
  await sh(2, 'pkill -9 -f "[d]isks-in"; touch -d "1 hour ago" "/var/lib/xenferry/incoming/$1"', taskId);
  expect(await sh(1, 'ls /etc/xen/d-volume.cfg')).toBe('/etc/xen/d-volume.cfg');
  const sat = await sitDown(await folder());
  desk = sat.desk;
  [one, two] = sat.ids;
  await seen(desk, one, kind.name);
  const found = await only('staged', kind.name);
  expect(found).toMatchObject({ hostId: two, alive: { hostId: one }, things: [kind.disk], action: { is: 'unstage', disks: [kind.disk] } });
  await mendIt(found);
  expect(await sh(2, 'lvs --noheadings -o lv_name vg0 | tr -d " " | grep "^d-volume$"; ls /var/lib/xenferry/incoming')).toBe('');
  const trash = await desk.client.call('trash.list', { hostId: two });
  expect(trash.flatMap((entry) => entry.disks.map((disk) => disk.from))).toContain(kind.disk);
  await pause(8000);
  await expectUnbroken(1, kind.disk, kind.name, before);
});
