import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { simulatedWorld } from './simulated.ts';
import { addHost, inputOf, type TestHost } from './world.ts';

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
beforeAll(async () => {
  world = await simulatedWorld();
});
afterAll(() => world.close());
afterEach(() => desk.close());
/** The key a host shows when it is not known, or none when it was said yes to before. */
const fingerprintOf = (host: TestHost): string | null => {
  const server = world.demo.servers.find((one) => one.host.about.address === host.address);
  return server?.fingerprint ?? null;
};
const open = async (): Promise<Desk> => {
  desk = await openDesk(world.makeWorld(), world.limits);
  return desk;
};

test('a host is asked about once by its fingerprint, then added and examined', async () => {
  const { client } = await open();
  const [host] = world.hosts;
  const why = await problemOf(client.call('host.add', { host: inputOf(world, host) }));
  expect(why).toMatchObject({ code: 'hostKey.unknown', fingerprint: host.fingerprint, effect: 'none' });
  expect(desk.hosts.size).toBe(0);
  const hostId = await addHost(desk, world, host);
  const seen = desk.hosts.get(hostId);
  expect(seen?.link.is).toBe('open');
  expect(seen?.facts).toMatchObject({
    hostname: 'tokyo',
    toolstack: 'xl',
    xenVersion: '4.17.7',
    shadow: false,
    types: ['pv', 'pvh', 'hvm'],
  });
  expect(seen?.facts?.bridges.map((one) => one.name)).toEqual(['xenbr0', 'br-dmz']);
  expect(JSON.stringify(seen)).not.toContain(host.password);
});

test('another fingerprint than the shown one does not let it in', async () => {
  const { client } = await open();
  const [host] = world.hosts;
  const why = await problemOf(client.call('host.add', { host: inputOf(world, host), accept: 'SHA256:other' }));
  expect(why.code).toBe('hostKey.unknown');
  expect(desk.hosts.size).toBe(0);
});

test('wrong password, unknown name, closed port: each by its own name, and nothing is stored', async () => {
  const { client } = await open();
  const [host] = world.hosts;
  const tried = (more: object): Promise<{ code: string }> =>
    problemOf(client.call('host.add', { host: inputOf(world, host, more), accept: host.fingerprint }));
  expect((await tried({ auth: { by: 'password', password: 'no' } })).code).toBe('auth.wrongPassword');
  expect((await tried({ address: 'nosuchhost.invalid' })).code).toBe('ssh.unknownHost');
  expect((await tried({ port: 2022 })).code).toBe('ssh.refused');
  expect(desk.hosts.size).toBe(0);
});

test('the same machine under another address is recognised', async () => {
  await open();
  const [host] = world.hosts;
  const hostId = await addHost(desk, world, host);
  const again = { ...host, address: '10.20.0.11' };
  const why = await problemOf(desk.client.call('host.add', { host: inputOf(world, again), accept: host.fingerprint }));
  expect(why).toMatchObject({ code: 'host.duplicate', hostId });
  expect(desk.hosts.size).toBe(1);
});

test('sudo: free, with a password, with a wrong one, and not at all', async () => {
  const { client } = await open();
  const [host, other] = world.hosts;
  const as = (user: string, more: object = {}) => ({ host: inputOf(world, host, { user, ...more }), accept: host.fingerprint });
  const { hostId } = await client.call('host.add', as('operator'));
  await desk.until('its examination', () => desk.hosts.get(hostId)?.facts?.toolstack === 'xl');
  expect(desk.hosts.get(hostId)?.findings.filter((one) => one.hinders === 'everything')).toEqual([]);
  await client.call('host.remove', { hostId });
  const clerk = await client.call('host.add', as('clerk', { sudoPassword: host.password }));
  await desk.until('its examination as root', () => desk.hosts.get(clerk.hostId)?.facts?.toolstack === 'xl');
  await client.call('host.remove', { hostId: clerk.hostId });
  await client.call('host.add', { host: inputOf(world, other, { user: 'guest' }), accept: other.fingerprint });
  const seen = await desk.until('its report', () => [...desk.hosts.values()].find((one) => one.findings.length > 0));
  expect(seen.findings.map((one) => one.problem.code).join()).toMatch(/host\.(sudoPassword|sudoNotAllowed|noRights)/);
});

