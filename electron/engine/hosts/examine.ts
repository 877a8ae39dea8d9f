import type { Bridge, GuestType, HostFacts, StoragePlace } from '../../contract/host.ts';
import type { Limits } from '../limits.ts';
import { type Answer, readAnswer } from '../remote/answer.ts';
import text from '../remote/programs/examine.sh?raw';
import type { Program, Remote } from '../remote/remote.ts';
import { fingerprintOf } from '../ssh/wire.ts';
import type { Clock } from '../world.ts';
import { clockOffset } from './clockOffset.ts';

/** Looks at a host and changes nothing. */
export const examineProgram: Program = { name: 'examine', text };

/** What an examination tells: the facts for the page, and what only the engine needs. */
export interface Examined {
  facts: HostFacts;
  /** Fingerprints of all the host's keys, SHA256:…: by them the same machine is known under another address. */
  hostKeys: string[];
  /** Tools of `examine.sh`'s list that are there. */
  tools: string[];
  /** It is a dom0: Xen runs, and this system manages it. */
  dom0: boolean;
  /** What `xl info` said instead of answering; null: it answered, or there is no `xl`. */
  xlRefused: string | null;
  /** We may write configs. */
  writable: boolean;
}

/** Runs the program and reads the clock. Problems: `output.unreadable`, and those of Remote. It is many commands in one: it gets more time than one. */
export async function examine(remote: Remote, clock: Clock, limits: Pick<Limits, 'commandMs'>): Promise<Examined> {
  const offset = await clockOffset(remote, clock);
  const ran = await remote.program(examineProgram, [], { timeoutMs: 3 * limits.commandMs });
  const examined = readExamination(ran.stdout);
  return { ...examined, facts: { ...examined.facts, clockOffsetMs: offset } };
}

/** Reads what `examine` said. Pure. Problem: `output.unreadable`. */
export function readExamination(stdout: string): Examined {
  const answer = readAnswer('examine', stdout);
  const info = readPairs(answer.block('info')?.text ?? '', /^(\w+)\s*: (.*)$/);
  const cpu = readPairs(answer.block('cpu')?.text ?? '', /^([\w ]+?)\s*: (.*)$/);
  const virtCaps = words(info.get('virt_caps'));
  const tools = answer.lines('have');
  const answered = info.has('xen_version');
  const facts: HostFacts = {
    hostname: info.get('host') ?? answer.lines('hostname')[0] ?? '',
    xenVersion: info.get('xen_version') ?? '',
    toolstack: toolstackOf(answer, tools, answered),
    virtCaps,
    xenCaps: words(info.get('xen_caps')),
    types: typesOf(virtCaps),
    shadow: virtCaps.includes('shadow'),
    cpus: number(info.get('nr_cpus')),
    cpuModel: cpu.get('model name') ?? '',
    cpuVendor: cpu.get('vendor_id') ?? '',
    totalMemoryMiB: number(info.get('total_memory')),
    freeMemoryMiB: number(info.get('free_memory')),
    dom0MemFixed: /(^| )dom0_mem=/.test(info.get('xen_commandline') ?? ''),
    bridges: answer.lines('bridge').map(readBridge),
    places: [...answer.lines('place').flatMap(readPlace), ...readGroups(answer.block('groups')?.text ?? '')],
    configFolders: answer.lines('folder'),
    autoFolder: '/etc/xen/auto',
    systemd: answer.has('systemd'),
    tracesWrites: answer.has('traces'),
    clockOffsetMs: 0,
    isos: answer.lines('iso').flatMap(readIso),
    images: answer.lines('image').flatMap(readImage),
    kernels: pairKernels(answer.lines('kernel'), answer.lines('initrd')),
    volumes: readVolumes(answer.block('volumes')?.text ?? ''),
    addresses: readAddresses(answer.block('addresses')?.text ?? ''),
    machineId: answer.lines('machine')[0] || answer.lines('dmi')[0] || '',
    distribution: /^PRETTY_NAME="?(.*?)"?$/m.exec(answer.block('os')?.text ?? '')?.[1] ?? '',
  };
  const why = answer.block('why')?.text.trim();
  return {
    facts,
    hostKeys: answer.lines('hostkey').map((line) => fingerprintOf(Buffer.from(line.split(' ')[1] ?? '', 'base64'))),
    tools,
    dom0: answered || answer.has('dom0'),
    xlRefused: answered || !tools.includes('xl') ? null : (why ?? ''),
    writable: answer.has('writable'),
  };
}

function readPairs(text_: string, shape: RegExp): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text_.split('\n')) {
    const [, name, value] = shape.exec(line) ?? [];
    if (name && value !== undefined && !pairs.has(name)) pairs.set(name, value.trim());
  }
  return pairs;
}

const words = (value: string | undefined): string[] => (value ?? '').split(/\s+/).filter(Boolean);
const number = (value: string | undefined): number => Number.parseInt(value ?? '', 10) || 0;
const mib = (bytes: number): number => Math.floor(bytes / (1024 * 1024));

