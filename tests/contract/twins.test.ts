import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Fix, TwinReport } from '../../electron/contract/twin.ts';
import { fixFor } from '../../electron/contract/twin.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';
import { simulatedWorld } from './simulated.ts';
import { addHost } from './world.ts';

/** Two simulated hosts as partners, and making what one of them lacks. */

let world: Awaited<ReturnType<typeof simulatedWorld>>;
let desk: Desk;
/** 東京 and 大阪 are alike; 名古屋 is a smaller one of another make. */
let tokyo: string;
let osaka: string;
let nagoya: string;
beforeAll(async () => {
  world = await simulatedWorld();
  desk = await openDesk(world.makeWorld(), world.limits);
  const ids = await Promise.all(world.demo.hosts.map((one) => addHost(desk, world, { ...one, fingerprint: one.hostKeyFingerprint })));
  [tokyo = '', osaka = '', nagoya = ''] = ids;
  await desk.until('all guests', () => desk.guest(tokyo, 'web')?.live?.nics.length && desk.guest(tokyo, 'fax-gateway')?.live?.disks.length);
});
afterAll(async () => {
  desk.close();
  await world.close();
});

const check = (hostId: string, otherHostId: string) => desk.client.call('twin.check', { hostId, otherHostId });
const bad = (report: TwinReport, to: string) => report.findings.filter((one) => one.verdict === 'bad' && (one.to ?? to) === to);
const make = async (hostId: string, fix: Fix) => {
  const { shown, refusal } = await desk.client.call('fix.preview', { hostId, fix });
  expect(refusal).toBeNull();
  return desk.client.call('fix.make', { hostId, fix, shown });
};
const modelOf = (hostname: string) => {
  const host = world.demo.office.hosts.find((one) => one.about.hostname === hostname);
  if (!host) throw new Error(`no ${hostname}`);
  return host;
};

describe('two hosts as partners', () => {
  test('servers alike, on the same storage: nothing is bad, and each subject has its line', async () => {
    const report = await check(tokyo, osaka);
    expect(report.findings.filter((one) => one.verdict === 'bad')).toEqual([]);
    expect(new Set(report.findings.map((one) => one.what)).size).toBe(8);
    expect(report.sides[0]).toMatchObject({ hostId: tokyo, network: 'ifupdown', keymaps: ['de', 'en-gb', 'en-us', 'fr', 'ja'] });
    expect(report.sides[1].network).toBe('networkd');
    expect(report.sides[0].features).toBeGreaterThan(40);
  });

  test('a smaller one of another make: each reason in its direction', async () => {
    const report = await check(tokyo, nagoya);
    const there = bad(report, nagoya).map((one) => one.problem);
    expect(there).toMatchObject([
      { code: 'twin.featuresMissing', host: '名古屋', types: ['pvh', 'hvm'], features: expect.arrayContaining(['avx512f', 'gfni']) },
      { code: 'bridge.missing', bridge: 'br-dmz', where: '名古屋' },
    ]);
    expect(bad(report, tokyo).map((one) => one.problem?.code)).toEqual(['move.versionDown']);
    const remarks = report.findings.filter((one) => one.verdict === 'warning' && one.to === nagoya);
    expect(remarks.map((one) => one.problem?.code)).toEqual(expect.arrayContaining(['twin.storageLocal', 'twin.volumeMissing']));
  });

  test('the other way round says the same', async () => {
    const [one, other] = await Promise.all([check(tokyo, nagoya), check(nagoya, tokyo)]);
    const lines = (report: TwinReport) =>
      report.findings.map((line) => JSON.stringify([line.what, line.verdict, line.to, line.problem])).sort();
    expect(lines(other)).toEqual(lines(one));
  });

  test('with itself, and with one that is not connected: refused', async () => {
    expect((await problemOf(check(tokyo, tokyo))).code).toBe('twin.sameHost');
    await desk.client.call('host.disconnect', { hostId: osaka });
    expect((await problemOf(check(tokyo, osaka))).code).toBe('host.notOpen');
    await desk.client.call('host.connect', { hostId: osaka });
    await desk.until('the link again', () => desk.hosts.get(osaka)?.link.is === 'open');
  });
});

