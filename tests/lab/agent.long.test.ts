import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Task } from '../../electron/contract/task.ts';
import type { Desk } from '../contract/desk.ts';
import { labFolder } from './labRemote.ts';
import { clean, localGuests, make } from './localDisks.ts';
import {
  atEnd,
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
 * Real hosts, and a real ssh-agent with the lab's key and another one: the source logs in at the target by it. authorized_keys of the
 * target may not be written at all meanwhile: it can't be, and nobody tries. Uses tiny1 on shared storage and a guest with a volume of its own.
 */

const run = promisify(execFile);
const disk = '/dev/vgshared/tiny1';
const own = localGuests.volume;
let desk: Desk;
let data = '';
let agent: ChildProcess;
let [one, two] = ['', ''];
let config = '';

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));
const socket = () => join(data, 'own');

async function startAgent(): Promise<void> {
  agent = spawn('ssh-agent', ['-D', '-a', socket()], { stdio: 'ignore' });
  await vi.waitFor(() => expect(existsSync(socket())).toBe(true));
  // ssh-add takes no key file that others may read
  await copyFile(join(labFolder, 'lab_key'), join(data, 'key'));
  await chmod(join(data, 'key'), 0o600);
  for (const key of ['other', 'key']) await run('ssh-add', ['-q', join(data, key)], { env: { ...process.env, SSH_AUTH_SOCK: socket() } });
}

async function sit(): Promise<void> {
  const sat = await sitDown(data, socket());
  desk = sat.desk;
  [one, two] = sat.ids;
}

/** What authorized_keys is, and when it was written or replaced last. */
const keysOf = (n: 1 | 2) => sh(n, 'stat -c "%i %y %z" /root/.ssh/authorized_keys; sha256sum /root/.ssh/authorized_keys');

/** Neither host has a folder, a socket or half a guest of a move. */
async function untilTidy(): Promise<void> {
  const left = async () =>
    await Promise.all(
      ([1, 2] as const).map((n) =>
        sh(
          n,
          `grep xenferry- /root/.ssh/authorized_keys
          ls /var/lib/xenferry/incoming 2>/dev/null
          ls -d /run/xenferry-agent.* 2>/dev/null
          find /etc/xen -name '.xenferry*'
          ls /var/lib/xenferry/jobs/*/key 2>/dev/null
          xl list | grep -E -- "(tiny1|$1)--"`,
          own.name,
        ),
      ),
    );
  const until = Date.now() + MOVE_MS;
  while ((await left()).join('') !== '' && Date.now() < until) await pause(5000);
  expect(await left()).toEqual(['', '']);
}

/** tiny1 runs on host 1, its config only there. */
async function tinyHome(): Promise<number> {
  await Promise.all(([1, 2] as const).map((n) => sh(n, 'xl destroy tiny1 2>/dev/null; rm -f /etc/xen/auto/tiny1.cfg')));
  await sh(1, '[ -e /etc/xen/tiny1.cfg ] || printf %s "$1" | base64 -d >/etc/xen/tiny1.cfg', config);
  await sh(2, 'rm -f /etc/xen/tiny1.cfg');
  await sh(1, 'xl create /etc/xen/tiny1.cfg >/dev/null');
  await seen(desk, one, 'tiny1');
  await writes(1, disk, 'tiny1', 3);
  return await newest(1, disk, 'tiny1');
}

async function begin(from: string, to: string, name: string): Promise<string> {
  const { guestId } = await seen(desk, from, name);
  return (await desk.client.call('migration.start', { hostId: from, guestId, targetHostId: to, transport: 'agent' })).taskId;
}
const toldOf = (task: Task) => task.log.join('\n');

beforeAll(async () => {
  await openEyes();
  config = await sh(1, 'vgchange -q -ay vgshared >/dev/null 2>&1; base64 -w0 /etc/xen/tiny1.cfg');
  await Promise.all([clean(1), clean(2)]);
  data = await folder();
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(data, 'other')]);
  await startAgent();
  atEnd(() => agent.kill());
  await sit();
});
afterEach(async () => {
  if (agent.exitCode !== null || agent.killed) await startAgent();
});
afterAll(() =>
  closeAll(async () => {
    const back = 'xl destroy tiny1 2>/dev/null; printf %s "$1" | base64 -d >/etc/xen/tiny1.cfg';
    await Promise.all([sh(1, back, config), sh(2, back, config), clean(1), clean(2)]);
  }),
);

