import type { OutputOf } from '../../../electron/contract/api.ts';
import type { TrashEntry } from '../../../electron/contract/app.ts';
import type { Guest, GuestShape, GuestState, HostSample } from '../../../electron/contract/guest.ts';
import type { GuestType, Host, HostFacts } from '../../../electron/contract/host.ts';
import { problem } from '../../../electron/contract/problem.ts';
import type { MigrationProgress, Task } from '../../../electron/contract/task.ts';

/** Hosts and guests for tests of components: plain values as the engine would say them. */

export function facts(change: Partial<HostFacts> = {}): HostFacts {
  return {
    hostname: 'tokyo-1',
    xenVersion: '4.17.5',
    toolstack: 'xl',
    virtCaps: ['pv', 'hvm', 'hap'],
    xenCaps: [],
    types: ['pv', 'pvh', 'hvm'],
    shadow: false,
    cpus: 16,
    cpuModel: 'Intel(R) Xeon(R) Silver 4314',
    cpuVendor: 'GenuineIntel',
    totalMemoryMiB: 32768,
    freeMemoryMiB: 12000,
    dom0MemFixed: true,
    bridges: [{ name: 'xenbr0', up: true, ports: ['eno1'] }],
    places: [{ is: 'volumeGroup', name: 'vg0', freeMiB: 512000, totalMiB: 1024000, uuid: 'x', extentMiB: 4 }],
    configFolders: ['/etc/xen'],
    autoFolder: '/etc/xen/auto',
    systemd: true,
    tracesWrites: true,
    clockOffsetMs: 12,
    isos: [],
    images: [],
    kernels: [],
    volumes: [],
    addresses: ['192.0.2.11'],
    machineId: 'm1',
    distribution: 'Debian GNU/Linux 12',
    ...change,
  };
}

export function host(id: string, change: Partial<Host> = {}): Host {
  return {
    id,
    label: id,
    address: `${id}.example`,
    port: 22,
    user: 'root',
    authBy: 'agent',
    keyPath: null,
    tags: [],
    jump: null,
    remember: false,
    link: { is: 'open', since: 0 },
    facts: facts({ hostname: id }),
    findings: [],
    seenAt: Date.now(),
    freeMemoryMiB: 12000,
    dom0MemoryMiB: 2048,
    watchProblem: null,
    ...change,
  };
}

export function shape(type: GuestType, memoryMiB: number): GuestShape {
  return {
    type,
    memoryMiB,
    maxMemoryMiB: memoryMiB,
    vcpus: 2,
    maxVcpus: 2,
    disks: [{ target: '/dev/vg0/disk', vdev: 'xvda', format: 'raw', access: 'rw', cdrom: false, script: null, backend: null }],
    nics: [{ mac: '00:16:3e:00:00:01', bridge: 'xenbr0', model: null, ip: null }],
    kernel: null,
    ramdisk: null,
    cmdline: null,
    graphical: type === 'hvm',
    serial: true,
    passthrough: false,
    noMigrate: false,
  };
}

let made = 0;

export function guest(hostId: string, name: string, state: GuestState, memoryMiB: number, change: Partial<Guest> = {}): Guest {
  const id = `g${++made}`;
  const type = change.type ?? 'pvh';
  const own = { ...shape(type, memoryMiB), nics: [{ mac: `00:16:3e:00:00:${id}`, bridge: 'xenbr0', model: null, ip: null }] };
  return {
    key: `${hostId}/${id}`,
    hostId,
    guestId: id,
    name,
    uuid: id,
    state,
    domid: state === 'halted' ? null : made,
    config: { file: `/etc/xen/${name}.cfg`, version: 'v1', autostart: true, hasUuid: true, shape: own, unreadable: null },
    live: state === 'halted' ? null : own,
    needsRestart: [],
    leftover: null,
    memoryMiB,
    vcpus: 2,
    type,
    warning: null,
    doing: null,
    ...change,
  };
}

/** What a look at both hosts says of a live move that nothing hinders, and of which nothing more is known. */
export const looked: OutputOf<'migration.check'> = {
  stopped: null,
  saved: null,
  live: true,
  checks: [],
  disks: [],
  expectedPauseMs: null,
  expectedDiskBytesPerS: null,
  transport: 'key',
  transports: [],
  reachAddress: null,
  expectedSeconds: null,
  pingAddress: null,
};

