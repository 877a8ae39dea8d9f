import type { GuestShape, GuestState } from '../../contract/guest.ts';
import { driverDomain } from './diskSpec.ts';

/** A line of `xl list -v`. */
export interface Domain {
  domid: number;
  /** As the column has it: `(null)` for a domain without one, cut by nothing but possibly with a newline lost. */
  name: string;
  uuid: string | null;
  memoryMiB: number;
  vcpus: number;
  state: Exclude<GuestState, 'halted'>;
  cpuSeconds: number;
}

// tiny1                                        4    80     1     -b----      22.9 9fa81fca-…-a606-d2d339d04e22        -                -
// Long names push the columns: everything is found from the right. Column 5 of the state is the reason of a shutdown.
const line =
  /^(.*?) +(\d+) +(\d+) +(\d+) +([r-])([b-])([p-])([s-])(.)([d-]) +(\d+\.\d) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) +\S+ +\S+ *$/;
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/** Reads `xl list -v`. A line that can't be read is told by its text in `unreadable`; the others count. */
export function readDomains(text: string): { domains: Domain[]; unreadable: string | null } {
  const [head, ...lines] = text.split('\n').filter((one) => one !== '');
  if (!head?.startsWith('Name ')) return { domains: [], unreadable: (head ?? '').slice(0, 400) };
  let unreadable: string | null = null;
  const domains: Domain[] = [];
  for (const one of lines) {
    const domain = readDomain(one);
    if (domain) domains.push(domain);
    else unreadable ??= one.slice(0, 400);
  }
  return { domains, unreadable };
}

function readDomain(text: string): Domain | null {
  const parts = line.exec(text);
  if (!parts) return null;
  const [, name = '', domid, memory, vcpus, , , paused, down, reason, dying, seconds, uuid = ''] = parts;
  return {
    domid: Number(domid),
    name,
    uuid: uuid === NO_UUID ? null : uuid,
    memoryMiB: Number(memory),
    vcpus: Number(vcpus),
    state: stateOf({ paused: paused === 'p', down: down === 's', crashed: reason === 'c', dying: dying === 'd' }),
    cpuSeconds: Number(seconds),
  };
}

/**
 * Running and blocked are not told apart: a guest waits and works many times a second, its CPU trace says more than one look.
 * A guest that is suspended for its migration stands in `shutdown` for that time.
 */
export function stateOf(flags: { paused: boolean; down: boolean; crashed: boolean; dying: boolean }): Domain['state'] {
  if (flags.dying) return 'dying';
  if (flags.crashed) return 'crashed';
  if (flags.down) return 'shutdown';
  return flags.paused ? 'paused' : 'running';
}

/** A domain of `xl list -l`: its name as it really is, and the config it runs with. */
export interface LiveDomain {
  domid: number;
  name: string;
  uuid: string | null;
  shape: GuestShape;
}

type Json = { [key: string]: unknown };
const object = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});
const objects = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const yes = (value: unknown): boolean => value === 'True' || value === true || value === 1;

/** Reads `xl list -l`; null: not the JSON it should be. Unknown fields are a newer Xen's and ignored; the outer domid counts. */
export function readLiveDomains(json: string): LiveDomain[] | null {
  const read = jsonOf(json);
  if (!Array.isArray(read)) return null;
  return read.flatMap((one) => {
    const { domid, config } = object(one);
    const created = object(object(config).c_info);
    if (typeof domid !== 'number') return [];
    return [{ domid, name: text(created.name) ?? '', uuid: text(created.uuid), shape: liveShape(object(config)) }];
  });
}

function liveShape(config: Json): GuestShape {
  const built = object(config.b_info);
  const said = text(object(config.c_info).type);
  const type = said === 'hvm' || said === 'pvh' ? said : 'pv';
  const hvm = object(built['type.hvm']);
  const memory = Math.round((number(built.target_memkb) ?? number(built.max_memkb) ?? 0) / 1024);
  const available = Array.isArray(built.avail_vcpus) ? built.avail_vcpus.length : 1;
  return {
    type,
    memoryMiB: memory,
    maxMemoryMiB: Math.max(Math.round((number(built.max_memkb) ?? 0) / 1024), memory),
    vcpus: available,
    maxVcpus: Math.max(number(built.max_vcpus) ?? available, available),
    disks: objects(config.disks).map((disk) => ({
      target: text(disk.pdev_path) ?? '',
      vdev: text(disk.vdev) ?? '',
      format: text(disk.pdev_path) ? (text(disk.format) ?? 'raw') : 'empty',
      access: yes(disk.readwrite) ? 'rw' : 'ro',
      cdrom: yes(disk.is_cdrom),
      script: text(disk.script),
      backend: driverDomain(text(disk.backend_domname) ?? String(number(disk.backend_domid) ?? 0)),
    })),
    nics: objects(config.nics).map((nic) => ({
      mac: text(nic.mac)?.toLowerCase() ?? null,
      bridge: text(nic.bridge),
      model: text(nic.model),
      ip: text(nic.ip),
    })),
    kernel: text(built.bootloader) ? null : text(built.kernel),
    ramdisk: text(built.bootloader) ? null : text(built.ramdisk),
    cmdline: text(built.cmdline),
    graphical: type === 'hvm' ? object(hvm.vnc).enable === undefined || yes(object(hvm.vnc).enable) : objects(config.vfbs).length > 0,
    serial: type !== 'hvm' || text(hvm.serial) !== null || (Array.isArray(hvm.serial_list) && hvm.serial_list.length > 0),
    passthrough: objects(config.pcidevs).length + objects(config.usbdevs).length + objects(config.dtdevs).length > 0,
    noMigrate: yes(built.disable_migrate),
  };
}

function jsonOf(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return null;
  }
}