test('a guest moves live by it, there and back, and authorized_keys is never written', async () => {
  const before = await tinyHome();
  const keys = [await keysOf(1), await keysOf(2)];
  const { guestId } = await seen(desk, one, 'tiny1');
  const check = await desk.client.call('migration.check', { hostId: one, guestId, targetHostId: two, transport: 'agent' });
  expect(check.checks.filter((found) => found.verdict === 'bad')).toEqual([]);
  expect(check.transport).toBe('agent');
  expect(check.checks.find((found) => found.what === 'reach')).toMatchObject({ verdict: 'warning', problem: { code: 'move.byAgent' } });
  await untilTidy(); // the look leaves nothing
  const task = await ended(desk, await begin(one, two, 'tiny1'));
  expect(task.outcome, toldOf(task)).toEqual({ is: 'done' });
  expect(task.migration?.transport).toBe('agent');
  process.stdout.write(`agent: ${task.migration?.wallMs} ms, stood still ${task.migration?.downtimeMs} ms\n`);
  await seen(desk, two, 'tiny1');
  expect(await domidOf(1, 'tiny1')).toBe('');
  await expectUnbroken(2, disk, 'tiny1', before);
  expect(await sh(1, 'ls /etc/xen/tiny1.cfg 2>/dev/null')).toBe('');
  expect(await sh(2, 'ls /etc/xen/tiny1.cfg')).toBe('/etc/xen/tiny1.cfg');
  const back = await ended(desk, await begin(two, one, 'tiny1'));
  expect(back, toldOf(back)).toMatchObject({ outcome: { is: 'done' }, migration: { transport: 'agent' } });
  await seen(desk, one, 'tiny1');
  expect([await keysOf(1), await keysOf(2)]).toEqual(keys);
  await untilTidy();
});

test('a guest with a volume of its own goes by two connections', async () => {
  await make(own);
  await seen(desk, one, own.name);
  await writes(1, own.disk, own.name, 5);
  const before = await newest(1, own.disk, own.name);
  const keys = await keysOf(2);
  const task = await ended(desk, await begin(one, two, own.name));
  expect(task.outcome, toldOf(task)).toEqual({ is: 'done' });
  expect(task.migration).toMatchObject({ transport: 'agent', disks: { same: true } });
  await seen(desk, two, own.name);
  await pause(8000);
  await expectUnbroken(2, own.disk, own.name, before);
  expect(await keysOf(2)).toBe(keys);
  await untilTidy();
  await Promise.all([clean(1), clean(2)]);
});

test('the agent goes before the source has connected: the guest goes on there, and that is said', async () => {
  const before = await tinyHome();
  const { guestId } = await seen(desk, one, 'tiny1');
  // what was looked at holds for a moment, so the agent is next asked by the move itself
  await desk.client.call('migration.check', { hostId: one, guestId, targetHostId: two, transport: 'agent' });
  const taskId = await begin(one, two, 'tiny1');
  await desk.until('it prepares', () => desk.tasks.get(taskId)?.phase === 'preparing', MOVE_MS);
  while ((await sh(1, 'ls /run/xenferry-agent.*/agent 2>/dev/null')) === '') await pause(50);
  agent.kill();
  expect((await ended(desk, taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.agentCut', name: 'tiny1' } });
  await seen(desk, one, 'tiny1');
  expect(await domidOf(2, 'tiny1')).toBe('');
  await pause(5000);
  await expectUnbroken(1, disk, 'tiny1', before);
  expect(await sh(1, 'ls /etc/xen/tiny1.cfg')).toBe('/etc/xen/tiny1.cfg');
  await untilTidy();
});

test('the program ends once memory goes over: both hosts finish, and the next one that connects hears of it', async () => {
  const before = await tinyHome();
  const taskId = await begin(one, two, 'tiny1');
  await desk.until(
    'memory goes over',
    () => desk.tasks.get(taskId)?.phase === 'copyingMemory' && (desk.tasks.get(taskId)?.migration?.sentBytes ?? 0) > 5_000_000,
    MOVE_MS,
  );
  desk.close();
  agent.kill();
  await sit();
  const found = await desk.until('how it ended', () => desk.tasks.get(taskId)?.outcome?.is === 'done' && desk.tasks.get(taskId), MOVE_MS);
  expect(found).toMatchObject({ migration: { transport: 'agent' } });
  await seen(desk, two, 'tiny1');
  await expectUnbroken(2, disk, 'tiny1', before);
  await untilTidy();
});