/** A small office: three servers of different sizes, with something of everything on them. */
export function office(): { hosts: Host[]; guests: Guest[] } {
  const hosts = [
    host('tokyo', { facts: facts({ hostname: 'tokyo', totalMemoryMiB: 65536 }), freeMemoryMiB: 24000, tags: ['本社'] }),
    host('osaka', { facts: facts({ hostname: 'osaka', totalMemoryMiB: 32768 }), freeMemoryMiB: 13000, tags: ['本社'] }),
    host('nagoya', {
      facts: facts({ hostname: 'nagoya', totalMemoryMiB: 16384, bridges: [] }),
      freeMemoryMiB: 5000,
      tags: ['支店'],
      link: {
        is: 'lost',
        since: Date.now() - 40_000,
        retryAt: null,
        problem: problem('ssh.timedOut', { address: 'nagoya.example', port: 22 }),
      },
      seenAt: Date.now() - 42_000,
    }),
  ];
  const guests = [
    guest('tokyo', 'mail', 'running', 8192),
    guest('tokyo', 'web-1', 'running', 4096),
    guest('tokyo', 'web-2', 'blocked', 4096),
    guest('tokyo', 'windows-ad', 'running', 16384, { type: 'hvm', needsRestart: ['memoryMiB'] }),
    guest('tokyo', 'tiny-dns', 'blocked', 256),
    guest('tokyo', 'tiny-ntp', 'blocked', 256),
    guest('tokyo', '検証用', 'halted', 2048),
    guest('osaka', 'files', 'running', 8192),
    guest('osaka', 'legacy-pv', 'running', 2048, { type: 'pv' }),
    guest('osaka', 'build', 'paused', 4096),
    guest('osaka', 'crashed-one', 'crashed', 1024),
    guest('osaka', 'old-intranet', 'halted', 2048),
    guest('nagoya', 'branch', 'running', 4096),
    guest('nagoya', 'backup', 'blocked', 2048),
  ];
  return { hosts, guests };
}

/** Figures of these guests at a moment; they wander, but the same way every time. */
export function sample(hostId: string, guests: readonly Guest[], at: number): HostSample {
  const wave = (seed: number, most: number) =>
    Math.max(0, (Math.sin(at / 9000 + seed) + Math.sin(at / 3100 + seed * 3) + 1.2) * (most / 3.2));
  const figures = (one: { domid: number; name: string; memoryMiB: number }) => ({
    ...one,
    cpuPercent: wave(one.domid, 80),
    netRxBytesPerS: wave(one.domid + 1, 400_000),
    netTxBytesPerS: wave(one.domid + 2, 900_000),
    diskReadBytesPerS: wave(one.domid + 3, 200_000),
    diskWriteBytesPerS: wave(one.domid + 4, 3_000_000),
  });
  return {
    hostId,
    at,
    dom0: figures({ domid: 0, name: 'Domain-0', memoryMiB: 2048 }),
    guests: guests
      .filter((one) => one.hostId === hostId && one.domid !== null)
      .map((one) => ({ ...figures({ domid: one.domid ?? 0, name: one.name, memoryMiB: one.memoryMiB }), key: one.key })),
  };
}

export function migration(change: Partial<MigrationProgress> = {}): MigrationProgress {
  return {
    pass: 1,
    sentBytes: 1,
    memoryBytes: 2,
    bytesPerS: 1,
    downtimeMs: null,
    wallMs: null,
    pingFrom: null,
    pingAddress: null,
    disks: null,
    ...change,
  };
}

/** A move from tokyo to osaka, under way. */
export function moveTask(change: Partial<Task> = {}): Task {
  return {
    id: 't',
    kind: 'guest.migrate',
    hostId: 'tokyo',
    targetHostId: 'osaka',
    guestId: 'u',
    guestName: 'mail',
    phase: 'copyingMemory',
    progress: null,
    migration: migration(),
    startedAt: 0,
    endedAt: null,
    mayCancel: { may: true },
    outcome: null,
    log: [],
    foreign: false,
    ...change,
  };
}

/** What a move of mail left in the trash; it is at osaka now. */
export const trashed = (more: Partial<TrashEntry> = {}): TrashEntry => ({
  trashId: 'x',
  name: 'mail',
  uuid: 'u',
  removedAt: 0,
  movedTo: 'osaka',
  configFile: '/etc/xen/mail.cfg',
  configAt: '',
  disks: [],
  ...more,
});
