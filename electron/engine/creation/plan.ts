import type { GuestSpec } from '../../contract/creation.ts';
import type { HostFacts } from '../../contract/host.ts';
import { volumeName } from './name.ts';

/** What makes a guest itself, wherever it is. */
export interface Identity {
  uuid: string;
  mac: string;
}

/** A disk to be made, as `create` and `create-check` take it. */
export type DiskPlan =
  | { is: 'none' }
  | { is: 'file'; path: string; directory: string; format: 'raw' | 'qcow2'; sizeMiB: number }
  | { is: 'volume'; path: string; group: string; volume: string; sizeMiB: number };

/** A spec with everything decided: the paths, the identity and the lines of the config. */
export interface Plan {
  spec: GuestSpec;
  uuid: string;
  /** null: no network card. */
  mac: string | null;
  configFile: string;
  autoLink: string | null;
  disk: DiskPlan;
  /** Image the disk is a copy of. */
  copyOf: string | null;
  /** Files that must be there to be read. */
  needed: string[];
  entries: [key: string, value: string | number | string[]][];
}

/** Decides. `sourceFormat`: of the image or disk it uses, as far as it is known. */
export function planOf(spec: GuestSpec, identity: Identity, facts: Pick<HostFacts, 'autoFolder'>, sourceFormat: 'raw' | 'qcow2'): Plan {
  const configFile = `/etc/xen/${spec.name}.cfg`;
  const disk = diskPlan(spec, identity.uuid);
  const mac = spec.bridge === null ? null : (spec.mac?.toLowerCase() ?? identity.mac);
  const plan = {
    spec,
    uuid: identity.uuid,
    mac,
    configFile,
    autoLink: spec.autostart ? `${facts.autoFolder}/${spec.name}.cfg` : null,
    disk,
    copyOf: spec.source.is === 'copy' ? spec.source.from : null,
    needed: neededFiles(spec),
  };
  return { ...plan, entries: entriesOf({ ...plan, sourceFormat }) };
}

function diskPlan(spec: GuestSpec, uuid: string): DiskPlan {
  const { disk } = spec;
  if (disk.is === 'none' || spec.source.is === 'existing') return { is: 'none' };
  if (disk.is === 'volume') {
    const volume = volumeName(spec.name, uuid);
    return { is: 'volume', group: disk.group, volume, path: `/dev/${disk.group}/${volume}`, sizeMiB: disk.sizeMiB };
  }
  const directory = disk.directory.replace(/\/+$/, '');
  const path = `${directory}/${spec.name}.${disk.format === 'raw' ? 'img' : 'qcow2'}`;
  return { is: 'file', path, directory, format: disk.format, sizeMiB: disk.sizeMiB };
}

function neededFiles({ source }: GuestSpec): string[] {
  const files = source.is === 'iso' ? [source.iso] : [source.kernel, source.ramdisk];
  if (source.is === 'existing') files.unshift(source.disk);
  return files.filter((path) => path !== null);
}

type Entries = Plan['entries'];
type Bare = Omit<Plan, 'entries'> & { sourceFormat: 'raw' | 'qcow2' };

function entriesOf(plan: Bare): Entries {
  const { spec } = plan;
  const entries: Entries = [
    ['name', spec.name],
    ['uuid', plan.uuid],
    ['type', spec.type],
    ['memory', spec.memoryMiB],
    ['vcpus', spec.vcpus],
    ...bootEntries(spec),
  ];
  const disks = diskLines(plan);
  if (disks.length > 0) entries.push(['disk', disks]);
  if (spec.bridge !== null && plan.mac !== null) {
    entries.push(['vif', [`mac=${plan.mac},bridge=${spec.bridge}${spec.type === 'hvm' ? ',model=e1000' : ''}`]]);
  }
  if (spec.type === 'hvm') entries.push(...screenEntries);
  return entries;
}

/** A screen over VNC that only the host itself reaches, a pointer that doesn't drift, and a serial console. */
const screenEntries: Entries = [
  ['vga', 'stdvga'],
  ['vnc', 1],
  ['vnclisten', '127.0.0.1'],
  ['vncunused', 1],
  ['usb', 1],
  ['usbdevice', ['tablet']],
  ['serial', 'pty'],
];

function bootEntries({ type, source }: GuestSpec): Entries {
  if (source.is === 'iso') return [['boot', 'dc']];
  if (source.kernel !== null) {
    const entries: Entries = [['kernel', source.kernel]];
    if (source.ramdisk !== null) entries.push(['ramdisk', source.ramdisk]);
    if (source.cmdline !== '') entries.push(['cmdline', source.cmdline]);
    return entries;
  }
  return type === 'hvm' ? [['boot', 'c']] : [['bootloader', 'pygrub']];
}

/** xl-disk-configuration(5): `target=` comes last and takes the rest, commas included. */
function diskLines(plan: Bare): string[] {
  const { source } = plan.spec;
  const lines: string[] = [];
  if (source.is === 'existing') lines.push(diskLine(plan.sourceFormat, source.disk));
  else if (plan.disk.is === 'file') lines.push(diskLine(plan.disk.format, plan.disk.path));
  else if (plan.disk.is === 'volume') lines.push(diskLine('raw', plan.disk.path));
  if (source.is === 'iso') lines.push(`format=raw,vdev=hdc,access=ro,devtype=cdrom,target=${source.iso}`);
  return lines;
}

const diskLine = (format: string, target: string): string => `format=${format},vdev=xvda,access=rw,target=${target}`;