describe('making what is missing', () => {
  const bridge: Fix = { is: 'bridge', name: 'br-dmz', port: null };

  test('a bridge: what would be run and written is shown, and only that is done', async () => {
    const preview = await desk.client.call('fix.preview', { hostId: nagoya, fix: bridge });
    expect(preview).toMatchObject({
      commands: ['ip link add name br-dmz type bridge', 'ip link set dev br-dmz up'],
      files: [{ path: '/etc/network/interfaces.d/xenferry-br-dmz' }],
      lasting: true,
      refusal: null,
    });
    expect(preview.ports.map((one) => [one.name, one.refusal?.code === 'fix.portUnfit' ? one.refusal.unfit : null])).toEqual([
      ['eno1', 'member'],
      ['eno2', null],
      ['eno3', 'address'],
      ['eno4', null],
    ]);
    const before = JSON.stringify(modelOf('nagoya').about.bridges);
    expect((await problemOf(desk.client.call('fix.make', { hostId: nagoya, fix: bridge, shown: 'something else' }))).code).toBe(
      'fix.changed',
    );
    const own = { ...bridge, port: 'eno3' };
    expect((await problemOf(desk.client.call('fix.make', { hostId: nagoya, fix: own, shown: preview.shown }))).code).toBe('fix.portUnfit');
    expect(JSON.stringify(modelOf('nagoya').about.bridges)).toBe(before);
    await desk.client.call('fix.make', { hostId: nagoya, fix: bridge, shown: preview.shown });
    expect(desk.hosts.get(nagoya)?.facts?.bridges.map((one) => one.name)).toContain('br-dmz');
    expect(modelOf('nagoya').files.read('/etc/network/interfaces.d/xenferry-br-dmz')).toBe(preview.files[0]?.text);
    const again = await desk.client.call('fix.preview', { hostId: nagoya, fix: bridge });
    expect(again.refusal).toMatchObject({ code: 'fix.exists', thing: 'br-dmz' });
    const inner = { verdict: 'bad', to: nagoya, problem: { code: 'bridge.missing', bridge: 'br-dmz', there: 'noUplink' } };
    expect((await check(tokyo, nagoya)).findings.filter((one) => one.what === 'bridge')).toMatchObject([inner]);
  });

  test('an uplink for it, and down: each is seen', async () => {
    const made = modelOf('nagoya').about.bridges.find((one) => one.name === 'br-dmz');
    made?.ports.push('eno2');
    expect((await check(tokyo, nagoya)).findings.filter((one) => one.what === 'bridge')).toMatchObject([{ verdict: 'good' }]);
    if (made) made.up = false;
    const down = { verdict: 'bad', problem: { code: 'bridge.missing', there: 'down' } };
    expect((await check(tokyo, nagoya)).findings.filter((one) => one.what === 'bridge')).toMatchObject([down]);
  });

  test('with a port, in the way of systemd-networkd', async () => {
    await make(osaka, { is: 'bridge', name: 'br.10', port: 'eno4' });
    expect(desk.hosts.get(osaka)?.facts?.bridges.find((one) => one.name === 'br.10')?.ports).toEqual(['eno4']);
    expect(modelOf('osaka').files.read('/etc/systemd/network/50-xenferry-br_10.netdev')).toContain('Kind=bridge\n');
    expect(modelOf('osaka').files.read('/etc/systemd/network/05-xenferry-br_10-port.network')).toContain('Bridge=br.10\n');
  });

  test('a volume, as the comparison offers it; a second time it is there', async () => {
    const offered = (await check(tokyo, nagoya)).findings.find((one) => one.problem?.code === 'twin.volumeMissing' && one.to === nagoya);
    const fix = offered?.problem && fixFor(offered.problem);
    if (fix?.is !== 'volume') throw new Error('no volume was offered');
    await make(nagoya, fix);
    expect(modelOf('nagoya').group('vg0')?.volumes.get(fix.name)?.sizeMiB).toBe(fix.sizeMiB);
    expect((await desk.client.call('fix.preview', { hostId: nagoya, fix })).refusal).toMatchObject({ code: 'fix.exists' });
    const big = { ...fix, name: 'big', sizeMiB: 9_000_000 };
    expect((await desk.client.call('fix.preview', { hostId: nagoya, fix: big })).refusal).toMatchObject({ code: 'space.short' });
  });

  test('a folder with those above it', async () => {
    await make(nagoya, { is: 'folder', path: '/srv/vm/web' });
    expect(modelOf('nagoya').files.stat('/srv/vm/web')?.kind).toBe('directory');
  });

  test.each([
    { is: 'bridge', name: 'a b', port: null },
    { is: 'bridge', name: '-x', port: null },
    { is: 'bridge', name: 'br1', port: 'a;b' },
    { is: 'folder', path: '/srv/../etc' },
    { is: 'folder', path: 'srv' },
    { is: 'folder', path: '/a\nb' },
    { is: 'volume', group: '-n', name: 'x', sizeMiB: 4 },
  ] as Fix[])('names that are none are refused: %j', async (fix) => {
    expect((await problemOf(desk.client.call('fix.preview', { hostId: nagoya, fix }))).code).toBe('input.refused');
  });
});
