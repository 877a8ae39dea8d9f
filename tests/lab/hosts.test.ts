import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host, HostInput } from '../../electron/contract/host.ts';
import { hostInput } from '../../electron/contract/host.ts';
import { ProblemError } from '../../electron/contract/problem.ts';
import { createHosts } from '../../electron/engine/hosts/hosts.ts';
import type { Hosts } from '../../electron/engine/parts.ts';
import { createSettings } from '../../electron/engine/store/settings.ts';
import type { World } from '../../electron/engine/world.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';
import { memorySecrets } from '../../electron/world/secrets.ts';
import { labFolder, labLimits, labPort, openLabRemote } from './labRemote.ts';

const { signal } = new AbortController();
let folder = '';
let world: World;
let hosts: Hosts;
const secrets = memorySecrets();

async function start(): Promise<Hosts> {
  const real = nodeWorld({ data: folder, version: '0', shell: 'server', secrets });
  // the operator's own ~/.ssh must not decide what this test sees
  world = { ...real, desktop: { ...real.desktop, home: folder } };
  return await createHosts({ world, limits: labLimits, settings: await createSettings(world) });
}

/** What the lab's Xen says of itself: which build of it Debian had when the lab was made. */
let xen = { version: '', shadow: false };

beforeAll(async () => {
  const eye = await openLabRemote(1);
  const said = (await eye.remote.run(['xl', 'info'])).stdout;
  xen = { version: /^xen_version\s*: (\S+)/m.exec(said)?.[1] ?? 'none', shadow: /^virt_caps\s*:.* shadow/m.test(said) };
  eye.close();
  folder = await mkdtemp(join(tmpdir(), 'xenferry-lab-'));
  hosts = await start();
});
afterAll(async () => {
  hosts.close();
  await rm(folder, { recursive: true, force: true });
});

const key = { by: 'key', path: join(labFolder, 'lab_key') } as const;
const input = (port: number, more: Partial<HostInput> = {}): HostInput =>
  hostInput.parse({ address: '127.0.0.1', port, user: 'root', auth: key, ...more });

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'ok';
  } catch (thrown) {
    return thrown instanceof ProblemError ? thrown.problem.code : String(thrown);
  }
};

/** Adds a host as a person does: sees the fingerprint, says yes. */
async function addSaying(host: HostInput): Promise<string> {
  try {
    return (await hosts.handlers['host.add']({ host, accept: null }, signal)).hostId;
  } catch (thrown) {
    if (!(thrown instanceof ProblemError) || thrown.problem.code !== 'hostKey.unknown') throw thrown;
    return (await hosts.handlers['host.add']({ host, accept: thrown.problem.fingerprint }, signal)).hostId;
  }
}

function until(id: string, when: (host: Host) => boolean): Promise<Host> {
  return new Promise((resolve) => {
    const look = (host: Host) => {
      if (host.id !== id || !when(host)) return;
      undo();
      resolve(host);
    };
    const undo = hosts.onChange(look);
    look(hosts.get(id));
  });
}
const examined = (id: string): Promise<Host> => until(id, (host) => host.facts !== null || host.findings.length > 0);

describe('what cannot be added', () => {
  test.each<[string, HostInput]>([
    ['ssh.refused', input(1)],
    ['ssh.unknownHost', input(22, { address: 'no-such-host.invalid' })],
    ['auth.keyUnreadable', input(labPort(1), { auth: { by: 'key', path: '/nonexistent/key' } })],
    ['hostKey.unknown', input(labPort(1))],
  ])('%s', async (code, host) => {
    expect(await codeOf(hosts.handlers['host.add']({ host, accept: null }, signal))).toBe(code);
    expect(hosts.all()).toEqual([]);
  });

  test('a wrong password, after the key was accepted', async () => {
    const host = input(labPort(2), { user: 'operator', auth: { by: 'password', password: 'wrong' } });
    expect(await codeOf(addSaying(host))).toBe('auth.wrongPassword');
    expect(hosts.all()).toEqual([]);
    expect(await world.files.read('hosts.json')).toBeNull();
  });
});

