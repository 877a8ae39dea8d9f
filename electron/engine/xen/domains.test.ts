import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capture } from '../remote/programTest.ts';
import { readDomains, readLiveDomains } from './domains.ts';
import { readTopLine } from './xentop.ts';

const head =
  'Name                                        ID   Mem VCPUs\tState\tTime(s)   UUID                            Reason-Code\tSecurity Label';
const tail = (uuid: string) => ` ${uuid}        -                -`;
const uuid = '9fa81fca-1354-45df-a606-d2d339d04e22';
/** As libxl prints it: `%-40s %5d %5lu %5d     %c%c%c%c%c%c  %8.1f`. */
const printed = (name: string, id: number, state = '-b----') =>
  `${name.padEnd(40)} ${String(id).padStart(5)} ${'80'.padStart(5)} ${'1'.padStart(5)}     ${state}  ${'22.9'.padStart(8)}${tail(uuid)}`;

describe('xl list -v', () => {
  it('reads the recorded list', () => {
    const { domains, unreadable } = readDomains(capture('xl-list-v').stdout);
    expect(unreadable).toBeNull();
    expect(domains.map(({ domid, name, memoryMiB, state }) => [domid, name, memoryMiB, state])).toEqual([
      [0, 'Domain-0', 704, 'running'],
      [4, 'tiny1', 80, 'running'],
      [5, 'pv1', 96, 'running'],
      [6, 'hvm1', 160, 'running'],
      [7, 'local2', 96, 'running'],
    ]);
    expect(domains[0]?.uuid).toBeNull();
    expect(domains[1]).toMatchObject({ uuid, vcpus: 1, cpuSeconds: 22.9 });
  });

  // the lines of recorded `xl list`, with the columns that -v adds
  it.each(['1', '2', '3', '5', '6', '7', '8'])('reads odd name %s as recorded', (number) => {
    const lines = capture(`name-${number}-list`).stdout.split('\n');
    const domainLine = `${lines[2]}${tail(uuid)}`;
    const domid = Number(/"domid": (\d+),\n *"name": "(?!Domain-0)/.exec(lines.slice(3).join('\n'))?.[1]);
    const name = JSON.parse(`"${/"name": "(?!Domain-0)(.*)",/.exec(lines.slice(3).join('\n'))?.[1]}"`);
    const { domains } = readDomains(`${head}\n${domainLine}\n`);
    expect(domains).toMatchObject([{ domid, name, state: 'paused' }]);
  });

  it.each([
    ['state-dying', '(null)', 'dying'],
    ['state-crashed', 'pv1', 'crashed'],
    ['state-shutdown', 'pv1', 'shutdown'],
    ['state-created-paused', 'pv1', 'paused'],
  ])('reads %s', (file, name, state) => {
    const domainLine = capture(file).stdout.split('\n')[2] ?? '';
    expect(readDomains(`${head}\n${domainLine}${tail(uuid)}`).domains).toMatchObject([{ name, state }]);
  });

  it('reads any name that stays on its line', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((one) => !/[\n\r\u2028\u2029]|^ | $/.test(one));
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const { domains, unreadable } = readDomains([head, ...names.map((one, at) => printed(one, at + 1))].join('\n'));
        expect(unreadable).toBeNull();
        expect(domains.map((one) => one.name)).toEqual(names);
        expect(domains.map((one) => one.domid)).toEqual(names.map((_one, at) => at + 1));
      }),
    );
  });

  it('tells the first line it can not read and keeps the others', () => {
    const { domains, unreadable } = readDomains(`${head}\nwhat is this\n${printed('a', 5)}\n${printed('cut', 6).slice(0, 60)}`);
    expect(unreadable).toBe('what is this');
    expect(domains.map((one) => one.name)).toEqual(['a']);
    expect(readDomains('xl: command not found')).toEqual({ domains: [], unreadable: 'xl: command not found' });
    expect(readDomains('')).toEqual({ domains: [], unreadable: '' });
  });
});

describe('xl list -l', () => {
  it('reads the recorded list', () => {
    const live = readLiveDomains(capture('xl-list-l').stdout);
    expect(live?.map(({ domid, name }) => [domid, name])).toEqual([
      [0, 'Domain-0'],
      [4, 'tiny1'],
      [5, 'pv1'],
      [6, 'hvm1'],
      [7, 'local2'],
    ]);
    expect(live?.[1]).toMatchObject({
      uuid,
      shape: {
        type: 'pvh',
        memoryMiB: 80,
        vcpus: 1,
        maxVcpus: 2,
        disks: [{ target: '/dev/vgshared/tiny1', vdev: 'xvda', format: 'raw', access: 'rw', cdrom: false, script: null, backend: null }],
        nics: [{ mac: '00:16:3e:77:01:01', bridge: 'xenbr0', model: null, ip: null }],
        kernel: '/var/lib/xen/boot/vmlinuz-tiny',
        graphical: false,
        serial: true,
      },
    });
    expect(live?.[3]?.shape).toMatchObject({ type: 'hvm', graphical: true, serial: true });
  });

  it('tells who serves a disk', () => {
    const served = (by: object) => [{ domid: 3, config: { disks: [{ pdev_path: '/dev/vg/a', vdev: 'xvda', ...by }] } }];
    const backend = (by: object) => readLiveDomains(JSON.stringify(served(by)))?.[0]?.shape.disks[0]?.backend;
    expect([{}, { backend_domid: 0 }, { backend_domid: 2 }, { backend_domid: 2, backend_domname: 'nas' }].map(backend)).toEqual([
      null,
      null,
      '2',
      'nas',
    ]);
  });

  it('says null for half an answer', () => {
    const whole = capture('xl-list-l').stdout.trimEnd();
    fc.assert(fc.property(fc.nat(whole.length - 1), (at) => readLiveDomains(whole.slice(0, at)) === null));
  });
});

describe('xentop', () => {
  it('reads the recorded samples', () => {
    const lines = capture('xentop-b').stdout.trimEnd().split('\n');
    expect(lines.filter((one) => readTopLine(one) === null)).toHaveLength(2); // the two headers
    expect(readTopLine(lines.at(-1) ?? '')).toEqual({
      name: 'tiny1',
      paused: false,
      down: false,
      crashed: false,
      dying: false,
      cpuPercent: 14.9,
      memoryMiB: 80,
      netTxKB: 2,
      netRxKB: 0,
      readSectors: 1016,
      writtenSectors: 976,
    });
    expect(readTopLine(lines[1] ?? '')).toMatchObject({ name: 'Domain-0', memoryMiB: 704 });
  });

  it('reads a dom0 without a limit, and the state letters in their own order', () => {
    const dom0 =
      '  Domain-0 -----r        284    0.0     720896   34.4   no limit       n/a     1    0        0        0    0        0        0        0          0          0    0';
    expect(readTopLine(dom0)).toMatchObject({ name: 'Domain-0', memoryMiB: 704 });
    const crashed = capture('state-crashed-xentop').stdout.split('\n').map(readTopLine);
    expect(crashed.filter((one) => one?.crashed).map((one) => one?.name)).toEqual(['pv1']);
  });
});
