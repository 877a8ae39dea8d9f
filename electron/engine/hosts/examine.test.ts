import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problem.ts';
import { answers, type MadeUpHost, madeUpHost, type ProgramRun, replay, shells } from '../remote/programTest.ts';
import { examineProgram, readExamination } from './examine.ts';
import { findingsOf } from './findings.ts';

const recorded = readFileSync(new URL('../../../tests/transcripts/programs/examine-xen1.txt', import.meta.url), 'utf8');
const made: MadeUpHost[] = [];
afterEach(async () => {
  for (const host of made.splice(0)) await host.remove();
});
const newHost = () => {
  const host = madeUpHost();
  made.push(host);
  return host;
};

test('reads what a real host said', () => {
  const { facts, ...rest } = readExamination(recorded);
  expect(facts).toMatchObject({
    hostname: 'xen1',
    xenVersion: '4.17.7',
    toolstack: 'xl',
    types: ['pv', 'pvh', 'hvm'],
    shadow: false,
    cpus: 1,
    cpuVendor: 'AuthenticAMD',
    cpuModel: 'QEMU Virtual CPU version 2.5+',
    totalMemoryMiB: 2047,
    freeMemoryMiB: 1320,
    dom0MemFixed: true,
    bridges: [{ name: 'xenbr0', up: true, ports: ['eth1'] }],
    configFolders: ['/etc/xen'],
    systemd: true,
    isos: [],
    addresses: ['10.0.2.15', 'fec0::5054:ff:fe77:1', '10.77.0.1'],
    machineId: '77000000000040008000000000000001',
    distribution: 'Debian GNU/Linux 12 (bookworm)',
  });
  expect(facts.places).toEqual([
    { is: 'directory', path: '/srv/shared', freeMiB: 3152, totalMiB: 3951, fsType: 'ext4', shared: 'export' },
    { is: 'directory', path: '/var/lib/xen/images', freeMiB: 3152, totalMiB: 3951, fsType: 'ext4', shared: null },
    { is: 'volumeGroup', name: 'vg0', freeMiB: 4028, totalMiB: 4092, uuid: 'zgazfM-Fzuc-Kqmz-5oCo-SJaj-baLQ-cV760p', extentMiB: 4 },
    { is: 'volumeGroup', name: 'vgshared', freeMiB: 1916, totalMiB: 2044, uuid: 'df3szh-mE8u-t7W4-Udvc-lbO6-4boB-y7ZJ8w', extentMiB: 4 },
  ]);
  expect(facts.volumes[1]).toEqual({
    path: '/dev/vgshared/hvm1',
    group: 'vgshared',
    sizeMiB: 32,
    active: true,
    uuid: 'V9vOn2-sGiK-WMX1-tNQR-ZaRs-Sba6-9NyEQc',
  });
  expect(facts.kernels[1]).toEqual({ path: '/var/lib/xen/boot/vmlinuz-tiny', initrds: ['/var/lib/xen/boot/initrd-tiny'] });
  expect(rest).toMatchObject({ dom0: true, xlRefused: null, writable: true });
  expect(rest.hostKeys).toHaveLength(2);
  expect(rest.hostKeys[1]).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});

test('an answer that was cut anywhere is unreadable, never a guess', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: recorded.length - 4 }), (length) => {
      expect(() => readExamination(recorded.slice(0, length))).toThrow(ProblemError);
    }),
  );
});

const lvm = { vgs: 'echo "  vg0|100|50|uuid|4194304"', lvs: 'echo "  vg0|a b|1048576|u|-wi-------|/dev/vg0/ab"' };
const xl = answers({ info: replay('xl-info') });
const plain: ProgramRun = {
  files: {
    '/proc/xen/capabilities': 'control_d\n',
    '/proc/cpuinfo': 'processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\n',
    '/proc/mounts': '/dev/sda1 / ext4 rw 0 0\n',
    '/etc/machine-id': 'abc\n',
    '/etc/os-release': 'NAME=x\nPRETTY_NAME="Debian"\n',
    '/etc/ssh/ssh_host_ed25519_key.pub': 'ssh-ed25519 AAAA root@x\n',
    '/etc/xen/tiny1.cfg': '',
    '/var/lib/xen/images/disk one.img': 'x'.repeat(2_000_000),
    '/var/lib/xen/images/b.qcow2': 'QFI\u00fb',
    '/var/lib/xen/images/Debian.ISO': 'x',
    '/var/lib/xen/boot/vmlinuz-tiny': 'k',
    '/var/lib/xen/boot/initrd-tiny': 'i',
    '/sys/class/net/xenbr0/flags': '0x1003\n',
    '/sys/class/net/xenbr0/bridge/x': '',
    '/sys/class/net/xenbr0/brif/eth0': '',
    '/sys/class/net/xenbr0/brif/vif3.0': '',
    '/sys/hypervisor/type': 'xen\n',
  },
  inside: ['/proc', '/etc', '/var', '/sys', '/run', '/srv', '/boot', '/root', '/vm', '/vms', '/xen', '/data', '/iso', '/isos'],
  standIns: { xl, ...lvm, ip: 'exit 1', df: 'echo h; echo "/dev/sda1 ext4 2048 1024 1024 50% /"', hostname: 'echo box' },
};
const mine = { label: 'box', user: 'root' };

