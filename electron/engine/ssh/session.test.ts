import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ProblemError } from '../../contract/problem.ts';
import { limits } from '../limits.ts';
import { testWorld } from '../testWorld.ts';
import type { Credentials } from './authentication.ts';
import { openAgent } from './credentials.ts';
import { opensshEd25519, readPrivateKey } from './keys.ts';
import { shellWords } from './quote.ts';
import { openSession, type Session, type SessionStart } from './session.ts';
import { dialLocal, newHostKey, runningClock, startTestServer, type TestServer, type TestServerOptions } from './testServer.ts';

vi.setConfig({ testTimeout: 30_000 }); // real handshakes, on whatever machine

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function serve(options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer(options);
  ending.push(() => server.close());
  return server;
}
const password = (text: string): Credentials => ({ by: 'password', password: text });
async function open(port: number, more: Partial<SessionStart> = {}): Promise<Session> {
  const session = await openSession({
    address: '127.0.0.1',
    port,
    user: 'joe',
    credentials: password('right'),
    socket: (signal) => dialLocal(port, signal),
    judge: () => null,
    clock: runningClock,
    limits,
    ...more,
  });
  ending.push(() => session.close());
  return session;
}
async function why(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return null;
  } catch (thrown) {
    return thrown instanceof ProblemError ? thrown.problem : thrown;
  }
}
async function said(session: Session, ...words: string[]): Promise<string> {
  const channel = await session.open(shellWords(words));
  let out = '';
  channel.stream.end();
  channel.stderr.resume();
  channel.stream.on('data', (bytes: Buffer) => {
    out += bytes.toString();
  });
  await channel.ended;
  return out;
}

describe('what cannot be reached says why', () => {
  test('a closed port', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await why(open(port))).toMatchObject({ code: 'ssh.refused', port });
  });

  test('something that is not SSH', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    ending.push(() => server.close());
    expect(await why(open(await listening(server)))).toMatchObject({ code: 'ssh.notSsh', detail: 'HTTP/1.1 400 Bad Request\r\n\r\n' });
  });

  test('something that says nothing', async () => {
    const server = createServer(() => {});
    ending.push(() => server.close());
    const port = await listening(server);
    const late = { ...limits, connectMs: 50 };
    expect(await why(open(port, { limits: late }))).toMatchObject({ code: 'ssh.timedOut', port });
  });

  test('nothing in common', async () => {
    const server = await serve({ server: { algorithms: { kex: ['diffie-hellman-group1-sha1'] } } });
    expect(await why(open(server.port))).toMatchObject({ code: 'ssh.noCommonAlgorithm', what: 'key exchange' });
  });

  test('a host key that is refused', async () => {
    const server = await serve();
    const problem = { code: 'hostKey.revoked', effect: 'none', address: 'x', fingerprint: 'y' } as const;
    expect(await why(open(server.port, { judge: () => problem }))).toEqual(problem);
  });

  test('a caller who gives up', async () => {
    const server = createServer(() => {});
    ending.push(() => server.close());
    const reason = new Error('given up');
    expect(await why(open(await listening(server), { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});

function listening(server: ReturnType<typeof createServer>): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)));
}

