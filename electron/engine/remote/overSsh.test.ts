import { afterEach, describe, expect, test, vi } from 'vitest';
import { ProblemError } from '../../contract/problem.ts';
import { limits } from '../limits.ts';
import { openSession } from '../ssh/session.ts';
import { dialLocal, runningClock, startTestServer, type TestServer, type TestServerOptions } from '../ssh/testServer.ts';
import { testWorld } from '../testWorld.ts';
import { createRemote } from './overSsh.ts';
import type { Remote } from './remote.ts';
import type { Root } from './root.ts';

vi.setConfig({ testTimeout: 30_000 }); // real handshakes, on whatever machine

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function open(options: TestServerOptions, root: Root): Promise<{ remote: Remote; server: TestServer }> {
  const server = await startTestServer(options);
  ending.push(() => server.close());
  const session = await openSession({
    address: '127.0.0.1',
    port: server.port,
    user: 'joe',
    credentials: { by: 'password', password: '' },
    socket: (signal) => dialLocal(server.port, signal),
    judge: () => null,
    clock: runningClock,
    limits,
  });
  ending.push(() => session.close());
  const world = { clock: runningClock, random: testWorld().world.random };
  return { remote: createRemote({ session, root, address: 'host', user: 'joe', world, limits }), server };
}
async function why(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return null;
  } catch (thrown) {
    return thrown instanceof ProblemError ? thrown.problem : thrown;
  }
}

const program = { name: 'say', text: 'printf "%s|" "$0" "$@"; cat; echo said >&2; exit 3\n' };
const roots: { title: string; options: TestServerOptions; root: Root }[] = [
  { title: 'as root', options: {}, root: { by: 'direct' } },
  { title: 'by sudo', options: { sudo: null }, root: { by: 'sudo' } },
  { title: 'by sudo with a password', options: { sudo: 'top secret' }, root: { by: 'sudoPassword', password: 'top secret' } },
];

describe.each(roots)('$title', ({ options, root }) => {
  test('a command, a program and a document arrive as they are', async () => {
    const { remote } = await open(options, root);
    expect(await remote.run(['printf', '%s,', "it's", '$HOME', '', '日本'])).toEqual({
      exit: 0,
      signal: null,
      stdout: "it's,$HOME,,日本,",
      stderr: '',
    });
    const stdin = 'top secret\nsecond line\n';
    expect(await remote.program(program, ['a b'], { stdin })).toEqual({
      exit: 3,
      signal: null,
      stdout: `say|a b|${stdin}`,
      stderr: 'said\n',
    });
  });

  test('output cut within a character is put together', async () => {
    const { remote } = await open(options, root);
    const text = 'printf "\\346\\227"; sleep 0.05; printf "\\245\\n"\n';
    expect((await remote.program({ name: 'p', text }, [])).stdout).toBe('日\n');
  });

  test('a program that goes on is heard in whole lines', async () => {
    const { remote } = await open(options, root);
    const stream = await remote.stream(
      { name: 'p', text: 'echo first; while read -r line; do printf "%s, " "$line"; sleep 0.02; echo heard; done; printf half\n' },
      [],
    );
    const lines: string[] = [];
    const ended = new Promise((resolve) => stream.onEnd(resolve));
    stream.onLine((line) => {
      lines.push(line);
      if (line === 'one, heard') stream.close();
    });
    stream.send('one\n');
    await ended;
    expect(lines).toEqual(['first', 'one, heard']);
  });

  test('a time-out and a caller who gives up end it', async () => {
    const { remote, server } = await open(options, root);
    expect(await why(remote.run(['sleep', '60'], { timeoutMs: 300 }))).toMatchObject({
      code: 'command.timedOut',
      effect: 'unknown',
      command: 'sleep 60',
    });
    const aborter = new AbortController();
    const waiting = why(remote.run(['sleep', '60'], { signal: aborter.signal }));
    setTimeout(() => aborter.abort(new Error('given up')), 200);
    expect(await waiting).toEqual(new Error('given up'));
    await expect.poll(() => server.sessions.now).toBe(0);
  });

  test('a lost link while it runs is said so, with what it means', async () => {
    const { remote, server } = await open(options, root);
    const waiting = why(remote.run(['sleep', '60']));
    await expect.poll(() => server.sessions.now).toBe(1);
    setTimeout(() => server.cut(), 100);
    expect(await waiting).toMatchObject({ code: 'ssh.closed', effect: 'unknown' });
  });
});

test('a line for a shell is refused where a word has a newline', async () => {
  const { remote, server } = await open({}, { by: 'direct' });
  expect(await why(remote.run(['echo', 'a\nb']))).toMatchObject({ code: 'command.quoting' });
  expect(server.ran).toEqual([]);
});

describe('sudo', () => {
  test('what is meant for the command never becomes a password, nor the password its input', async () => {
    const { remote } = await open({ sudo: 'right' }, { by: 'sudoPassword', password: 'wrong' });
    // the document holds the right password: were it written early, sudo would let us in
    expect(await why(remote.run(['cat'], { stdin: 'right\nright\nright\n' }))).toMatchObject({
      code: 'host.sudoWrongPassword',
      user: 'joe',
    });
    const free = await open({ sudo: null }, { by: 'sudoPassword', password: 'secret' });
    expect((await free.remote.run(['cat'], { stdin: 'document' })).stdout).toBe('document');
  });

  test('the password is on no command line', async () => {
    const { remote, server } = await open({ sudo: 'top secret' }, { by: 'sudoPassword', password: 'top secret' });
    await remote.run(['true']);
    expect(server.ran.join()).not.toContain('top secret');
  });

  test.each<[string, TestServerOptions, Root]>([
    ['host.sudoPassword', { sudo: 'x' }, { by: 'sudo' }],
    ['host.sudoNotAllowed', {}, { by: 'sudo' }],
  ])('%s', async (code, options, root) => {
    const { remote } = await open(options, root);
    expect(await why(remote.run(['true']))).toMatchObject({ code, user: 'joe', effect: 'none' });
  });
});

test('a connection from the host to a port of its own', async () => {
  const { remote, server } = await open({}, { by: 'direct' });
  const through = await remote.forward('127.0.0.1', server.port);
  const first = await new Promise<Buffer>((resolve) => through.once('data', resolve));
  expect(first.toString()).toMatch(/^SSH-2\.0-/);
  through.destroy();
  expect(await why(remote.forward('127.0.0.1', 1))).toMatchObject({ code: 'ssh.forwardRefused', port: 1 });
});

test('a command that finds no free session does not wait for ever', async () => {
  const { remote } = await open({ maxSessions: 1 }, { by: 'direct' });
  const going = await remote.stream({ name: 'wait', text: 'cat\n' }, []);
  expect(await why(remote.run(['true'], { timeoutMs: 300 }))).toMatchObject({ code: 'ssh.tooManySessions' });
  going.close();
});
