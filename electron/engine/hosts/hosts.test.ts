import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Prompt } from '../../contract/app.ts';
import type { HostInput } from '../../contract/host.ts';
import type { Problem } from '../../contract/problem.ts';
import { newHostKey, type TestServerOptions } from '../ssh/testServer.ts';
import { add, atEnd, endAll, input, type Made, run, serve, signal, until, why, xen } from './hostsTest.ts';

vi.setConfig({ testTimeout: 30_000 }); // real handshakes, on whatever machine
afterEach(endAll);

describe('adding', () => {
  test('asks about the key once, then stores, examines and offers the host', async () => {
    const server = await serve();
    const made = await run();
    const asked = await why(add(made, input(server.port), null));
    expect(asked).toMatchObject({ code: 'hostKey.unknown', fingerprint: server.fingerprint, type: 'ssh-ed25519' });
    expect(made.files.size).toBe(0);
    const opened: string[] = [];
    made.hosts.onOpen(({ hostId }) => {
      opened.push(hostId);
      return () => opened.push('gone');
    });
    const { hostId } = await add(made, input(server.port, { label: 'one' }), server.fingerprint);
    const host = await until(made, hostId, (one) => one.facts !== null);
    expect(host).toMatchObject({ label: 'one', link: { is: 'open' }, facts: { xenVersion: '4.17.7' }, freeMemoryMiB: 1320 });
    expect(opened).toEqual([hostId]);
    expect((await made.hosts.remote(hostId).run(['echo', 'hello'])).stdout).toBe('hello\n');
    expect([...made.files.values()].join()).not.toContain('right');
    expect(made.secrets.get(`host.${hostId}.password`)).toBe('right');
  });

  test.each<[Problem['code'], (port: number) => HostInput, string | null]>([
    ['auth.wrongPassword', (port) => input(port, { auth: { by: 'password', password: 'wrong' } }), 'yes'],
    ['auth.secretNeeded', (port) => input(port, { auth: { by: 'password' } }), 'yes'],
    ['auth.agentMissing', (port) => input(port, { auth: { by: 'agent' } }), 'yes'],
    ['auth.keyUnreadable', (port) => input(port, { auth: { by: 'key', path: '~/none' } }), 'yes'],
    ['ssh.unknownHost', (port) => input(port, { address: 'gone' }), null],
    ['ssh.refused', () => input(1), null],
    ['jump.unsupported', (port) => input(port, { jump: '-oProxyCommand=x' }), null],
    ['host.sudoWrongPassword', (port) => input(port, { user: 'joe', sudoPassword: 'no' }), 'yes'],
  ])('%s stores nothing', async (code, of, yes) => {
    const server = await serve({ sudo: 'sesame' });
    const made = await run();
    expect(await why(add(made, of(server.port), yes && server.fingerprint))).toMatchObject({ code });
    expect(made.hosts.all()).toEqual([]);
    expect(made.secrets.size).toBe(0);
    expect(made.files.has('hosts.json')).toBe(false);
  });

  test('a store that is not safe is refused beforehand', async () => {
    const server = await serve();
    const made = await run();
    made.insist.now = true;
    expect(await why(add(made, input(server.port), server.fingerprint))).toMatchObject({ code: 'secrets.unsafeStore' });
    expect(made.hosts.all()).toEqual([]);
    await add(made, input(server.port, { remember: false }), server.fingerprint);
    expect(made.secrets.size).toBe(0);
  });

  test('the same machine under another address is known by its key', async () => {
    const server = await serve();
    const made = await run();
    const { hostId } = await add(made, input(server.port, { label: 'one' }), server.fingerprint);
    const twin = input(server.port, { address: 'other.example' });
    expect(await why(add(made, twin, null))).toMatchObject({ code: 'host.duplicate', hostId, label: 'one' });
  });

  test('through another host', async () => {
    const [gate, server] = [await serve({ auth: askOnce }), await serve()];
    const made = await run();
    const undo = answerPrompts(made, (prompt) => (prompt.hostLabel === 'gate' ? ['42'] : null));
    const host = input(server.port, { jump: `joe@gate:${gate.port}` });
    expect(await why(add(made, host, null))).toMatchObject({ code: 'hostKey.unknown', address: 'gate', fingerprint: gate.fingerprint });
    expect(await why(add(made, host, gate.fingerprint))).toMatchObject({ code: 'hostKey.unknown', fingerprint: server.fingerprint });
    const { hostId } = await add(made, host, server.fingerprint);
    await until(made, hostId, (one) => one.facts !== null);
    undo();
  });
});

const askOnce: NonNullable<TestServerOptions['auth']> = (context) => {
  if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
  context.prompt([{ prompt: 'Code: ', echo: false }], (given) => (given[0] === '42' ? context.accept() : context.reject()));
};

