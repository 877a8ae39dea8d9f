import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { ProblemError } from '../../contract/problem.ts';
import { limits } from '../limits.ts';
import { createRemote } from '../remote/overSsh.ts';
import linkText from '../remote/programs/move-link.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf } from '../remote/said.ts';
import { openSession } from '../ssh/session.ts';
import { dialLocal, newHostKey, runningClock, startTestServer, type TestServer, type TestServerOptions } from '../ssh/testServer.ts';
import { knownHostsOf, parseReach, reachPrograms, type SshServer } from './reach.ts';
import { openRelay, type Relay } from './relay.ts';
import { speedBetween } from './speed.ts';

/** Real SSH servers as source and target, the real programs, and this machine's own ssh and ssh-keyscan on the "source". */

vi.setConfig({ testTimeout: 60_000 });
const run = promisify(execFile);
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

interface End {
  server: TestServer;
  remote: Remote;
}

async function open(options: TestServerOptions = {}): Promise<End> {
  const server = await startTestServer(options);
  ending.push(() => server.close());
  const session = await openSession({
    address: '127.0.0.1',
    port: server.port,
    user: 'root',
    credentials: { by: 'password', password: '' },
    socket: (signal) => dialLocal(server.port, signal),
    judge: () => null,
    clock: runningClock,
    limits,
  });
  ending.push(() => session.close());
  const world = { clock: runningClock, random: { bytes: randomBytes } };
  return { server, remote: createRemote({ session, root: { by: 'direct' }, address: 'host', user: 'root', world, limits }) };
}

async function keyOf(hostKey: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'xenferry-relay-'));
  ending.push(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'key'), hostKey, { mode: 0o600 });
  return (await run('ssh-keygen', ['-y', '-f', join(folder, 'key')])).stdout.trim();
}

async function sshdOf(port: number, hostKey: string): Promise<SshServer> {
  const [type = '', blob = ''] = (await keyOf(hostKey)).split(' ');
  return { ports: [port], permitRoot: 'yes', keysFile: '/root/.ssh/authorized_keys', hostKeys: [{ type, blob }], addresses: [] };
}

async function twoEnds(options: { source?: TestServerOptions; target?: TestServerOptions } = {}) {
  const hostKey = newHostKey();
  const [source, target] = [await open(options.source), await open({ hostKey, ...options.target })];
  const server = await sshdOf(target.server.port, hostKey);
  const relay = () => openRelay({ source: source.remote, target: target.remote, from: 'tokyo', to: 'osaka' }, server, runningClock);
  return { source, target, server, relay };
}

async function opened(relay: Promise<Relay>): Promise<Relay> {
  const made = await relay;
  ending.push(() => made.close());
  return made;
}

/** The job's folder, as far as `link` needs it. */
function jobFolder(relay: Relay, server: SshServer): string {
  const folder = mkdtempSync(join(tmpdir(), 'xenferry-job-'));
  ending.push(() => rmSync(folder, { recursive: true }));
  const files = { address: relay.way.address, port: String(relay.way.port), link: linkText, known_hosts: knownHostsOf(server).trimEnd() };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), `${text}\n`);
  writeFileSync(join(folder, 'key'), newHostKey(), { mode: 0o600 });
  return folder;
}

const refusal = (relay: Promise<unknown>) =>
  relay.then(
    () => null,
    (thrown: unknown) => (thrown instanceof ProblemError ? thrown.problem : thrown),
  );
const dial = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
  });
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => (socket.destroyed ? resolve() : void socket.once('close', () => resolve())));

test('the source’s own ssh-keyscan sees the target’s key at the other end, and nobody else’s is taken for it', async () => {
  const { source, server, relay } = await twoEnds();
  const { way } = await opened(relay());
  expect(way).toMatchObject({ address: '127.0.0.1', from: '127.0.0.1' });
  const ran = await source.remote.program(reachPrograms.reach, ['8', 'ed25519', String(way.port), way.address]);
  expect(parseReach(linesOf('move-reach', ran), server, way.port)).toMatchObject([{ address: '127.0.0.1', port: way.port }]);
  const [type = '', blob = ''] = (await keyOf(newHostKey())).split(' ');
  expect(parseReach(linesOf('move-reach', ran), { ...server, hostKeys: [{ type, blob }] }, way.port)).toEqual([]);
});

test('`link` on the source carries megabytes to the target and back, unchanged, by ssh that we can’t read', async () => {
  const { target, server, relay } = await twoEnds({ target: { commands: { 'xenferry-receive': 'exec cat' } } });
  const folder = jobFolder(await opened(relay()), server);
  const bytes = randomBytes(12 * 1024 * 1024);
  writeFileSync(join(folder, 'in'), bytes);
  await run('sh', ['-c', 'sh "$1/link" xenferry-receive <"$1/in" >"$1/out"', 'sh', folder]);
  const sum = (data: Buffer) => createHash('sha256').update(data).digest('hex');
  expect(sum(readFileSync(join(folder, 'out')))).toBe(sum(bytes));
  expect(target.server.ran).toEqual(['xenferry-receive']);
});