describe('authentication', () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  const ours: Credentials = { by: 'key', key: readPrivateKey(opensshEd25519(key), null, 'k') };
  const askedFor = (answers: string[] | null): Credentials => ({ by: 'interactive', ask: async () => answers });

  test('a password, also where the server only asks questions', async () => {
    const plain = await serve({
      auth: (context) => (context.method === 'password' && context.password === 'right' ? context.accept() : context.reject(['password'])),
    });
    await open(plain.port);
    expect(await why(open(plain.port, { credentials: password('wrong') }))).toMatchObject({ code: 'auth.wrongPassword', user: 'joe' });
    const asking = await serve({
      auth(context) {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) =>
          answers[0] === 'right' ? context.accept() : context.reject(),
        );
      },
    });
    await open(asking.port);
    expect(await why(open(asking.port, { credentials: password('wrong') }))).toMatchObject({ code: 'auth.wrongPassword' });
    await open(asking.port, { credentials: askedFor(['right']) });
    expect(await why(open(asking.port, { credentials: askedFor(['wrong']) }))).toMatchObject({ code: 'auth.wrongPassword' });
    expect(await why(open(asking.port, { credentials: askedFor(null) }))).toMatchObject({ code: 'auth.secretNeeded', what: 'password' });
  });

  test('a person who is asked may take longer than a connection', async () => {
    const asking = await serve({
      auth(context) {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Code: ', echo: true }], (answers) => (answers[0] === '42' ? context.accept() : context.reject()));
      },
    });
    const slow: Credentials = { by: 'interactive', ask: () => new Promise((resolve) => setTimeout(() => resolve(['42']), 1600)) };
    await open(asking.port, { credentials: slow, limits: { ...limits, connectMs: 1000 } });
  });

  test('a second factor after the key is asked for', async () => {
    const server = await serve({
      auth(context) {
        if (context.method === 'publickey') return context.reject(['keyboard-interactive'], true);
        if (context.method !== 'keyboard-interactive') return context.reject(['publickey']);
        context.prompt([{ prompt: 'Code: ', echo: true }], (answers) => (answers[0] === '42' ? context.accept() : context.reject()));
      },
    });
    await open(server.port, { credentials: ours, ask: async ({ fields }) => fields.map(({ label }) => (label === 'Code: ' ? '42' : '')) });
    expect(await why(open(server.port, { credentials: ours }))).toMatchObject({ code: 'auth.keyRefused' });
  });

  test('a question beside the password is passed on', async () => {
    const server = await serve({
      auth(context) {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        context.prompt([{ prompt: 'Password: ', echo: false }], ([first]) => {
          if (first !== 'right') return context.reject();
          context.prompt([{ prompt: 'Code: ', echo: false }], ([second]) => (second === '42' ? context.accept() : context.reject()));
        });
      },
    });
    await open(server.port, { ask: async () => ['42'] });
  });

  test("the operator's agent", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'xenferry-agent-'));
    const socket = join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    ending.push(() => {
      agent.kill();
      rmSync(folder, { recursive: true, force: true });
    });
    await expect.poll(() => existsSync(socket), { timeout: 10_000 }).toBe(true);
    const desktop = { ...testWorld().world.desktop, agent: socket };
    const me = { user: 'joe', address: 'a' };
    expect(await why(openAgent(desktop, me))).toMatchObject({ code: 'auth.agentRefused' });
    const another = newHostKey();
    execFileSync('ssh-add', ['-q', '-'], { input: another, env: { ...process.env, SSH_AUTH_SOCK: socket } });
    execFileSync('ssh-add', ['-q', '-'], { input: opensshEd25519(key), env: { ...process.env, SSH_AUTH_SOCK: socket } });
    const wire = readPrivateKey(opensshEd25519(key), null, 'k').getPublicSSH();
    const server = await serve({
      auth: (context) =>
        context.method === 'publickey' && context.key.data.equals(wire) ? context.accept() : context.reject(['publickey']),
    });
    const session = await open(server.port, { credentials: { by: 'agent', agent: await openAgent(desktop, me) } });
    // which of its keys it was
    expect(Buffer.from(session.key ?? []).equals(wire)).toBe(true);
    const strict = await serve({ auth: (context) => context.reject(['publickey']) });
    expect(await why(open(strict.port, { credentials: { by: 'agent', agent: await openAgent(desktop, me) } }))).toMatchObject({
      code: 'auth.agentRefused',
    });
    expect(await why(openAgent({ ...desktop, agent: join(folder, 'none') }, me))).toMatchObject({ code: 'auth.agentMissing' });
  });

  test('a key the server does not take, and a server that takes no keys', async () => {
    const none = await serve({ auth: (context) => context.reject(['publickey']) });
    expect(await why(open(none.port, { credentials: ours }))).toMatchObject({ code: 'auth.keyRefused', user: 'joe' });
    const other = await serve({ auth: (context) => context.reject(['password']) });
    expect(await why(open(other.port, { credentials: ours }))).toMatchObject({ code: 'auth.methodRefused', offered: ['password'] });
  });
});