function answerPrompts({ hosts }: Made, answer: (prompt: Prompt) => string[] | null): () => void {
  return hosts.handlers['prompt.watch']({}, (change) => {
    const asked = change.is === 'put' ? [change.item] : change.is === 'all' ? change.items : [];
    for (const prompt of asked) void hosts.handlers['prompt.answer']({ promptId: prompt.promptId, answers: answer(prompt) }, signal);
  });
}

describe('sudo', () => {
  test('a user whose sudo wants a password we do not have needs attention; with it, all is well', async () => {
    const server = await serve({ sudo: 'sesame' });
    const made = await run();
    const host = input(server.port, { user: 'joe' });
    const { hostId } = await add(made, host, server.fingerprint);
    const shown = await until(made, hostId, (one) => one.findings.length > 0);
    expect(shown.findings).toMatchObject([{ hinders: 'everything', problem: { code: 'host.sudoPassword', user: 'joe' } }]);
    expect(await why((async () => made.hosts.remote(hostId))())).toMatchObject({ code: 'host.sudoPassword' });
    await made.hosts.handlers['host.edit']({ hostId, host: { ...host, sudoPassword: 'sesame' }, accept: null }, signal);
    await until(made, hostId, (one) => one.findings.every((finding) => finding.hinders !== 'everything'));
    expect((await made.hosts.remote(hostId).run(['sh', '-c', 'echo $SUDO_UID'])).stdout).toBe('1000\n');
  });

  test("the login's password is tried where sudo asks for it too", async () => {
    const server = await serve({ sudo: 'right' });
    const made = await run();
    const { hostId } = await add(made, input(server.port, { user: 'joe' }), server.fingerprint);
    const host = await until(made, hostId, (one) => one.facts !== null);
    expect(host.findings.map((one) => one.hinders)).not.toContain('everything');
  });

  test('a user who may not become root, and a machine without Xen, are added and need attention', async () => {
    const [noSudo, noXen] = [await serve({ commands: xen }), await serve({ commands: {} })];
    const made = await run();
    const a = await add(made, input(noSudo.port, { user: 'joe' }), noSudo.fingerprint);
    const b = await add(made, input(noXen.port), noXen.fingerprint);
    const first = await until(made, a.hostId, (one) => one.findings.length > 0);
    expect(first.findings).toMatchObject([{ hinders: 'everything', problem: { code: 'host.sudoNotAllowed' } }]);
    const second = await until(made, b.hostId, (one) => one.findings.length > 0);
    expect(second.findings).toMatchObject([{ hinders: 'everything', problem: { code: 'host.noXen' } }]);
  });
});

