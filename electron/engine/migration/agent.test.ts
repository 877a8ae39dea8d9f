import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type AuthContext } from 'ssh2';
import { afterEach, expect, test, vi } from 'vitest';
import { ProblemError } from '../../contract/problem.ts';
import { limits } from '../limits.ts';
import { createRemote } from '../remote/overSsh.ts';
import linkText from '../remote/programs/move-link.sh?raw';
import { shells } from '../remote/programTest.ts';
import type { Login, Remote } from '../remote/remote.ts';
import { type AgentMessage, agentTypes, identitiesIn } from '../ssh/agentWire.ts';
import { createAnswers } from '../ssh/narrowedAgent.ts';
import { openSession } from '../ssh/session.ts';
import { dialLocal, newHostKey, runningClock, startTestServer, type TestServer, type TestServerOptions } from '../ssh/testServer.ts';
import { wireBytes, wireNumber } from '../ssh/wire.ts';
import { type AgentDoor, asRoot, openAgentDoor, tryAgent } from './agent.ts';
import { knownHostsOf, type SshServer, type Way } from './reach.ts';

/** A real ssh-agent with three keys, real SSH servers as source and target, and this machine's own ssh on the "source". */

vi.setConfig({ testTimeout: 60_000 });
const run = promisify(execFile);
const me = userInfo().username;
const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'xf-agent-'));
  ending.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const blobOf = (line: string): Buffer => Buffer.from(line.trim().split(' ')[1] ?? '', 'base64');