describe('an open session', () => {
  test('queues commands beyond what the server allows, however few that is', async () => {
    for (const maxSessions of [10, 2]) {
      const server = await serve({ maxSessions });
      const session = await open(server.port);
      const outs = await Promise.all(Array.from({ length: 25 }, (_, at) => said(session, 'echo', String(at))));
      expect(outs).toEqual(outs.map((_, at) => `${at}\n`));
      expect(server.sessions.most).toBeLessThanOrEqual(maxSessions);
    }
  });

  test('keeps room for commands beside what lasts', async () => {
    const server = await serve();
    const session = await open(server.port);
    for (let at = 0; at < 7; at++) await session.open(shellWords(['sleep', '60']), { lasting: true });
    expect(await why(session.open(shellWords(['sleep', '60']), { lasting: true }))).toMatchObject({ code: 'ssh.tooManySessions' });
    expect(await said(session, 'echo', 'still')).toBe('still\n');
  });

  test('a caller who waits in the queue can leave it', async () => {
    const server = await serve({ maxSessions: 1 });
    const session = await open(server.port);
    const first = await session.open(shellWords(['sleep', '60']));
    // the server's refusal of a second one teaches how many it allows
    const aborter = new AbortController();
    const waiting = why(session.open(shellWords(['true']), { signal: aborter.signal }));
    const reason = new Error('left');
    aborter.abort(reason);
    expect(await waiting).toBe(reason);
    first.close();
  });

  test('tells why it ended, and ends what waits', async () => {
    const server = await serve();
    const session = await open(server.port);
    const ended = new Promise((resolve) => session.onClose(resolve));
    const channel = await session.open(shellWords(['sleep', '60']));
    channel.stream.resume();
    channel.stderr.resume();
    server.cut();
    expect(await ended).toMatchObject({ code: 'ssh.closed', effect: 'unknown' });
    expect(await channel.ended).toEqual({ exit: null, signal: null });
    expect(await why(session.open(shellWords(['true'])))).toMatchObject({ code: 'ssh.closed' });
    expect(await why(session.forward('127.0.0.1', 1))).toMatchObject({ code: 'ssh.closed' });
  });

  test('that goes silent is found dead', async () => {
    const server = await serve();
    let socket: Duplex | null = null;
    const start = {
      limits: { ...limits, keepaliveMs: 100, keepaliveMisses: 2 },
      socket: async (signal: AbortSignal) => (socket = await dialLocal(server.port, signal)),
    };
    const session = await open(server.port, start);
    const ended = new Promise((resolve) => session.onClose(resolve));
    const mute = socket as Duplex | null; // assigned while it connected
    mute?.pause().removeAllListeners('data');
    expect(await ended).toMatchObject({ code: 'ssh.closed', detail: 'Keepalive timeout' });
  });

  test('closed by ourselves, it has no problem', async () => {
    const server = await serve();
    const session = await open(server.port);
    const ended = new Promise((resolve) => session.onClose(resolve));
    session.close();
    expect(await ended).toBeNull();
  });

  test('carries megabytes both ways', async () => {
    const server = await serve();
    const session = await open(server.port);
    const channel = await session.open(shellWords(['cat']));
    const sent = Buffer.alloc(8 * 1024 * 1024, 'xenferry');
    let got = 0;
    channel.stderr.resume();
    channel.stream.on('data', (bytes: Buffer) => {
      got += bytes.length;
    });
    channel.stream.end(sent);
    await channel.ended;
    expect(got).toBe(sent.length);
  });
});