describe('a saved host', () => {
  test('connects by itself at the next start; a secret that was not kept is asked for, once', async () => {
    const server = await serve();
    const first = await run();
    const { hostId } = await add(first, input(server.port, { remember: false }), server.fingerprint);
    first.hosts.close();
    const second = await run(first.files);
    const asked: string[] = [];
    answerPrompts(second, (prompt) => {
      asked.push(`${prompt.what} of ${prompt.hostLabel}`);
      return ['right'];
    });
    await until(second, hostId, (one) => one.facts !== null);
    server.cut();
    await until(second, hostId, (one) => one.link.is !== 'open');
    await until(second, hostId, (one) => one.link.is === 'open');
    expect(asked).toEqual(['password of 127.0.0.1']);
  });

  test('whose link is lost tells those who use it, and comes back with its facts kept', async () => {
    const server = await serve();
    const made = await run();
    const { hostId } = await add(made, input(server.port), server.fingerprint);
    const opened: string[] = [];
    made.hosts.onOpen(() => {
      opened.push('open');
      return () => opened.push('gone');
    });
    await expect.poll(() => opened, { timeout: 10_000 }).toEqual(['open']);
    server.cut();
    const lost = await until(made, hostId, (one) => one.link.is !== 'open');
    expect(lost.facts).not.toBeNull();
    expect(opened).toEqual(['open', 'gone']);
    await expect.poll(() => opened, { timeout: 10_000 }).toEqual(['open', 'gone', 'open']);
    await made.hosts.handlers['host.disconnect']({ hostId }, signal);
    expect(opened).toEqual(['open', 'gone', 'open', 'gone']);
    expect(made.hosts.get(hostId).link).toEqual({ is: 'closed' });
  });

  test('whose answer breaks off when it is examined anew keeps what was known', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'xenferry-hosts-'));
    atEnd(() => rmSync(folder, { recursive: true, force: true }));
    const flag = join(folder, 'broken');
    const server = await serve({ commands: { ...xen, grep: `if [ -e ${flag} ]; then kill -9 $PPID; fi; exec /bin/grep "$@"` } });
    const made = await run();
    const { hostId } = await add(made, input(server.port), server.fingerprint);
    const before = await until(made, hostId, (one) => one.facts !== null);
    writeFileSync(flag, '');
    expect(await why(made.hosts.handlers['host.examine']({ hostId }, signal))).toMatchObject({
      code: 'output.unreadable',
      what: 'examine',
    });
    expect(made.hosts.get(hostId)).toMatchObject({ facts: before.facts, findings: before.findings });
    expect((await made.hosts.remote(hostId).run(['echo', 'on'])).stdout).toBe('on\n');
  });

  test('with another key is blocked, with both fingerprints, until that key is trusted', async () => {
    const server = await serve();
    const first = await run();
    const { hostId } = await add(first, input(server.port), server.fingerprint);
    first.hosts.close();
    const other = await serve({ hostKey: newHostKey() });
    const files = new Map([...first.files].map(([name, text]) => [name, text.replaceAll(String(server.port), String(other.port))]));
    const second = await run(files, first.secrets);
    const host = await until(second, hostId, (one) => one.link.is === 'lost');
    const shown = { code: 'hostKey.changed', known: [server.fingerprint], shown: other.fingerprint, where: 'XenFerry:1' };
    expect(host.link).toMatchObject({ retryAt: null, problem: shown });
    await second.hosts.handlers['host.trustKey']({ hostId, fingerprint: 'SHA256:another' }, signal).catch(() => {});
    expect(second.hosts.get(hostId).link.is).toBe('lost');
    await second.hosts.handlers['host.trustKey']({ hostId, fingerprint: other.fingerprint }, signal);
    expect(second.hosts.get(hostId).link.is).toBe('open');
  });

  test('is renamed without a connection, and removed with all that was kept', async () => {
    const server = await serve();
    const made = await run();
    const { hostId } = await add(made, input(server.port), server.fingerprint);
    await made.hosts.handlers['host.disconnect']({ hostId }, signal);
    const changes: unknown[] = [];
    made.hosts.handlers['host.watch']({}, (change) => changes.push(change.is === 'put' ? change.item.label : change.is));
    const host = input(server.port, { label: 'renamed', tags: ['a'], auth: { by: 'password' } });
    await made.hosts.handlers['host.edit']({ hostId, host, accept: null }, signal);
    expect(made.hosts.get(hostId)).toMatchObject({ label: 'renamed', tags: ['a'], link: { is: 'closed' } });
    expect(made.secrets.get(`host.${hostId}.password`)).toBe('right');
    await made.hosts.handlers['host.remove']({ hostId }, signal);
    expect(made.secrets.size).toBe(0);
    expect(changes).toEqual(['all', 'renamed', 'gone']);
    expect(JSON.parse(made.files.get('hosts.json') ?? '')).toEqual({ version: 1, data: [] });
  });

  test('moved to another address keeps its password; another way to come in drops it', async () => {
    const [server, moved] = [await serve(), await serve({ sudo: null })];
    const made = await run();
    const { hostId } = await add(made, input(server.port, { sudoPassword: 'kept too' }), server.fingerprint);
    const edit = (host: HostInput) => made.hosts.handlers['host.edit']({ hostId, host, accept: moved.fingerprint }, signal);
    await edit(input(moved.port, { user: 'joe', auth: { by: 'password' } }));
    expect(made.hosts.get(hostId)).toMatchObject({ port: moved.port, link: { is: 'open' } });
    expect(made.secrets.get(`host.${hostId}.password`)).toBe('right');
    const undo = answerPrompts(made, () => ['right']);
    await edit(input(moved.port, { user: 'joe', auth: { by: 'interactive' } }));
    undo();
    expect([...made.secrets.keys()]).toEqual([`host.${hostId}.sudo`]);
  });

  test('an edit that fails changes nothing', async () => {
    const server = await serve();
    const made = await run();
    const { hostId } = await add(made, input(server.port, { label: 'one' }), server.fingerprint);
    const before = made.files.get('hosts.json');
    const wrong = input(server.port, { label: 'two', auth: { by: 'password', password: 'wrong' } });
    expect(await why(made.hosts.handlers['host.edit']({ hostId, host: wrong, accept: null }, signal))).toMatchObject({
      code: 'auth.wrongPassword',
    });
    expect(made.hosts.get(hostId)).toMatchObject({ label: 'one', link: { is: 'open' } });
    expect(made.files.get('hosts.json')).toBe(before);
    expect(made.secrets.get(`host.${hostId}.password`)).toBe('right');
  });
});

describe('hosts.json', () => {
  test('of a newer program is never overwritten', async () => {
    const server = await serve();
    const text = JSON.stringify({ version: 99, data: [] });
    const made = await run(new Map([['hosts.json', text]]));
    expect(await why(add(made, input(server.port), server.fingerprint))).toMatchObject({ code: 'store.newer', version: 99 });
    expect(made.files.get('hosts.json')).toBe(text);
    expect(made.hosts.all()).toEqual([]);
  });

  test('that cannot be read is put aside, never lost', async () => {
    const made = await run(new Map([['hosts.json', '{ half']]));
    expect(made.hosts.all()).toEqual([]);
    expect([...made.files].filter(([name]) => name.startsWith('hosts.json.unreadable')).map(([, text]) => text)).toEqual(['{ half']);
  });
});
