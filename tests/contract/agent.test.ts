import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Guest } from '../../electron/contract/guest.ts';
import type { Task } from '../../electron/contract/task.ts';
import type { Transport } from '../../electron/contract/transport.ts';
import { jobsOf } from '../../electron/demo/model/jobs.ts';
import { incomingOf } from '../../electron/demo/model/moves.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { endsOf, simulatedWorld } from './simulated.ts';
import { waiting } from './waiting.ts';
import { deskWithHosts, inputOf } from './world.ts';

/** A target that takes no key files: the source logs in there by the operator's own agent, a real one, and nothing is written. */

const run = promisify(execFile);
let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
let first: string;
let second: string;
let source: SimHost;
let target: SimHost;
let folder: string;
let socket: string;
let endAgent: () => void;

const own = () => {
  const made = world.makeWorld();
  return { ...made, desktop: { ...made.desktop, agent: socket } };
};
const sit = async () => {
  ({ desk, first, second } = await deskWithHosts(world, own()));
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xf-agent-'));
  socket = join(folder, 'own');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  endAgent = () => void agent.kill();
  await vi.waitFor(() => expect(existsSync(socket)).toBe(true));
  for (const name of ['other', 'good']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    await run('ssh-add', ['-q', join(folder, name)], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
  }
  world = await simulatedWorld();
  ({ source, target } = endsOf(world));
  target.authorized.push(readFileSync(join(folder, 'good.pub'), 'utf8'));
  world.demo.fault(world.hosts[1].address, { is: 'noKeyFiles' });
  await sit();
});
afterEach(async () => {
  desk.close();
  await world.close();
  endAgent();
  rmSync(folder, { recursive: true, force: true });
});

const seen = (name: string): Promise<Guest> => desk.until(`${name} there`, () => desk.guest(first, name));
const on = async (name: string, transport: Transport | null = 'agent') => ({
  hostId: first,
  guestId: (await seen(name)).guestId,
  targetHostId: second,
  transport,
});
const start = async (name: string, more: object = {}): Promise<string> =>
  (await desk.client.call('migration.start', { ...(await on(name)), ...more })).taskId;
const { ended } = waiting(() => desk);
const phase = (taskId: string, wanted: Task['phase']) => desk.until(wanted, () => desk.tasks.get(taskId)?.phase === wanted, 20_000);
const runsAt = (name: string): SimHost[] =>
  [source, target].filter((host) => [...host.domains.values()].some((one) => one.config.name === name && one.runs));
const badOf = async (name: string, transport: Transport | null = 'agent') => {
  const check = await desk.client.call('migration.check', await on(name, transport));
  return { check, bad: check.checks.flatMap((one) => (one.verdict === 'bad' ? one.problem : [])) };
};
/** Nothing of a move is left on either host, and nobody asks the agent. */
const tidy = async (): Promise<void> => {
  await desk.until('both links', () => [first, second].every((id) => desk.hosts.get(id)?.link.is === 'open'), 20_000);
  await expect.poll(() => [...incomingOf(target).keys()], { timeout: 20_000 }).toEqual([]);
  await expect.poll(() => [...source.sockets.keys()], { timeout: 20_000 }).toEqual([]);
  for (const host of [source, target]) expect(host.files.stat('/root/.ssh/authorized_keys')?.text ?? '').not.toContain('xenferry');
};

test('no way leads there by a key; the agent is offered, and given to no host before it is chosen', async () => {
  const listened: number[] = [];
  const looking = setInterval(() => listened.push(source.sockets.size), 1);
  const { check, bad } = await badOf(world.guests.moves, null);
  clearInterval(looking);
  expect(check.transport).toBeNull();
  expect(bad).toMatchObject([{ code: 'move.rootLoginRefused' }]);
  expect(check.transports.map((one) => [one.is, one.problem?.code ?? null])).toEqual([
    ['key', 'move.rootLoginRefused'],
    ['relay', 'move.rootLoginRefused'],
    ['agent', null],
  ]);
  expect(Math.max(...listened)).toBe(0);
});

test('chosen, it is tried, told of, and closed again', async () => {
  const { check, bad } = await badOf(world.guests.moves);
  expect(bad).toEqual([]);
  expect(check).toMatchObject({ transport: 'agent', reachAddress: target.about.ownAddress });
  expect(check.checks.find((one) => one.what === 'reach')).toMatchObject({
    verdict: 'warning',
    problem: { code: 'move.byAgent', from: world.hosts[0].label, to: world.hosts[1].label },
  });
  expect(check.transports.at(-1)).toMatchObject({ is: 'agent', problem: null });
  await tidy();
});

test('it moves, running, and nothing is ever written into authorized_keys', async () => {
  const { slow: moves } = world.guests;
  const lines: string[] = [];
  const look = setInterval(() => lines.push(target.files.stat('/root/.ssh/authorized_keys')?.text ?? ''), 5);
  const task = await ended(await start(moves));
  clearInterval(look);
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  expect(task.migration?.transport).toBe('agent');
  expect(runsAt(moves)).toEqual([target]);
  expect(lines.join('')).not.toContain('xenferry');
  await tidy();
});

