import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Desk } from '../contract/desk.ts';
import { clean, localGuests, make } from './localDisks.ts';
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

/**
 * Real hosts that can't reach each other's sshd: the desktop passes the bytes on. Host 1 is kept from host 2 (and host 2 from host 1) by a
 * routing rule for port 22 alone, so that storage and pings go on. Uses tiny1 on shared storage and a guest with a volume of its own.
 */

const disk = '/dev/vgshared/tiny1';
const own = localGuests.volume;
let desk: Desk;
let data = '';
let [one, two] = ['', ''];

const rule = (n: 1 | 2, how: 'add' | 'del') =>
  sh(n, 'ip rule "$1" to "10.77.0.$2" ipproto tcp dport 22 priority 77 unreachable 2>&1', how, String(3 - n));
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** Neither host has a key, a folder, a port or half a guest of a move. */
async function expectTidy(): Promise<void> {
  for (const n of [1, 2] as const) {
    const left = await sh(
      n,
      `grep xenferry- /root/.ssh/authorized_keys
      ls /var/lib/xenferry/incoming 2>/dev/null
      find /etc/xen -name '.xenferry*'
      ls /var/lib/xenferry/jobs/*/key 2>/dev/null
      xl list | grep -E -- "(tiny1|$1)--"
      ss -Hltnp 'src 127.0.0.1' 2>/dev/null | grep sshd`,
      own.name,
    );
    expect(left, `host ${n}`).toBe('');
  }
}

/** As it goes in life: what the target's process notices late is waited for. */
async function untilTidy(): Promise<void> {
  const until = Date.now() + MOVE_MS;
  for (;;) {
    try {
      return await expectTidy();
    } catch (thrown) {
      if (Date.now() > until) throw thrown;
      await pause(5000);
    }
  }
}

/** Every SSH session on a host but our own eyes, as when the desktop's line to it is cut. */
const cutLink = (n: 1 | 2) =>
  sh(
    n,
    `own=$(ps -o ppid= -p $PPID); for p in $(pgrep -f 'sshd: root@notty'); do [ "$p" = $own ] || [ "$p" = "$PPID" ] || kill -9 "$p"; done 2>/dev/null; true`,
  );

async function sit(): Promise<void> {
  const sat = await sitDown(data);
  desk = sat.desk;
  [one, two] = sat.ids;
}

const copying = (taskId: string) =>
  desk.until(
    'memory goes over',
    () => desk.tasks.get(taskId)?.phase === 'copyingMemory' && (desk.tasks.get(taskId)?.migration?.sentBytes ?? 0) > 5_000_000,
    MOVE_MS,
  );

/** tiny1 runs on host 1, its config only there. */
async function tinyHome(): Promise<void> {
  await Promise.all(([1, 2] as const).map((n) => sh(n, 'xl destroy tiny1 2>/dev/null; rm -f /etc/xen/auto/tiny1.cfg')));
  await sh(1, '[ -e /etc/xen/tiny1.cfg ] || exit 1');
  await sh(2, 'rm -f /etc/xen/tiny1.cfg');
  await sh(1, 'xl create /etc/xen/tiny1.cfg >/dev/null');
  await seen(desk, one, 'tiny1');
  await writes(1, disk, 'tiny1', 3);
}

let config = '';
beforeAll(async () => {
  await openEyes();
  config = await sh(1, 'vgchange -q -ay vgshared >/dev/null 2>&1; base64 -w0 /etc/xen/tiny1.cfg');
  await Promise.all([rule(1, 'add'), rule(2, 'add'), clean(1), clean(2)]);
  data = await folder();
  await sit();
});
afterAll(() =>
  closeAll(async () => {
    await Promise.all([rule(1, 'del'), rule(2, 'del')]);
    const back = 'xl destroy tiny1 2>/dev/null; printf %s "$1" | base64 -d >/etc/xen/tiny1.cfg';
    await Promise.all([sh(1, back, config), sh(2, back, config), clean(1), clean(2)]);
  }),
);