describe('a host by key', () => {
  let id = '';
  test('is added, examined, and offered to those who watch', async () => {
    const opened: string[] = [];
    const undo = hosts.onOpen((host) => {
      opened.push(host.hostId);
      return () => opened.push(`gone ${host.hostId}`);
    });
    id = await addSaying(input(labPort(1), { label: 'one', tags: ['lab'] }));
    const host = await examined(id);
    expect(host).toMatchObject({ label: 'one', tags: ['lab'], link: { is: 'open' } });
    expect(host.facts).toMatchObject({ hostname: 'xen1', xenVersion: xen.version, toolstack: 'xl', types: ['pv', 'pvh', 'hvm'] });
    expect(host.facts?.bridges[0]?.name).toBe('xenbr0');
    expect(host.facts?.places.map((one) => (one.is === 'directory' ? one.path : one.name))).toEqual(
      expect.arrayContaining(['/var/lib/xen/images', 'vg0', 'vgshared']),
    );
    expect(host.findings.map((one) => one.problem.code)).toEqual(xen.shadow ? [] : ['move.pvNoShadow']);
    await until(id, () => opened.length > 0);
    expect((await hosts.remote(id).run(['xl', 'list'])).stdout).toContain('Domain-0');
    await hosts.handlers['host.disconnect']({ hostId: id }, signal);
    expect(opened).toEqual([id, `gone ${id}`]);
    expect(await codeOf(Promise.resolve().then(() => hosts.remote(id)))).toBe('host.notOpen');
    undo();
  });

  test('is the same machine under another address', async () => {
    expect(await codeOf(addSaying(input(labPort(1), { address: 'localhost' })))).toBe('host.duplicate');
  });

  test('is there again, and open, after a restart', async () => {
    hosts.close();
    hosts = await start();
    expect(hosts.all().map((one) => one.label)).toEqual(['one']);
    const host = await until(id, (one) => one.facts !== null);
    expect(host.link.is).toBe('open');
  });

  test('whose key changed is blocked with both fingerprints, until it is trusted', async () => {
    await hosts.handlers['host.disconnect']({ hostId: id }, signal);
    const known = (await world.files.read('known_hosts')) ?? '';
    const other = await import('node:crypto').then(
      ({ generateKeyPairSync }) => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x,
    );
    const type = Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1');
    const wire = Buffer.concat([type, Buffer.from(other ?? '', 'base64url')]).toString('base64');
    await world.files.write(
      'known_hosts',
      known.replace(new RegExp(`^(\\[127\\.0\\.0\\.1\\]:${labPort(1)} ssh-ed25519 ).*$`, 'm'), `$1${wire}`),
    );
    await hosts.handlers['host.connect']({ hostId: id }, signal);
    const { link } = hosts.get(id);
    if (link.is !== 'lost' || link.problem.code !== 'hostKey.changed') throw new Error(JSON.stringify(link));
    expect(link.retryAt).toBeNull();
    expect(link.problem.known).toHaveLength(1);
    await hosts.handlers['host.trustKey']({ hostId: id, fingerprint: link.problem.shown }, signal);
    expect(hosts.get(id).link.is).toBe('open');
    expect(await world.files.read('known_hosts')).toBe(known);
  });

  test('is removed with all that was kept of it', async () => {
    await hosts.handlers['host.remove']({ hostId: id }, signal);
    expect(hosts.all()).toEqual([]);
    expect(JSON.parse((await world.files.read('hosts.json')) ?? '')).toEqual({ version: 1, data: [] });
  });
});

describe('users with sudo, on host 2', () => {
  test('operator, whose sudo asks nothing', async () => {
    const id = await addSaying(input(labPort(2), { user: 'operator', auth: { by: 'password', password: 'xenlab' } }));
    const host = await examined(id);
    expect(host.facts).toMatchObject({ hostname: 'xen2', xenVersion: xen.version });
    expect((await hosts.remote(id).run(['id', '-u'])).stdout).toBe('0\n');
    await hosts.handlers['host.remove']({ hostId: id }, signal);
  });

  test('clerk, whose sudo asks: a wrong password is refused, none needs attention, the right one works', async () => {
    const clerk = input(labPort(2), { user: 'clerk', auth: { by: 'interactive' } });
    const undo = hosts.handlers['prompt.watch']({}, (change) => {
      const asked = change.is === 'put' ? [change.item] : change.is === 'all' ? change.items : [];
      for (const prompt of asked) {
        expect(prompt).toMatchObject({ what: 'interactive', hostLabel: '127.0.0.1' });
        void hosts.handlers['prompt.answer']({ promptId: prompt.promptId, answers: ['xenlab'] }, signal);
      }
    });
    expect(await codeOf(addSaying({ ...clerk, sudoPassword: 'wrong' }))).toBe('host.sudoWrongPassword');
    expect(hosts.all()).toEqual([]);
    const id = await addSaying(clerk);
    const host = await examined(id);
    expect(host.findings).toMatchObject([{ hinders: 'everything', problem: { code: 'host.sudoPassword', user: 'clerk' } }]);
    expect(await codeOf(Promise.resolve().then(() => hosts.remote(id)))).toBe('host.sudoPassword');
    await hosts.handlers['host.edit']({ hostId: id, host: { ...clerk, sudoPassword: 'xenlab' }, accept: null }, signal);
    const better = await until(id, (one) => one.facts?.xenVersion === xen.version);
    expect(better.findings.map((one) => one.hinders)).not.toContain('everything');
    expect((await hosts.remote(id).run(['id', '-u'])).stdout).toBe('0\n');
    undo();
    await hosts.handlers['host.remove']({ hostId: id }, signal);
  });
});
