import { describe, expect, test } from 'vitest';
import type { Disk, Guest, GuestShape } from '../../contract/guest.ts';
import type { Host, HostFacts, StoragePlace } from '../../contract/host.ts';
import { fixFor } from '../../contract/twin.ts';
import { compareTwins, type TwinEnd } from './compare.ts';
import type { TwinLook } from './look.ts';

const directory = (path: string, shared: string | null = null): StoragePlace => ({
  is: 'directory',
  path,
  freeMiB: 1,
  totalMiB: 2,
  fsType: 'ext4',
  shared,
});
const group = (name: string, uuid: string): StoragePlace => ({
  is: 'volumeGroup',
  name,
  uuid,
  freeMiB: 9000,
  totalMiB: 10000,
  extentMiB: 4,
});

function end(id: string, change: { facts?: Partial<HostFacts>; look?: Partial<TwinLook>; guests?: Guest[] } = {}): TwinEnd {
  const facts: HostFacts = {
    hostname: id, xenVersion: '4.17.7', toolstack: 'xl', virtCaps: [], xenCaps: [], types: ['pv', 'pvh', 'hvm'], shadow: false, cpus: 4, cpuModel: '',
    cpuVendor: 'GenuineIntel', totalMemoryMiB: 9000, freeMemoryMiB: 4000, dom0MemFixed: true, bridges: [{ name: 'xenbr0', up: true, ports: [] }],
    places: [], configFolders: [], autoFolder: '', systemd: true, tracesWrites: true, clockOffsetMs: 0, isos: [], images: [], kernels: [], volumes: [],
    addresses: [`10.0.0.${id === 'a' ? 1 : 2}`], machineId: id, distribution: '', ...change.facts,
  }; // biome-ignore format: a table
  const look: TwinLook = {
    policies: { pv: null, hvm: { given: new Set(['avx']), most: new Set(['avx', 'erms']) } },
    keymaps: ['en-us', 'ja'], wanted: [], network: 'ifupdown', sourced: '', nics: [], folders: new Map(), ...change.look,
  }; // biome-ignore format: a table
  return { host: { id, label: id.toUpperCase() } as Host, facts, guests: change.guests ?? [], look }; // of a host only that is read
}

function guest(name: string, targets: string[], change: Partial<GuestShape> & { type?: Guest['type'] } = {}): Guest {
  const disks = targets.map(
    (target): Disk => ({ target, vdev: 'xvda', format: 'raw', access: 'rw', cdrom: false, script: null, backend: null }),
  );
  return { name, type: change.type ?? 'pvh', live: { disks, nics: [], ...change } } as unknown as Guest; // and of a guest
}

const told = (a: TwinEnd, b: TwinEnd) =>
  compareTwins(a, b).flatMap((one) => (one.problem ? [[one.what, one.verdict, one.to, one.problem.code]] : []));
const findings = (a: TwinEnd, b: TwinEnd, what: string) => compareTwins(a, b).filter((one) => one.what === what);