test('a guest moves live through the desktop, at a speed that was told beforehand', async () => {
  await tinyHome();
  const guest = await seen(desk, one, 'tiny1');
  const check = await desk.client.call('migration.check', { hostId: one, guestId: guest.guestId, targetHostId: two });
  expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
  expect(check.transport).toBe('relay');
  const [key, relay] = check.transports;
  expect(key?.problem).toMatchObject({ code: 'move.unreachable' });
  expect(relay?.bytesPerS).toBeGreaterThan(50_000);
  await expectTidy();
  const before = await newest(1, disk, 'tiny1');
  const task = await ended(desk, await begin(desk, one, two, 'tiny1'));
  expect(task.outcome).toEqual({ is: 'done' });
  expect(task.migration?.transport).toBe('relay');
  const { sentBytes = 0, wallMs } = task.migration ?? {};
  process.stdout.write(
    `relay: told ${relay?.bytesPerS} B/s, ${sentBytes} bytes in ${wallMs} ms, stood still ${task.migration?.downtimeMs} ms\n`,
  );
  await seen(desk, two, 'tiny1');
  expect(await domidOf(1, 'tiny1')).toBe('');
  await expectUnbroken(2, disk, 'tiny1', before);
  expect(await sh(1, 'ls /etc/xen/tiny1.cfg 2>/dev/null')).toBe('');
  expect(await sh(2, 'ls /etc/xen/tiny1.cfg')).toBe('/etc/xen/tiny1.cfg');
  await expectTidy();
  const back = await ended(desk, await begin(desk, two, one, 'tiny1'));
  expect(back).toMatchObject({ outcome: { is: 'done' }, migration: { transport: 'relay' } });
  await seen(desk, one, 'tiny1');
  await expectTidy();
});

test('a guest with a volume of its own: disk and memory go by two connections through the desktop', async () => {
  await make(own);
  await seen(desk, one, own.name);
  await writes(1, own.disk, own.name, 5);
  const before = await newest(1, own.disk, own.name);
  const task = await ended(desk, await begin(desk, one, two, own.name));
  expect(task.outcome).toEqual({ is: 'done' });
  expect(task.migration).toMatchObject({ transport: 'relay', disks: { same: true } });
  await seen(desk, two, own.name);
  await pause(8000);
  await expectUnbroken(2, own.disk, own.name, before);
  await expectTidy();
  await Promise.all([clean(1), clean(2)]);
});

test.each([1, 2] as const)('the desktop’s line to host %i is cut while memory goes over: the guest goes on at the source', async (n) => {
  await tinyHome();
  const before = await newest(1, disk, 'tiny1');
  const taskId = await begin(desk, one, two, 'tiny1');
  await copying(taskId);
  await cutLink(n);
  expect((await ended(desk, taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.relayCut' } });
  await seen(desk, one, 'tiny1');
  expect(await domidOf(2, 'tiny1')).toBe('');
  await pause(5000);
  await expectUnbroken(1, disk, 'tiny1', before);
  expect(await sh(1, 'ls /etc/xen/tiny1.cfg')).toBe('/etc/xen/tiny1.cfg');
  await untilTidy();
});

test('the program ends while it carries: the guest goes on, and the next one that connects tidies up', async () => {
  await tinyHome();
  const before = await newest(1, disk, 'tiny1');
  const taskId = await begin(desk, one, two, 'tiny1');
  await copying(taskId);
  desk.close();
  await sit();
  // the new one knows it as interrupted until it has found the job
  const found = await desk.until('how it ended', () => desk.tasks.get(taskId)?.outcome?.is === 'failed' && desk.tasks.get(taskId), MOVE_MS);
  expect(found).toMatchObject({ outcome: { problem: { code: 'move.relayCut' } }, foreign: false });
  await seen(desk, one, 'tiny1');
  await pause(5000);
  await expectUnbroken(1, disk, 'tiny1', before);
  await untilTidy();
});

test('an sshd that forwards nothing is told of, by its own name', async () => {
  await tinyHome();
  const guest = await seen(desk, one, 'tiny1');
  const conf = '/etc/ssh/sshd_config.d/xenferry-test.conf';
  await sh(2, `mkdir -p "\${1%/*}"; echo 'AllowTcpForwarding no' >"$1"; systemctl reload ssh || kill -HUP "$(cat /run/sshd.pid)"`, conf);
  try {
    await cutLink(2); // what is connected keeps the settings it came in with
    await pause(2000);
    await desk.until('host 2 again', () => desk.hosts.get(two)?.link.is === 'open', MOVE_MS);
    const check = await desk.client.call('migration.check', { hostId: one, guestId: guest.guestId, targetHostId: two });
    expect(check.transport).toBeNull();
    const codes = check.checks.flatMap((found) => (found.verdict === 'bad' ? (found.problem ?? []) : []));
    expect(codes).toMatchObject([{ code: 'move.unreachable' }, { code: 'move.relayRefused', host: 'xen2' }]);
  } finally {
    await sh(2, 'rm -f "$1"; systemctl reload ssh || kill -HUP "$(cat /run/sshd.pid)"', conf);
  }
});