describe.each(shells)('%s', (...shell) => {
  const look = async (how: ProgramRun) => {
    const host = newHost();
    const ran = await host.run(shell as (typeof shells)[number], examineProgram, how);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    return readExamination(ran.stdout.replaceAll(host.root, ''));
  };

  test('a Xen host, with names that have spaces', async () => {
    const examined = await look(plain);
    expect(examined.facts).toMatchObject({
      xenVersion: '4.17.7',
      toolstack: 'xl',
      cpuVendor: 'GenuineIntel',
      machineId: 'abc',
      tracesWrites: false,
      bridges: [{ name: 'xenbr0', up: true, ports: ['eth0'] }],
      configFolders: ['/etc/xen'],
      images: [
        { path: '/var/lib/xen/images/b.qcow2', sizeMiB: 1, format: 'qcow2' },
        { path: '/var/lib/xen/images/disk one.img', sizeMiB: 2, format: 'raw' },
      ],
      isos: [{ path: '/var/lib/xen/images/Debian.ISO', sizeMiB: 1 }],
      kernels: [{ path: '/var/lib/xen/boot/vmlinuz-tiny', initrds: ['/var/lib/xen/boot/initrd-tiny'] }],
      volumes: [{ path: '/dev/vg0/ab', active: false }],
      addresses: [],
    });
    expect(examined.facts.places[0]).toMatchObject({ path: '/var/lib/xen/images', totalMiB: 2, freeMiB: 1 });
    expect(findingsOf(examined, mine, null).map((one) => one.hinders)).not.toContain('everything');
  });

  test('whether it can say what a guest writes', async () => {
    const traced = (folder: string) => ({ [`${folder}/instances/x`]: '', [`${folder}/events/block/block_rq_complete/filter`]: '' });
    for (const folder of ['/sys/kernel/tracing', '/sys/kernel/debug/tracing']) {
      const how = { ...plain, files: { ...plain.files, ...traced(folder) } };
      expect((await look(how)).facts.tracesWrites).toBe(true);
      const noSuchDd = { ...how, standIns: { ...how.standIns, dd: 'exit 1' } };
      expect((await look(noSuchDd)).facts.tracesWrites).toBe(false);
    }
  });

  test('XAPI keeps a host read-only', async () => {
    const examined = await look({ ...plain, files: { ...plain.files, '/etc/xensource-inventory': '' } });
    expect(examined.facts.toolstack).toBe('xapi');
    expect(findingsOf(examined, mine, null)[0]).toMatchObject({
      hinders: 'changing',
      problem: { code: 'host.readOnly', toolstack: 'xapi' },
    });
  });

  test('a user without rights is told so', async () => {
    const refused = 'echo "xencall: error: Could not obtain handle on privileged command interface: Permission denied" >&2; exit 1';
    const examined = await look({ ...plain, standIns: { ...plain.standIns, xl: refused } });
    expect(findingsOf(examined, { label: 'box', user: 'joe' }, null)).toMatchObject([
      { hinders: 'everything', problem: { code: 'host.noRights', user: 'joe' } },
    ]);
  });
});

test('a machine without Xen, and one whose xl is missing', async () => {
  const bare = newHost();
  const other = newHost();
  const { xl: _none, ...rest } = plain.standIns ?? {};
  const [dash] = shells;
  const files = { '/etc/machine-id': 'abc\n', '/proc/mounts': '', '/proc/cpuinfo': '' };
  const none = readExamination((await bare.run(dash, examineProgram, { ...plain, files, standIns: rest })).stdout);
  expect(findingsOf(none, mine, null)).toMatchObject([{ problem: { code: 'host.noXen' } }]);
  const noXl = readExamination((await other.run(dash, examineProgram, { ...plain, standIns: rest })).stdout);
  expect(findingsOf(noXl, mine, null)).toMatchObject([{ problem: { code: 'host.noXl' } }]);
});