/** An agent with these keys; their public halves. */
async function startAgent(names: readonly string[]) {
  const at = folder();
  const socket = join(at, 'own');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  ending.push(() => agent.kill());
  await vi.waitFor(() => expect(existsSync(socket)).toBe(true));
  const keys: Record<string, Buffer> = {};
  for (const name of names) {
    const type = name === 'rsa' ? ['-t', 'rsa', '-b', '2048'] : ['-t', 'ed25519'];
    await run('ssh-keygen', ['-q', ...type, '-N', '', '-C', `${name} of mine`, '-f', join(at, name)]);
    await run('ssh-add', ['-q', join(at, name)], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    keys[name] = blobOf(readFileSync(join(at, `${name}.pub`), 'utf8'));
  }
  return { at, socket, agent: ssh2.createAgent(socket), keyOf: (name: string) => keys[name] ?? Buffer.alloc(0) };
}

/** Lets in who signs with this key, as an sshd does. */
const only =
  (key: Buffer) =>
  (context: AuthContext): void => {
    const parsed = context.method === 'publickey' && key.equals(context.key.data) ? ssh2.utils.parseKey(context.key.data) : null;
    if (context.method !== 'publickey' || !parsed || parsed instanceof Error || Array.isArray(parsed)) context.reject(['publickey']);
    // without a signature it only asks whether it should
    else if (!context.signature || (context.blob && parsed.verify(context.blob, context.signature, context.hashAlgo) === true))
      context.accept();
    else context.reject(['publickey']);
  };

const openSshd = { ident: 'OpenSSH_9.2p1' };

async function ends(options: { target?: TestServerOptions; source?: TestServerOptions; names?: string[]; takes?: string } = {}) {
  const run_ = folder();
  process.env.XENFERRY_RUN = run_;
  ending.push(() => delete process.env.XENFERRY_RUN);
  const mine = await startAgent(options.names ?? ['other', 'good', 'third']);
  const hostKey = newHostKey();
  const source = await startTestServer({ server: openSshd, ...options.source });
  ending.push(() => source.close());
  const target = await startTestServer({ hostKey, auth: only(mine.keyOf(options.takes ?? 'good')), ...options.target });
  ending.push(() => target.close());
  const session = await openSession({
    address: '127.0.0.1',
    port: source.port,
    user: me,
    credentials: { by: 'password', password: '' },
    socket: (signal) => dialLocal(source.port, signal),
    judge: () => null,
    clock: runningClock,
    limits,
  });
  ending.push(() => session.close());
  const world = { clock: runningClock, random: { bytes: randomBytes } };
  const remote: Remote = createRemote({ session, root: { by: 'direct' }, address: 'host', user: me, world, limits });
  const parsed = ssh2.utils.parseKey(hostKey);
  if (parsed instanceof Error || Array.isArray(parsed)) throw new Error('host key');
  const blob = parsed.getPublicSSH().toString('base64');
  const server: SshServer = { ports: [], permitRoot: 'yes', keysFile: null, hostKeys: [{ type: 'ssh-ed25519', blob }], addresses: [] };
  const way: Way = { address: '127.0.0.1', port: target.port, from: null };
  const login: Login = { user: 'root', root: 'direct', key: null };
  const open = async (more: { key?: Buffer | null; logins?: number } = {}): Promise<AgentDoor> => {
    const narrowed = { agent: mine.agent, key: more.key === undefined ? mine.keyOf('good') : more.key, user: 'root', server };
    const door = await openAgentDoor(remote, { ...narrowed, logins: more.logins ?? 1 }, 'tokyo');
    ending.push(() => door.close());
    return door;
  };
  const tried = (door: AgentDoor, to: Partial<{ login: Login; server: SshServer }> = {}) =>
    tryAgent(remote, door, { login, server, way, host: 'osaka', ...to });
  return { mine, source, target, remote, server, way, login, open, tried, run: run_ };
}

/** The job's folder, as far as `link` needs it. */
function jobFolder(door: AgentDoor, { server, way }: { server: SshServer; way: Way }, asks: string): string {
  const at = folder();
  const files = { address: way.address, port: way.port, link: linkText, known_hosts: knownHostsOf(server).trimEnd() };
  const own = { agent: door.path, login: 'root', asks };
  for (const [name, text] of Object.entries({ ...files, ...own })) writeFileSync(join(at, name), `${text}\n`);
  return at;
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (thrown: unknown) => (thrown instanceof ProblemError ? thrown.problem : thrown),
  );
const askedBy = (socket: string) => ({ env: { ...process.env, SSH_AUTH_SOCK: socket } });
const heard = (target: TestServer) => target.ran.map((line) => line.trim());

test.each(shells.map((words) => ({ name: words.join(' '), words })))(
  '`link` under $name logs in by the operator’s agent, names our program, and carries megabytes both ways',
  async ({ words: [shell, ...before] }) => {
    const made = await ends({ target: { commands: { 'receive-here': 'exec cat' } } });
    const door = await made.open({ logins: 2 });
    const job = jobFolder(door, made, 'receive-here');
    const bytes = randomBytes(4 * 1024 * 1024);
    writeFileSync(join(job, 'in'), bytes);
    const script = 'link=$1 job=$2; shift 2; "$@" "$job/link" "$link" <"$job/in" >"$job/out"';
    const link = (word: string) => run('sh', ['-c', script, 'sh', word, job, shell, ...before]);
    const sum = (data: Buffer) => createHash('sha256').update(data).digest('hex');
    for (const word of ['xenferry-disks', 'xenferry-receive']) {
      await link(word);
      expect(sum(readFileSync(join(job, 'out')))).toBe(sum(bytes));
    }
    expect(heard(made.target)).toEqual(['receive-here disks', 'receive-here']);
    expect(door.used()).toEqual(made.mine.keyOf('good'));
    // both have come in: nobody is answered any more
    await expect(link('xenferry-receive')).rejects.toThrow(/Permission denied/);
    expect(heard(made.target)).toHaveLength(2);
  },
);

test('only that one key is shown, without its name, and nothing can be put in, taken out, locked or signed', async () => {
  const made = await ends();
  const { path } = await made.open();
  const shown = (await run('ssh-add', ['-L'], askedBy(path))).stdout.trim().split('\n');
  expect(shown).toHaveLength(1);
  expect(blobOf(shown[0] ?? '')).toEqual(made.mine.keyOf('good'));
  expect(shown[0]).not.toContain('of mine');
  await expect(run('ssh-add', ['-D'], askedBy(path))).rejects.toThrow();
  await expect(run('ssh-add', ['-d', join(made.mine.at, 'good.pub')], askedBy(path))).rejects.toThrow();
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(made.mine.at, 'strange')]);
  await expect(run('ssh-add', [join(made.mine.at, 'strange')], askedBy(path))).rejects.toThrow();
  writeFileSync(join(made.mine.at, 'text'), 'pay them');
  const signing = ['-Y', 'sign', '-n', 'git', '-f', join(made.mine.at, 'good.pub'), join(made.mine.at, 'text')];
  rmSync(join(made.mine.at, 'good')); // or ssh-keygen would sign with the file
  await expect(run('ssh-keygen', signing, askedBy(path))).rejects.toThrow();
  const held = (await run('ssh-add', ['-L'], askedBy(made.mine.socket))).stdout.trim().split('\n');
  expect(held).toHaveLength(3);
  await run('ssh-keygen', signing, askedBy(made.mine.socket)); // the agent itself would have signed
});

