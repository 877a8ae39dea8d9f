import type { SimDomain } from './domain.ts';
import type { SimConfig } from './xlcfg.ts';

type Tree = string | number | Tree[] | { [key: string]: Tree };

/** yajl's beautiful JSON as `xl` prints it: four spaces, and an empty map has an empty line in it. */
export function yajl(value: Tree, depth = 0): string {
  const pad = '    '.repeat(depth);
  const inner = `${pad}    `;
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('/', '/');
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return `[\n\n${pad}]`;
    return `[\n${value.map((one) => inner + yajl(one, depth + 1)).join(',\n')}\n${pad}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return `{\n\n${pad}}`;
  return `{\n${entries.map(([key, one]) => `${inner}${JSON.stringify(key)}: ${yajl(one, depth + 1)}`).join(',\n')}\n${pad}}`;
}

/** What `xl create -n` prints of a config (captures xl-create-n-*), or, with a domain, `xl list -l` (xl-list-l). */
export function configJson(config: SimConfig, uuid: string, live: SimDomain | null): Tree {
  const info: { [key: string]: Tree } = { type: config.type, name: live?.name ?? config.name };
  if (live) info.domid = 4294967295;
  info.uuid = uuid;
  info.run_hotplug_scripts = 'True';
  const whole: { [key: string]: Tree } = { c_info: info, b_info: buildInfo(config, live) };
  if (config.disks.length > 0) whole.disks = config.disks.map((one) => diskJson(one, live !== null));
  if (config.nics.length > 0) whole.nics = config.nics.map((one, at) => nicJson(one, at, live ? config.type : null));
  if (config.onPoweroff) whole.on_poweroff = config.onPoweroff;
  whole.on_reboot = config.onReboot;
  if (config.onCrash) whole.on_crash = config.onCrash;
  whole.on_soft_reset = 'soft_reset';
  return whole;
}

function buildInfo(config: SimConfig, live: SimDomain | null): Tree {
  const info: { [key: string]: Tree } = {
    max_vcpus: config.maxVcpus,
    avail_vcpus: Array.from({ length: live?.vcpus ?? config.vcpus }, (_, at) => at),
    max_memkb: config.maxMemoryMiB * 1024,
    target_memkb: (live?.memoryMiB ?? config.memoryMiB) * 1024,
  };
  if (live) info.video_memkb = config.type === 'hvm' ? 16384 : 0;
  info.sched_params = live ? { sched: 'credit2', weight: 256, cap: 0 } : {};
  info.claim_mode = 'True';
  if (config.bootloader) info.bootloader = config.bootloader;
  if (config.kernel) info.kernel = config.kernel;
  if (config.cmdline) info.cmdline = config.cmdline;
  if (config.ramdisk) info.ramdisk = config.ramdisk;
  info[`type.${config.type}`] = config.type === 'hvm' ? hvmJson(config) : {};
  info.arch_arm = {};
  info.arch_x86 = live ? { msr_relaxed: 'False' } : {};
  return info;
}

function hvmJson(config: SimConfig): Tree {
  const info: { [key: string]: Tree } = {
    vga: { kind: 'std' },
    vnc: config.vnc ? { enable: 'True', listen: '127.0.0.1', findunused: 'True' } : {},
    sdl: {},
    spice: {},
  };
  if (config.boot) info.boot = config.boot;
  if (config.serial) info.serial = config.serial;
  if (config.usbdevice) info.usbdevice = config.usbdevice;
  info.rdm = {};
  return info;
}

function diskJson(disk: SimConfig['disks'][number], live: boolean): Tree {
  const made: { [key: string]: Tree } = { pdev_path: disk.target, vdev: disk.vdev, format: disk.target === '' ? 'empty' : disk.format };
  if (disk.cdrom) {
    made.removable = 1;
    made.is_cdrom = 1;
  }
  if (disk.readwrite) made.readwrite = 1;
  if (live) made.colo_restore_enable = 'False';
  return made;
}

function nicJson(nic: SimConfig['nics'][number], at: number, liveType: SimConfig['type'] | null): Tree {
  const made: { [key: string]: Tree } = { devid: at };
  if (nic.model) made.model = nic.model;
  if (nic.mac) made.mac = nic.mac;
  if (nic.bridge) made.bridge = nic.bridge;
  else if (liveType) made.bridge = 'xenbr0';
  if (nic.ip) made.ip = nic.ip;
  if (liveType) made.nictype = liveType === 'hvm' ? 'vif_ioemu' : 'vif';
  return made;
}
