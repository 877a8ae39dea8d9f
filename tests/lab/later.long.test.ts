import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { closeAll, domidOf, ended, expectUnbroken, folder, MOVE_MS, newest, openEyes, seen, sh, sitDown, writes } from './twoHosts.ts';

/** Real hosts wait by themselves for the time of a move. Uses tiny1 on shared storage. */

const disk = '/dev/vgshared/tiny1';
let desk: Desk;
let data = '';
let [one, two] = ['', ''];
let config = '';
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

async function sit(): Promise<void> {
  const sat = await sitDown(data);
  desk = sat.desk;
  [one, two] = sat.ids;
}

/** tiny1 runs on host 1, its config and an autostart link only there. */
async function tinyHome(): Promise<void> {
  await Promise.all(([1, 2] as const).map((n) => sh(n, 'xl destroy tiny1 2>/dev/null; rm -f /etc/xen/auto/tiny1.cfg')));
  await sh(2, 'rm -f /etc/xen/tiny1.cfg');
  await sh(1, 'printf %s "$1" | base64 -d >/etc/xen/tiny1.cfg; mkdir -p /etc/xen/auto; ln -s ../tiny1.cfg /etc/xen/auto/tiny1.cfg', config);
  await sh(1, 'xl create /etc/xen/tiny1.cfg >/dev/null');
  await seen(desk, one, 'tiny1');
  await writes(1, disk, 'tiny1', 3);
}

/** A move of tiny1 to host 2 in so many seconds, when it waits there. */
async function scheduled(seconds: number): Promise<{ taskId: string; at: number }> {
  const guest = await seen(desk, one, 'tiny1');
  const at = Date.now() + seconds * 1000;
  const { taskId } = await desk.client.call('migration.start', { hostId: one, guestId: guest.guestId, targetHostId: two, at });
  await desk.until('it waits', () => desk.tasks.get(taskId)?.phase === 'scheduled', MOVE_MS);
  return { taskId, at };
}

const keyLine = (n: 1 | 2) => sh(n, 'grep -c xenferry- /root/.ssh/authorized_keys');
/** Processes of ours that wait there. */
const waiting = (n: 1 | 2) => sh(n, `pgrep -f '/var/lib/xenferry/(jobs|incoming)/' | wc -l`);

async function expectTidy(): Promise<void> {
  for (const n of [1, 2] as const) {
    const left = await sh(
      n,
      `grep xenferry- /root/.ssh/authorized_keys
      ls /var/lib/xenferry/incoming /var/lib/xenferry/locks 2>/dev/null | grep -v '^$' | grep -v -e authorized_keys -e ':$'
      find /etc/xen -name '.xenferry*'
      ls /var/lib/xenferry/jobs/*/key 2>/dev/null
      xl list | grep -E -- 'tiny1--'`,
    );
    expect(left, `host ${n}`).toBe('');
    expect(await waiting(n), `host ${n}`).toBe('0');
  }
}

beforeAll(async () => {
  await openEyes();
  config = await sh(1, 'vgchange -q -ay vgshared >/dev/null 2>&1; base64 -w0 /etc/xen/tiny1.cfg');
  data = await folder();
  await sit();
});
afterAll(() =>
  closeAll(async () => {
    const back = 'xl destroy tiny1 2>/dev/null; rm -f /etc/xen/auto/tiny1.cfg; printf %s "$1" | base64 -d >/etc/xen/tiny1.cfg';
    await Promise.all([sh(1, back, config), sh(2, back, config)]);
  }),
);

test('a move that waits goes at its time with no desktop there, and the next one tells how it went', async () => {
  await tinyHome();
  const before = await newest(1, disk, 'tiny1');
  const { taskId, at } = await scheduled(200);
  // more than two minutes ahead nothing lets anybody in; the guest's lock is free, its autostart in place
  if (Date.now() < at - 130_000) expect(await keyLine(2)).toBe('0');
  const { uuid } = await seen(desk, one, 'tiny1');
  expect(await sh(1, 'ls "/var/lib/xenferry/locks/$1" 2>/dev/null', uuid ?? '')).toBe('');
  expect(await sh(1, 'readlink /etc/xen/auto/tiny1.cfg')).toBe('../tiny1.cfg');
  // it is rebooted meanwhile: another domid
  const domid = await domidOf(1, 'tiny1');
  await sh(1, 'xl reboot tiny1');
  while ([domid, ''].includes(await domidOf(1, 'tiny1'))) await pause(2000);
  desk.close();
  const until = Date.now() + 200_000 + MOVE_MS;
  while ((await sh(2, 'xenstore-read "/local/domain/$(xl domid tiny1 2>/dev/null)/name" 2>/dev/null')) !== 'tiny1') {
    expect(Date.now()).toBeLessThan(until);
    await pause(3000);
  }
  const arrived = Date.now();
  expect(arrived).toBeGreaterThan(at);
  await pause(20_000);
  await sit();
  // the new one knows it as interrupted until it has found the job
  const task = await desk.until('how it ended', () => desk.tasks.get(taskId)?.outcome?.is === 'done' && desk.tasks.get(taskId), MOVE_MS);
  expect(task).toMatchObject({ outcome: { is: 'done' }, startsAt: at, foreign: false });
  process.stdout.write(`later: ${Math.round((arrived - at) / 1000)} s after its time there; moved in ${task.migration?.wallMs} ms\n`);
  expect(Math.abs((task.endedAt ?? 0) - arrived)).toBeLessThan(45_000);
  expect(task.migration?.wallMs).toBeLessThan(240_000);
  expect(await domidOf(1, 'tiny1')).toBe('');
  await seen(desk, two, 'tiny1');
  expect(await sh(2, 'readlink -f /etc/xen/auto/tiny1.cfg')).toBe('/etc/xen/tiny1.cfg');
  expect(await newest(2, disk, 'tiny1')).toBeGreaterThan(0);
  const after = await newest(2, disk, 'tiny1');
  expect(before).toBeGreaterThan(0);
  await writes(2, disk, 'tiny1', after + 5);
  await expectUnbroken(2, disk, 'tiny1', after);
  await expectTidy();
});

test('cancelled while it waits, nothing is left at either end', async () => {
  await tinyHome();
  const { taskId } = await scheduled(3600);
  expect([await waiting(1), await waiting(2)]).not.toContain('0');
  await desk.client.call('task.cancel', { taskId });
  expect((await ended(desk, taskId)).outcome).toEqual({ is: 'cancelled' });
  expect(await sh(1, 'readlink /etc/xen/auto/tiny1.cfg')).toBe('../tiny1.cfg');
  await expectTidy();
});

test('what was changed while it waited keeps it from beginning', async () => {
  await tinyHome();
  const { taskId } = await scheduled(60);
  await sh(1, 'echo "# edited" >>/etc/xen/tiny1.cfg');
  expect((await ended(desk, taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.notBegun', why: 'config' } });
  expect(await sh(1, 'tail -n 1 /etc/xen/tiny1.cfg')).toBe('# edited');
  expect(await domidOf(1, 'tiny1')).not.toBe('');
  await expectTidy();
});