describe('two hosts as partners', () => {
  test('alike: a good word for each subject', () => {
    const found = compareTwins(end('a'), end('b'));
    expect(found.every((one) => one.verdict === 'good')).toBe(true);
    expect(found).toHaveLength(8);
  });

  test('a version down is bad in one direction only; several steps up are a remark', () => {
    expect(told(end('a', { facts: { xenVersion: '4.19.1' } }), end('b'))).toEqual([
      ['version', 'bad', 'b', 'move.versionDown'],
      ['version', 'warning', 'a', 'move.versionStep'],
    ]);
    expect(told(end('a'), end('b', { facts: { xenVersion: '4.18.0' } }))).toEqual([['version', 'bad', 'a', 'move.versionDown']]);
  });

  test('another vendor is bad both ways; clocks are a remark', () => {
    const found = told(end('a', { facts: { cpuVendor: 'AuthenticAMD' } }), end('b', { facts: { clockOffsetMs: -5000 } }));
    expect(found).toEqual([
      ['cpu', 'bad', null, 'move.vendor'],
      ['clock', 'warning', null, 'move.clock'],
    ]);
  });

  test('features by name, the grave ones first; harmless ones alone are a remark', () => {
    const a = end('a', {
      look: { policies: { pv: null, hvm: { given: new Set(['erms', 'avx', 'avx2']), most: new Set(['erms', 'avx', 'avx2']) } } },
    });
    const b = end('b', { look: { policies: { pv: null, hvm: { given: new Set(['avx']), most: new Set(['avx']) } } } });
    expect(findings(a, b, 'features')).toMatchObject([
      { verdict: 'bad', to: 'b', problem: { features: ['avx2', 'erms'], host: 'B', types: ['pvh', 'hvm'], grave: true } },
    ]);
    const c = end('c', { look: { policies: { pv: null, hvm: { given: new Set(['avx']), most: new Set(['avx', 'avx2']) } } } });
    expect(findings(a, c, 'features')).toMatchObject([{ verdict: 'warning', problem: { features: ['erms'], grave: false } }]);
  });

  test('a policy that could not be read is said, not guessed', () => {
    expect(findings(end('a'), end('b', { look: { policies: null } }), 'features')).toMatchObject([
      { verdict: 'warning', problem: { code: 'twin.policyUnknown', hosts: ['B'] } },
    ]);
  });

  test('a bridge is bad where a guest uses it, else a remark; also one that a guest names and no host has', () => {
    const bridges = [
      { name: 'xenbr0', up: true, ports: [] },
      { name: 'br1', up: true, ports: [] },
    ];
    const nic = (bridge: string) => ({ mac: null, bridge, model: null, ip: null });
    expect(told(end('a', { facts: { bridges } }), end('b'))).toEqual([['bridge', 'warning', 'b', 'bridge.missing']]);
    const using = end('a', { facts: { bridges }, guests: [guest('web', [], { nics: [nic('br1'), nic('br9')] })] });
    expect(findings(using, end('b'), 'bridge').map((one) => [one.verdict, one.problem])).toMatchObject([
      ['bad', { bridge: 'br1', where: 'B' }],
      ['bad', { bridge: 'br9', where: 'B' }],
    ]);
  });

  test('a bridge that is down, or that no interface joins, is not the one that leads out of the other host', () => {
    const bridge = (up: boolean, ports: string[]) => ({ facts: { bridges: [{ name: 'xenbr0', up, ports }] } });
    const guests = [guest('web', [], { nics: [{ mac: null, bridge: null, model: null, ip: null }] })];
    const a = end('a', { ...bridge(true, ['eno1']), guests });
    expect(findings(a, end('b', bridge(false, ['eno1'])), 'bridge')).toMatchObject([
      { verdict: 'bad', to: 'b', problem: { code: 'bridge.missing', bridge: 'xenbr0', where: 'B', there: 'down' } },
    ]);
    const inner = end('b', bridge(true, []));
    expect(findings(a, inner, 'bridge')).toMatchObject([{ verdict: 'bad', to: 'b', problem: { there: 'noUplink' } }]);
    expect(findings({ ...a, guests: [] }, inner, 'bridge')).toMatchObject([{ verdict: 'warning', problem: { there: 'noUplink' } }]);
    // the way back gains a network
    expect(told({ ...inner, guests }, end('a', bridge(true, ['eno1'])))).toEqual([['bridge', 'warning', 'b', 'bridge.missing']]);
    // nothing is made where a bridge is already
    expect(findings(a, inner, 'bridge').map((one) => one.problem && fixFor(one.problem))).toEqual([null]);
  });

  test('volume groups: shared, missing, and each its own, with the volumes that could be made', () => {
    const volumes = [{ path: '/dev/vg0/web', group: 'vg0', sizeMiB: 2048, active: true, uuid: 'u' }];
    const a = end('a', {
      facts: { places: [group('vg0', 'one'), group('san', 'same')], volumes },
      guests: [guest('web', ['/dev/vg0/web', '/dev/san/x'])],
    });
    const same = end('b', { facts: { places: [group('vg0', 'one'), group('san', 'same')] } });
    expect(told(a, same)).toEqual([]);
    expect(told(a, end('b', { facts: { places: [group('san', 'same')] } }))).toEqual([['storage', 'bad', 'b', 'twin.groupMissing']]);
    const own = end('b', { facts: { places: [group('vg0', 'two'), group('san', 'same')] } });
    expect(findings(a, own, 'storage').map((one) => one.problem)).toMatchObject([
      { code: 'twin.storageLocal', place: 'vg0', guests: ['web'] },
      { code: 'twin.volumeMissing', group: 'vg0', volume: 'web', sizeMiB: 2048 },
    ]);
    const mapped = end('a', { facts: a.facts, guests: [guest('web', ['/dev/mapper/vg0-web'])] });
    const filled = end('b', { facts: { places: own.facts.places, volumes } });
    expect(told(mapped, filled)).toEqual([['storage', 'warning', 'b', 'twin.storageLocal']]);
  });

  test('folders: missing, each its own; mounts: missing, another, the same, exported by the other', () => {
    const guests = [guest('web', ['/srv/vm/web/disk.img']), guest('db', ['/srv/vm/web/db.img'])];
    const local = end('a', { guests });
    const absent = end('b', { look: { folders: new Map([['/srv/vm/web', 'missing']]) } });
    expect(findings(local, absent, 'storage').map((one) => one.problem)).toMatchObject([
      { code: 'twin.folderMissing', path: '/srv/vm/web', guests: ['web', 'db'] },
    ]);
    expect(told(local, end('b', { look: { folders: new Map([['/srv/vm/web', 'folder']]) } }))).toEqual([
      ['storage', 'warning', 'b', 'twin.storageLocal'],
    ]);
    const nfs = end('a', { guests, facts: { places: [directory('/srv/vm', '10.0.0.5:/export')] } });
    expect(told(nfs, absent)).toEqual([['storage', 'bad', 'b', 'twin.mountMissing']]);
    expect(told(nfs, end('b', { facts: { places: [directory('/srv/vm')] } }))).toEqual([['storage', 'bad', 'b', 'twin.mountDiffers']]);
    expect(told(nfs, end('b', { facts: { places: [directory('/srv/vm', '10.0.0.6:/export')] } }))).toEqual([
      ['storage', 'bad', 'b', 'twin.mountDiffers'],
    ]);
    expect(told(nfs, end('b', { facts: { places: [directory('/srv/vm', '10.0.0.5:/export')] } }))).toEqual([]);
    const server = end('a', { guests, facts: { places: [directory('/srv/vm', 'export')] } });
    const client = end('b', { guests, facts: { places: [directory('/srv/vm', '10.0.0.1:/srv/vm')] } });
    expect(told(server, client)).toEqual([]);
    expect(told(server, absent)).toEqual([['storage', 'bad', 'b', 'twin.mountMissing']]);
  });

  test('disks that nobody looked at are no good word: devices, scripts, driver domains, what is passed through, what can’t be read', () => {
    const disk = (target: string, more: Partial<Disk> = {}): Disk => ({
      ...{ target, vdev: 'xvda', format: 'raw', access: 'rw', cdrom: false, script: null, backend: null },
      ...more,
    });
    const of = (...disks: Disk[]) => end('a', { guests: [guest('web', [], { disks })] });
    const storage = (a: TwinEnd) => findings(a, end('b'), 'storage').map((one) => [one.verdict, one.to, one.problem]);
    const those = [
      disk('/dev/sdb'),
      disk('/dev/disk/by-id/wwn-0x5'),
      disk('/dev/mapper/mpatha'),
      disk('/dev/vg9/web'),
      disk('iqn.2001-05.com:disk', { script: 'block-iscsi' }),
      disk('/dev/x', { backend: 'nas' }),
      disk('', { vdev: 'xvdz', script: 'block-nbd' }),
    ];
    const disks = ['/dev/sdb', '/dev/disk/by-id/wwn-0x5', '/dev/mapper/mpatha', '/dev/vg9/web', 'iqn.2001-05.com:disk', '/dev/x', 'xvdz'];
    expect(storage(of(...those))).toEqual([
      ['warning', 'b', { code: 'twin.disksUnknown', effect: 'none', disks, guests: ['web'], host: 'B' }],
    ]);
    expect(storage(of(disk('', { cdrom: true, format: 'empty' })))).toEqual([['good', null, null]]);
    expect(storage(end('a', { guests: [guest('gpu', [], { passthrough: true })] }))).toMatchObject([
      ['warning', 'b', { code: 'twin.devicesUnknown', guests: ['gpu'], host: 'B' }],
    ]);
    const unread = { ...guest('odd', []), live: null };
    expect(storage(end('a', { guests: [unread] }))).toMatchObject([
      ['warning', 'b', { code: 'twin.disksUnknown', disks: [], guests: ['odd'], host: 'B' }],
    ]);
  });

  test('a keymap that a config names; a type that a guest needs', () => {
    const a = end('a', {
      look: {
        wanted: [
          { guest: 'win', keymap: 'de' },
          { guest: 'x', keymap: 'ja' },
        ],
      },
    });
    expect(findings(a, end('b'), 'keymap')).toMatchObject([{ verdict: 'bad', problem: { keymap: 'de', guests: ['win'], host: 'B' } }]);
    expect(told(a, end('b', { look: { keymaps: null } })).map((one) => one[3])).toEqual(['twin.keymapsUnknown', 'twin.keymapsUnknown']);
    const hvm = end('a', { guests: [guest('win', [], { type: 'hvm' })] });
    expect(told(hvm, end('b', { facts: { types: ['pv'] } }))).toEqual([
      ['type', 'warning', 'b', 'move.typeMissing'],
      ['type', 'bad', 'b', 'move.typeMissing'],
    ]);
  });
});