/** XAPI and xend keep a record of every guest that `xl` would contradict. */
function toolstackOf(answer: Answer, tools: readonly string[], answered: boolean): HostFacts['toolstack'] {
  const other = answer.lines('toolstack');
  if (other.includes('xapi')) return 'xapi';
  if (other.includes('xend')) return 'xend';
  return tools.includes('xl') && (answered || answer.has('dom0')) ? 'xl' : 'none';
}

/** PVH needs what HVM needs: hardware virtualisation with nested paging. Xen before 4.10 has no virt_caps for PV. */
function typesOf(virtCaps: readonly string[]): GuestType[] {
  const types: GuestType[] = [];
  if (virtCaps.includes('pv')) types.push('pv');
  if (virtCaps.includes('hvm') && virtCaps.includes('hap')) types.push('pvh');
  if (virtCaps.includes('hvm')) types.push('hvm');
  return types;
}

/** `xenbr0 1 eth1 vif3.0`: name, up, ports. */
function readBridge(line: string): Bridge {
  const [name = '', up = '', ...ports] = line.split(' ').filter(Boolean);
  return { name, up: up === '1', ports: ports.filter((port) => !/^(vif|tap)\d+\.\d+(-emu)?$/.test(port)) };
}

const networked = /^(nfs4?|cifs|ceph|fuse\.glusterfs|ocfs2|gfs2)$/;

/** `nfs4 ⇥ total KiB ⇥ free KiB ⇥ 10.77.0.1:/srv/shared ⇥ export or nothing ⇥ /srv/shared` */
function readPlace(line: string): StoragePlace[] {
  const [fsType = '', total = '', free = '', source = '', how = '', ...rest] = line.split('\t');
  const path = rest.join('\t');
  if (!path.startsWith('/')) return [];
  const shared = networked.test(fsType) ? source : how === 'export' ? 'export' : null;
  return [{ is: 'directory', path, freeMiB: Math.floor(number(free) / 1024), totalMiB: Math.floor(number(total) / 1024), fsType, shared }];
}

function rows(text_: string): string[][] {
  return text_
    .split('\n')
    .map((line) => line.trim().split('|'))
    .filter((row) => row.length >= 5);
}

/** `vg0|4290772992|4223664128|zgazfM-…|4194304`: name, bytes, free bytes, uuid, extent bytes. */
function readGroups(text_: string): StoragePlace[] {
  return rows(text_).map(([name = '', total, free, uuid = '', extent]) => ({
    is: 'volumeGroup',
    name,
    freeMiB: mib(Number(free)),
    totalMiB: mib(Number(total)),
    uuid,
    extentMiB: Math.max(1, mib(Number(extent))),
  }));
}

/** `vg0|local1|67108864|2dg8NV-…|-wi-a-----|/dev/vg0/local1`. Pools and the like have no path to give to a guest. */
function readVolumes(text_: string): HostFacts['volumes'] {
  return rows(text_).flatMap(([group = '', , bytes, uuid = '', attributes = '', path = '']) => {
    if (!path || /^[tTeivDM]/.test(attributes)) return [];
    return [{ path, group, sizeMiB: mib(Number(bytes)), active: attributes[4] === 'a', uuid }];
  });
}

function readIso(line: string): HostFacts['isos'] {
  const [, bytes, path] = /^(\d+)\t(\/.*)$/.exec(line) ?? [];
  return path ? [{ path, sizeMiB: Math.ceil(Number(bytes) / (1024 * 1024)) }] : [];
}

function readImage(line: string): HostFacts['images'] {
  const [, format, bytes, path] = /^(raw|qcow2) (\d+)\t(\/.*)$/.exec(line) ?? [];
  return path ? [{ path, sizeMiB: Math.ceil(Number(bytes) / (1024 * 1024)), format: format === 'qcow2' ? 'qcow2' : 'raw' }] : [];
}

/** A kernel's initrds lie beside it and carry its version: vmlinuz-6.1.0-56-amd64, initrd.img-6.1.0-56-amd64. */
function pairKernels(kernels: readonly string[], initrds: readonly string[]): HostFacts['kernels'] {
  return kernels.map((path) => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const version = path.slice(folder.length).replace(/^[^-]*-?/, '');
    const beside = initrds.filter((one) => one.startsWith(folder) && !one.slice(folder.length).includes('/'));
    const own = beside.filter((one) => version !== '' && one.includes(version));
    return { path, initrds: own.length > 0 ? own : beside };
  });
}

/** `2: eth0    inet 10.0.2.15/24 brd …`: all but loopback and what only counts on one wire. */
function readAddresses(text_: string): string[] {
  const found = [...text_.matchAll(/^\d+: \S+\s+inet6? (\S+?)(?:\/\d+)? .*$/gm)];
  const scoped = found.filter(([line]) => !/ scope (host|link)/.test(line));
  return scoped.flatMap(([, address]) => (address ? [address] : []));
}