test('a guest with disks of its own goes by two connections, each signed for once', async () => {
  const task = await ended(await start('wiki'));
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  expect(task.migration).toMatchObject({ transport: 'agent', disks: { same: true } });
  expect(runsAt('wiki')).toEqual([target]);
  await tidy();
});

test('with a stop its disks go by it too', async () => {
  const { stopped } = (await badOf('wiki')).check;
  expect(stopped).toMatchObject({ transport: 'agent' });
  const task = await ended(await start('wiki', { stop: true }));
  expect(task.outcome, task.log.join('\n')).toEqual({ is: 'done' });
  expect(task).toMatchObject({ kind: 'guest.moveStopped', migration: { transport: 'agent', disks: { same: true } } });
  expect(runsAt('wiki')).toEqual([target]);
  await tidy();
});

test('once it has connected the desktop may go: both hosts finish, and the next one hears of it', async () => {
  const { slow: moves } = world.guests;
  const taskId = await start(moves);
  await phase(taskId, 'copyingMemory');
  expect([...source.sockets.keys()]).toEqual([]); // nobody needs it any more
  desk.close();
  await expect.poll(() => jobsOf(source).get(taskId)?.exit, { timeout: 30_000 }).toBe(0);
  expect(runsAt(moves)).toEqual([target]);
  await sit();
  const task = await ended(taskId);
  expect(task).toMatchObject({ foreign: true, outcome: { is: 'done' }, migration: { transport: 'agent' } });
  await tidy();
});

test('the desktop goes while disks go over, before memory has a connection: the guest stays, and what was made there goes', async () => {
  const taskId = await start('wiki');
  await desk.until('disks are copied', () => (desk.tasks.get(taskId)?.migration?.disks?.copiedBytes ?? 0) > 0, 20_000);
  desk.close();
  await expect.poll(() => jobsOf(source).get(taskId)?.exit, { timeout: 30_000 }).toBe(1);
  expect(runsAt('wiki')).toEqual([source]);
  await sit();
  expect((await ended(taskId)).outcome).toMatchObject({ is: 'failed', problem: { code: 'move.agentCut', name: 'wiki' } });
  await tidy();
  expect(target.group('vg0')?.volumes.has('wiki')).toBe(false);
  expect(source.group('vg0')?.volumes.has('wiki')).toBe(true);
});

test('the agent goes before it was asked: the guest stays, and that is said', async () => {
  const { moves } = world.guests;
  await badOf(moves); // what was found holds for a moment
  const taskId = await start(moves);
  await expect.poll(() => source.sockets.size, { timeout: 20_000, interval: 1 }).toBe(1);
  endAgent();
  const task = await ended(taskId);
  expect(task.outcome).toMatchObject({ is: 'failed', problem: { code: 'move.agentCut', name: moves } });
  expect(runsAt(moves)).toEqual([source]);
  await tidy();
});

test.each([
  {
    name: 'the source’s sshd lets no socket be opened',
    code: 'move.agentDoor',
    do: () => world.demo.fault(world.hosts[0].address, { is: 'noSockets' }),
  },
  { name: 'the target takes none of its keys', code: 'move.agentRefused', do: () => void target.authorized.splice(0) },
  {
    name: 'nothing leads straight there',
    code: 'move.unreachable',
    do: () => world.demo.fault(world.hosts[1].address, { is: 'apart', on: true }),
  },
  { name: 'no agent runs', code: 'auth.agentMissing', do: () => endAgent() },
])('$name: that is said, and it can’t be begun', async ({ code, do: hinder }) => {
  hinder();
  await vi.waitFor(() => expect(code !== 'auth.agentMissing' || !existsSync(socket)).toBe(true));
  const { check, bad } = await badOf(world.guests.moves);
  expect(check.transport).toBeNull();
  expect(bad).toMatchObject([{ code }]);
  expect(check.transports.at(-1)).toMatchObject({ is: 'agent', problem: { code } });
  expect((await ended(await start(world.guests.moves))).outcome).toMatchObject({ is: 'failed', problem: { code } });
  await tidy();
});

test('a target where sudo asks for a password is told of, without trying', async () => {
  desk.close();
  desk = await openDesk(own(), world.limits);
  const [one, two] = world.hosts;
  const add = async (host: typeof one, more: object) =>
    (await desk.client.call('host.add', { host: { ...inputOf(world, host), ...more }, accept: host.fingerprint })).hostId;
  first = await add(one, {});
  second = await add(two, { user: 'clerk', sudoPassword: two.password });
  await desk.until('both seen', () => [first, second].every((id) => desk.hosts.get(id)?.seenAt), 20_000);
  const { bad } = await badOf(world.guests.moves);
  expect(bad).toMatchObject([{ code: 'move.agentSudo', host: two.label }]);
});

test('it can’t wait for a time: the desktop would have to be there', async () => {
  const at = Date.now() + 60_000;
  expect(await problemOf(start(world.guests.moves, { at }))).toMatchObject({ code: 'move.laterAgent' });
});