test('a changed host key blocks, with both fingerprints, until it is trusted', async () => {
  const own = world.makeWorld();
  desk = await openDesk(own, world.limits);
  const third = world.demo.hosts[2];
  if (!third) throw new Error('no third host');
  const host = {
    label: third.label,
    address: third.address,
    port: third.port,
    password: third.password,
    fingerprint: third.hostKeyFingerprint,
  };
  const hostId = await addHost(desk, world, host);
  await desk.until('a guest', () => desk.guest(hostId, 'dns2'));
  world.demo.fault(third.address, { is: 'newHostKey' });
  const problem = await desk.until('the changed key', () => {
    const link = desk.hosts.get(hostId)?.link;
    return link?.is === 'lost' && link.problem.code === 'hostKey.changed' && link.problem;
  });
  expect(problem.known).toContain(host.fingerprint);
  expect(problem.shown).not.toBe(host.fingerprint);
  expect(desk.guest(hostId, 'dns2')).not.toBeNull();
  await desk.client.call('host.trustKey', { hostId, fingerprint: problem.shown });
  await desk.until('the link again', () => desk.hosts.get(hostId)?.link.is === 'open');
});

test('a cut link is lost, keeps what was seen, and comes back by itself', async () => {
  await open();
  const [host] = world.hosts;
  const hostId = await addHost(desk, world, host);
  await desk.until('a guest', () => desk.guest(hostId, 'mail'));
  world.demo.fault(host.address, { is: 'cutLink' });
  await desk.until('the loss', () => desk.hosts.get(hostId)?.link.is !== 'open');
  expect(desk.guest(hostId, 'mail')).toMatchObject({ name: 'mail' });
  await desk.until('the link again', () => desk.hosts.get(hostId)?.link.is === 'open');
});

test('hosts are still there after a restart', async () => {
  const own = world.makeWorld();
  desk = await openDesk(own, world.limits);
  const [host] = world.hosts;
  const hostId = await addHost(desk, world, host);
  desk.close();
  desk = await openDesk(own, world.limits);
  await desk.until('the link', () => desk.hosts.get(hostId)?.link.is === 'open');
  await desk.client.call('host.remove', { hostId });
  expect(desk.hosts.size).toBe(0);
});

test('a link on which nothing is said any more is noticed, and opened anew when it speaks again', async () => {
  await open();
  const [, host] = world.hosts;
  const hostId = await addHost(desk, world, host);
  await desk.until('a guest', () => desk.guest(hostId, 'db'));
  world.demo.fault(host.address, { is: 'freeze', on: true });
  await desk.until('the loss', () => desk.hosts.get(hostId)?.link.is !== 'open', 20_000);
  expect(desk.guest(hostId, 'db')).toMatchObject({ name: 'db' });
  world.demo.fault(host.address, { is: 'freeze', on: false });
  await desk.until('the link again', () => desk.hosts.get(hostId)?.link.is === 'open', 20_000);
});

test('a machine without Xen needs attention, one with XAPI is read only: both with the sentence, neither changed', async () => {
  await open();
  const third = world.demo.office.hosts[2];
  if (!third) throw new Error('no third host');
  const host = { ...world.hosts[0], address: third.about.address, label: third.about.label, fingerprint: null };
  for (const [toolstack, code] of [
    ['none', 'host.noXen'],
    ['xapi', 'host.readOnly'],
  ] as const) {
    third.about.toolstack = toolstack;
    const { hostId } = await desk.client.call('host.add', { host: inputOf(world, host), accept: fingerprintOf(host) });
    const seen = await desk.until('its report', () => {
      const now = desk.hosts.get(hostId);
      return now && now.findings.length > 0 && now;
    });
    expect(seen.findings.map((one) => one.problem.code)).toContain(code);
    await desk.client.call('host.remove', { hostId });
  }
  third.about.toolstack = 'xl';
});