test('it stands in a folder of the login user that nobody else can enter, and both go', async () => {
  const made = await ends();
  const door = await made.open();
  const at = join(door.path, '..');
  expect(statSync(at).mode & 0o777).toBe(0o700);
  expect(statSync(at).uid).toBe(userInfo().uid);
  await door.close();
  expect(readdirSync(made.run)).toEqual([]);
  await expect(run('ssh-add', ['-L'], askedBy(door.path))).rejects.toThrow();
});

test('tried: the source’s own ssh logs in once and says a word there', async () => {
  const made = await ends();
  const door = await made.open({ key: null });
  expect(await refusal(made.tried(door))).toBeNull();
  expect(heard(made.target)).toEqual(['echo xenferry']);
  // of three keys the one that the target takes
  expect(door.used()).toEqual(made.mine.keyOf('good'));
  expect(await refusal(made.tried(door))).toMatchObject({
    code: 'move.agentRefused',
    host: 'osaka',
    said: expect.stringContaining('denied'),
  });
});

test('an RSA key signs as the server wants it', async () => {
  const made = await ends({ takes: 'rsa', names: ['other', 'rsa'] });
  const door = await made.open({ key: null });
  expect(await refusal(made.tried(door))).toBeNull();
  expect(door.used()).toEqual(made.mine.keyOf('rsa'));
});

test.each([
  { name: 'takes none of its keys', target: { auth: (context: AuthContext) => context.reject(['publickey']) }, said: 'Permission denied' },
  { name: 'says more than it was asked', target: { commands: { sudo: 'echo hello; echo xenferry' } }, said: 'xenferry' },
  { name: 'lets it do nothing', target: { commands: { sudo: 'echo "a password is required" >&2; exit 1' } }, said: 'password is required' },
])('a target that $name is told of', async ({ target, said }) => {
  const made = await ends({ target });
  const door = await made.open();
  const why = await refusal(made.tried(door, { login: { user: 'root', root: 'sudo', key: null } }));
  expect(why).toMatchObject({ code: 'move.agentRefused', host: 'osaka', said: expect.stringContaining(said) });
});

test('a target with another key than the pinned one is not logged in at', async () => {
  const made = await ends();
  const door = await made.open();
  const strange = ssh2.utils.parseKey(newHostKey());
  if (strange instanceof Error || Array.isArray(strange)) throw new Error('host key');
  const hostKeys = [{ type: 'ssh-ed25519', blob: strange.getPublicSSH().toString('base64') }];
  expect(await refusal(made.tried(door, { server: { ...made.server, hostKeys } }))).toMatchObject({ code: 'move.agentRefused' });
  expect(door.used()).toBeNull();
});

test('an sshd that lets no socket be opened is told by its name, and nothing is left there', async () => {
  const made = await ends({ source: { server: openSshd, sockets: 'no' } });
  expect(await refusal(made.open())).toMatchObject({ code: 'move.agentDoor', host: 'tokyo', effect: 'none' });
  expect(readdirSync(made.run)).toEqual([]);
});