test('a target with another key than the pinned one hears nothing', async () => {
  const { target, server, relay } = await twoEnds({ target: { commands: { 'xenferry-receive': 'exec cat' } } });
  const [type = '', blob = ''] = (await keyOf(newHostKey())).split(' ');
  const folder = jobFolder(await opened(relay()), { ...server, hostKeys: [{ type, blob }] });
  const tried = run('sh', [join(folder, 'link'), 'xenferry-receive']);
  await expect(tried).rejects.toThrow(/[Hh]ost key verification failed/);
  expect(target.server.ran).toEqual([]);
});

test.each(['source', 'target'] as const)(
  'the link to the %s breaks: the transport ends at once, and so does what it started',
  async (end) => {
    const ends = await twoEnds({ target: { commands: { 'xenferry-receive': 'echo $$; exec cat' } } });
    const folder = jobFolder(await opened(ends.relay()), ends.server);
    const carrying = run('sh', ['-c', 'mkfifo "$1/in"; exec 3<>"$1/in"; sh "$1/link" xenferry-receive <"$1/in" >"$1/out"', 'sh', folder]);
    const failed = expect(carrying).rejects.toMatchObject({
      code: 255,
      stderr: expect.stringMatching(/[Cc]onnection.*(closed|reset)|send disconnect/),
    });
    const said = () => (existsSync(join(folder, 'out')) ? readFileSync(join(folder, 'out'), 'utf8') : '');
    await vi.waitFor(() => expect(said()).toContain('\n'), 10_000);
    const receiver = `/proc/${said().trim()}`;
    expect(existsSync(receiver)).toBe(true);
    ends[end].server.cut();
    await failed;
    await vi.waitFor(() => expect(existsSync(receiver)).toBe(false), 10_000);
  },
);

test('a slow taker holds up the giver: nothing is gathered in between', async () => {
  const asleep = createServer((socket) => void socket.pause());
  await new Promise<void>((resolve) => asleep.listen(0, '127.0.0.1', resolve));
  ending.push(() => asleep.close());
  const { port } = asleep.address() as AddressInfo; // it listens on TCP
  const { source, target, server } = await twoEnds();
  const ends = { source: source.remote, target: target.remote, from: 'tokyo', to: 'osaka' };
  const { way } = await opened(openRelay(ends, { ...server, ports: [port] }, runningClock));
  const giver = await dial(way.port);
  const piece = Buffer.alloc(1024 * 1024);
  let given = 0;
  const give = () => {
    while (given < 300) {
      given += 1;
      if (!giver.write(piece)) return;
    }
  };
  giver.on('drain', give);
  give();
  let before = -1;
  await vi.waitFor(
    () => {
      const still = given === before;
      before = given;
      expect(still).toBe(true);
    },
    { timeout: 30_000, interval: 1000 },
  );
  // the buffers of two channels and of the sockets around them
  expect(given).toBeGreaterThan(1);
  expect(given).toBeLessThan(60);
  giver.destroy();
});

test('nobody comes in after it was closed, and who was in is out', async () => {
  const { relay } = await twoEnds();
  const made = await opened(relay());
  const inside = await dial(made.way.port);
  made.close();
  await closed(inside);
  await vi.waitFor(() => expect(dial(made.way.port)).rejects.toThrow('ECONNREFUSED'));
});

test('the port ends with the link', async () => {
  const { source, relay } = await twoEnds();
  const { way } = await opened(relay());
  source.server.cut();
  await vi.waitFor(() => expect(dial(way.port)).rejects.toThrow('ECONNREFUSED'));
});

test('no more than a few come in at once', async () => {
  const { relay } = await twoEnds();
  const { way } = await opened(relay());
  const all = await Promise.all(Array.from({ length: 6 }, () => dial(way.port)));
  await vi.waitFor(() => expect(all.filter((one) => one.destroyed)).toHaveLength(2));
});

test.each([
  { name: 'the source', options: { source: { forwarding: 'no' } }, host: 'tokyo' },
  { name: 'the source, which forwards only from here', options: { source: { forwarding: 'local' } }, host: 'tokyo' },
  { name: 'the target', options: { target: { forwarding: 'no' } }, host: 'osaka' },
] as const)('$name does not let us forward: that is said of it', async ({ options, host }) => {
  const { relay } = await twoEnds(options);
  expect(await refusal(relay())).toMatchObject({ code: 'move.relayRefused', host, effect: 'none' });
});

test('a source that only listens and a target that only connects are enough', async () => {
  const { relay } = await twoEnds({ source: { forwarding: 'remote' }, target: { forwarding: 'local' } });
  expect(await refusal(opened(relay()))).toBeNull();
});

test('its speed is measured through both links, once for several guests', async () => {
  const { source, target } = await twoEnds();
  const world = { clock: runningClock, random: { bytes: randomBytes } };
  const [first, second] = [speedBetween(world, source.remote, target.remote), speedBetween(world, source.remote, target.remote)];
  expect(await first).toBeGreaterThan(1_000_000);
  expect(await second).toBe(await first);
  const asked = source.server.ran.filter((line) => line.includes('move-speed')).length;
  expect(asked).toBeGreaterThanOrEqual(2);
  expect(asked).toBeLessThanOrEqual(4);
});

test('a host that has not the means to be measured says nothing, and hinders nothing', async () => {
  const { source, target } = await twoEnds({ source: { commands: { base64: 'exit 1', head: 'exit 1', sh: 'exit 1' } } });
  const world = { clock: runningClock, random: { bytes: randomBytes } };
  expect(await speedBetween(world, source.remote, target.remote)).toBeNull();
});