test('the desktop goes before anybody has come: nobody comes in', async () => {
  const made = await ends({ target: { commands: { 'receive-here': 'exec cat' } } });
  const door = await made.open();
  const job = jobFolder(door, made, 'receive-here');
  made.source.cut();
  const tried = run('sh', [join(job, 'link'), 'xenferry-receive']);
  await expect(tried).rejects.toThrow(/root@127\.0\.0\.1: Permission denied \(/);
  expect(heard(made.target)).toEqual([]);
});

test('the desktop goes after the source has come in: what is carried goes on', async () => {
  const made = await ends({ target: { commands: { 'receive-here': 'echo in; exec cat' } } });
  const door = await made.open();
  const job = jobFolder(door, made, 'receive-here');
  const script = 'mkfifo "$1/in"; exec 3<>"$1/in"; sh "$1/link" xenferry-receive <"$1/in" >"$1/out" 3>&-';
  const carrying = spawn('sh', ['-c', script, 'sh', job], { detached: true, stdio: 'ignore' });
  ending.push(() => carrying.pid && process.kill(-carrying.pid));
  const out = () => (existsSync(join(job, 'out')) ? readFileSync(join(job, 'out'), 'utf8') : '');
  await vi.waitFor(() => expect(out()).toBe('in\n'), 10_000);
  made.source.cut();
  await new Promise((next) => setTimeout(next, 500));
  writeFileSync(join(job, 'in'), 'still here\n');
  await vi.waitFor(() => expect(out()).toBe('in\nstill here\n'), 10_000);
});

test('an agent that never answers holds nobody up for ever', async () => {
  const made = await ends();
  const silent = Object.assign(Object.create(made.mine.agent) as typeof made.mine.agent, { getStream: () => {} });
  const door = await openAgentDoor(made.remote, { agent: silent, key: null, user: 'root', server: made.server, logins: 1 }, 'tokyo');
  ending.push(() => door.close());
  const job = jobFolder(door, made, 'receive-here');
  const bin = folder();
  writeFileSync(join(bin, 'sleep'), '#!/bin/sh\nexec /bin/sleep 0.02\n', { mode: 0o755 }); // a minute passes quickly
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  await expect(run('sh', [join(job, 'link'), 'xenferry-receive'], { env })).rejects.toMatchObject({
    stderr: expect.stringContaining('xenferry: the agent does not answer'),
  });
});

test('a signature is given for a login as that user at that host by that key, as often as was said, and for nothing else', async () => {
  const mine = await startAgent(['good', 'other']);
  const there = Buffer.from('the key of the target');
  let left = 2;
  const count = { mayLogIn: () => left > 0, loggedIn: () => void left-- };
  const answer = createAnswers({ agent: mine.agent, key: mine.keyOf('good'), user: 'root', hostKeys: [there] }, count);
  const sign = (to: { user?: string; key?: Buffer; named?: Buffer; hostKey?: Buffer; service?: string }): Promise<AgentMessage> => {
    const { user = 'root', key = mine.keyOf('good'), hostKey } = to;
    const data = Buffer.concat([
      wireBytes(Buffer.alloc(32)),
      Buffer.of(50),
      wireBytes(user),
      wireBytes(to.service ?? 'ssh-connection'),
      wireBytes(hostKey ? 'publickey-hostbound-v00@openssh.com' : 'publickey'),
      Buffer.of(1),
      wireBytes('ssh-ed25519'),
      wireBytes(to.named ?? key),
      ...(hostKey ? [wireBytes(hostKey)] : []),
    ]);
    return answer(Buffer.concat([Buffer.of(agentTypes.signAsked), wireBytes(key), wireBytes(data), wireNumber(0)]));
  };
  const refused = Buffer.of(agentTypes.failure);
  expect(await sign({ user: 'admin' })).toEqual(refused);
  expect(await sign({ key: mine.keyOf('other') })).toEqual(refused);
  expect(await sign({ named: mine.keyOf('other') })).toEqual(refused);
  expect(await sign({ hostKey: Buffer.from('the key of another') })).toEqual(refused);
  expect(await sign({ service: 'ssh-userauth' })).toEqual(refused);
  for (const type of [1, 9, 17, 18, 19, 20, 22, 23, 25, 27, 240]) expect(await answer(Buffer.of(type))).toEqual(refused);
  expect(identitiesIn(await answer(Buffer.of(agentTypes.identitiesAsked)))).toEqual([{ key: mine.keyOf('good'), comment: '' }]);
  expect(left).toBe(2);
  const given = await Promise.all([sign({}), sign({ hostKey: there }), sign({}), sign({})]);
  expect(given.map(([type]) => type).sort((a = 0, b = 0) => a - b)).toEqual([5, 5, 14, 14]);
  expect(left).toBe(0);
});

test('a key that the agent does not hold says nothing of the others', async () => {
  const made = await ends();
  const { path } = await made.open({ key: Buffer.from('a key in a file') });
  expect((await run('ssh-add', ['-L'], askedBy(path))).stdout.trim().split('\n')).toHaveLength(3);
});

test('what is no message ends the connection, and nobody else’s', async () => {
  const made = await ends();
  const { path } = await made.open();
  const { connect } = await import('node:net');
  const socket = connect(path);
  socket.on('error', () => {});
  socket.write(Buffer.alloc(64, 0xff));
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  expect((await run('ssh-add', ['-L'], askedBy(path))).stdout.trim().split('\n')).toHaveLength(1);
});

test('root’s command is our link’s own way to root there', () => {
  const words = ['sh', '/var/lib/xenferry/incoming/x/receive'];
  expect(asRoot({ user: 'root', root: 'direct', key: null }, words)).toBe('sh /var/lib/xenferry/incoming/x/receive');
  expect(asRoot({ user: 'op', root: 'sudo', key: null }, words)).toBe('sudo -k -n -- sh /var/lib/xenferry/incoming/x/receive');
});
