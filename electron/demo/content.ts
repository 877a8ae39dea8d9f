import { SimDomain } from './model/domain.ts';
import { FileTree, type Mount } from './model/files.ts';
import { attach, profileOf } from './model/lifecycle.ts';
import { Office, uuidOf } from './model/office.ts';
import { type HostAbout, type SimHost, volumeOf } from './model/simHost.ts';
import { startTicking } from './model/ticking.ts';
import type { SimTime } from './model/time.ts';
import { VolumeGroup } from './model/volumes.ts';
import { readConfig } from './model/xlcfg.ts';

/** One guest as the demo tells it; everything else follows from it. */
export interface GuestAbout {
  name: string;
  type: 'pv' | 'pvh' | 'hvm';
  memoryMiB: number;
  vcpus: number;
  /**
   * `san/20480`: a volume of the shared group; `local/8192`: of the host's own; `nfs/10240`: a file on the shared export; `file/2048`: on
   * the host's own disk. Several with `+` between them.
   */
  disk: string;
  bridge?: string;
  /** Last number of its address in the office's network. */
  ip: number;
  halted?: boolean;
  autostart?: boolean;
  /** Further lines of its config. */
  more?: string[];
  /** The config was changed after it was started: memory it would have after a restart. */
  afterRestartMiB?: number;
}

const xeon = 'Intel(R) Xeon(R) Silver 4310 CPU @ 2.10GHz';

/** What every host of an office shares: one SAN and one NFS export. */
export interface Shared {
  san: VolumeGroup;
  export: FileTree;
}

export function makeShared(): Shared {
  const san = new VolumeGroup({ name: 'vgsan', sizeMiB: 4 * 1024 * 1024, shared: true });
  const nfs = new FileTree({
    fsType: 'nfs4',
    source: '10.20.0.5:/export/xen',
    fsid: 'nfs-10.20.0.5-export-xen',
    totalMiB: 3 * 1024 * 1024,
  });
  return { san, export: nfs };
}

export function hostAbout(
  shared: Shared,
  about: Partial<HostAbout> & Pick<HostAbout, 'label' | 'hostname' | 'ownAddress' | 'memoryMiB'>,
): HostAbout {
  const root = new FileTree({ fsType: 'ext4', source: '/dev/sda2', fsid: `root-${about.hostname}`, totalMiB: 220 * 1024 });
  const mounts: Mount[] = [
    { path: '/', tree: root },
    { path: '/srv/xen', tree: shared.export },
  ];
  return {
    address: `${about.hostname}.demo`,
    dom0MiB: 2048,
    cpus: 16,
    cpuModel: xeon,
    cpuVendor: 'GenuineIntel',
    xen: { major: 4, minor: 17, extra: '.7' },
    virtCaps: 'pv hvm hap gnttab-v1 gnttab-v2',
    bridges: [{ name: 'xenbr0', up: true, ports: ['eno1'] }],
    nics: [
      { name: 'eno1', address: null },
      { name: 'eno2', address: null },
      { name: 'eno3', address: about.ownAddress.replace(/^10\./, '172.') }, // the network of the storage
      { name: 'eno4', address: null },
    ],
    network: 'ifupdown',
    groups: [new VolumeGroup({ name: 'vg0', sizeMiB: 700 * 1024, shared: false }), shared.san],
    mounts,
    tags: [],
    clockOffsetMs: 0,
    machineId: uuidOf(`machine ${about.hostname}`).replaceAll('-', ''),
    toolstack: 'xl',
    ...about,
  };
}

/** Folders, boot files and images every host has. */
export function furnish(host: SimHost): void {
  const { files } = host;
  for (const folder of [
    '/etc/xen',
    '/etc/xen/auto',
    '/etc/xen/scripts',
    '/etc/network/interfaces.d',
    '/etc/systemd/network',
    '/usr/share/qemu/keymaps',
    '/var/lib/xen/images',
    '/var/lib/xen/boot',
    '/var/log/xen',
    '/var/lib/xenferry',
    '/root/.ssh',
    '/tmp',
    '/srv/xen/iso',
    '/srv/xen/images',
  ]) {
    files.mkdir(folder);
  }
  files.write('/etc/xen/xl.conf', '# Global XL config file\n#autoballoon="auto"\n#vif.default.bridge="xenbr0"\n');
  for (const keymap of ['de', 'en-gb', 'en-us', 'fr', 'ja']) files.write(`/usr/share/qemu/keymaps/${keymap}`, '');
  if (host.about.network === 'ifupdown') files.write('/etc/network/interfaces', interfacesText(host));
  files.write('/etc/os-release', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n');
  files.write('/etc/machine-id', `${host.about.machineId}\n`);
  files.allot('/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64', 8_200_192);
  files.allot('/var/lib/xen/boot/initrd.img-6.1.0-56-amd64', 42_771_553);
  for (const [name, MiB] of [
    ['debian-12.9.0-amd64-netinst.iso', 632],
    ['ubuntu-24.04.2-live-server-amd64.iso', 2_990],
    ['windows-server-2022-eval.iso', 4_817],
  ] as const) {
    if (!files.stat(`/srv/xen/iso/${name}`)) files.allot(`/srv/xen/iso/${name}`, MiB * 1048576);
  }
  if (!files.stat('/srv/xen/images/debian-12-golden.qcow2')) {
    files.allot('/srv/xen/images/debian-12-golden.qcow2', 1_240 * 1048576).virtualBytes = 10_240 * 1048576;
    files.allot('/srv/xen/images/rocky-9-golden.img', 10_240 * 1048576);
  }
}

function interfacesText({ about }: SimHost): string {
  const bridges = about.bridges.map(
    ({ name, ports }, at) =>
      `auto ${name}\niface ${name} inet ${at === 0 ? 'static' : 'manual'}\n\tbridge_ports ${ports.join(' ')}\n${at === 0 ? `\taddress ${about.ownAddress}/24\n` : ''}`,
  );
  return `auto lo\niface lo inet loopback\n\n${bridges.join('\n')}\nsource /etc/network/interfaces.d/*\n`;
}

/** Writes a guest's disk and config, and lets it run unless it is halted. */
export function settle(host: SimHost, guest: GuestAbout, network: string): void {
  const disks = guest.disk.split('+').map((one, nth) => makeDisk(host, guest.name, one, nth));
  const mac = macOf(`${network}.${guest.ip} ${guest.name}`);
  host.office.lease(mac, `${network}.${guest.ip}`);
  const file = `/etc/xen/${guest.name}.cfg`;
  const text = (memoryMiB: number): string => configText({ ...guest, memoryMiB }, disks, mac);
  host.files.write(file, text(guest.memoryMiB));
  if (guest.autostart) host.files.link(file, `/etc/xen/auto/${guest.name}.cfg`);
  if (guest.halted) return;
  const config = readConfig(file, text(guest.memoryMiB));
  const { time } = host.office;
  const domain = new SimDomain({
    domid: host.takeDomid(),
    uuid: config.uuid ?? host.office.makeUuid(),
    config,
    profile: profileOf(config),
    now: time.now() - 1000 * 3600 * (5 + (guest.ip % 400)),
    bootMs: 4_000,
  });
  domain.count(time.now());
  host.add(domain);
  attach(host, domain);
  domain.console.write(
    `\r\n${guest.name}: up, ${domain.vcpus} vcpu, ${domain.memoryMiB} MiB, ip ${network}.${guest.ip}\r\n\r\n${guest.name} login: `,
  );
  startTicking(host, domain, false);
  if (guest.afterRestartMiB) host.files.write(file, text(guest.afterRestartMiB));
}

function makeDisk(host: SimHost, guestName: string, disk: string, nth: number): string {
  const [where = 'local', size = '10240'] = disk.split('/');
  const name = `${guestName.replace(/[^A-Za-z0-9_.-]/g, '-')}${nth === 0 ? '' : `-${nth + 1}`}`;
  if (where === 'nfs' || where === 'file') {
    const path = `${where === 'nfs' ? '/srv/xen/images' : '/var/lib/xen/images'}/${name}.img`;
    host.files.allot(path, Number(size) * 1048576);
    return path;
  }
  const path = where === 'san' ? `/dev/vgsan/${name}` : `/dev/vg0/${name}`;
  const place = volumeOf(path);
  if (place) {
    host.group(place.group)?.create(place.name, Number(size));
    host.active.add(`${place.group}/${place.name}`);
  }
  return path;
}

function configText(guest: GuestAbout, disks: readonly string[], mac: string): string {
  const boot =
    guest.type === 'hvm'
      ? ['boot = "cd"', 'vnc = 1', 'vnclisten = "127.0.0.1"', 'vncunused = 1', 'usbdevice = "tablet"', 'serial = "pty"']
      : [
          'kernel = "/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64"',
          'ramdisk = "/var/lib/xen/boot/initrd.img-6.1.0-56-amd64"',
          'extra = "root=/dev/xvda1 ro console=hvc0"',
        ];
  return `${[
    `# ${guest.name}`,
    `name = "${guest.name}"`,
    `uuid = "${uuidOf(`guest ${guest.name}`)}"`,
    `type = "${guest.type}"`,
    `memory = ${guest.memoryMiB}`,
    `vcpus = ${guest.vcpus}`,
    ...boot,
    'disk = [',
    ...disks.map((disk, nth) => `    "${disk},raw,xvd${'abcdef'[nth]},w",`),
    ']',
    `vif = [ "mac=${mac},bridge=${guest.bridge ?? 'xenbr0'}" ]`,
    ...(guest.more ?? []),
  ].join('\n')}\n`;
}

export function macOf(seed: string): string {
  const hex = uuidOf(`mac ${seed}`).replaceAll('-', '');
  return `00:16:3e:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}`;
}

/** The office of `--demo`: three machines on which every verdict can be met. */
export function demoOffice(time: SimTime): Office {
  const office = new Office(time);
  const shared = makeShared();
  const dmz = { name: 'br-dmz', up: true, ports: ['eno2'] };
  const lan = { name: 'xenbr0', up: true, ports: ['eno1'] };
  const tokyo = office.addHost(
    hostAbout(shared, {
      label: '東京',
      hostname: 'tokyo',
      ownAddress: '10.20.0.11',
      memoryMiB: 32768,
      bridges: [lan, dmz],
      tags: ['本社'],
    }),
  );
  const osaka = office.addHost(
    hostAbout(shared, {
      label: '大阪',
      hostname: 'osaka',
      ownAddress: '10.20.0.12',
      memoryMiB: 65536,
      cpus: 32,
      bridges: [lan, dmz],
      network: 'networkd',
      tags: ['本社'],
    }),
  );
  const nagoya = office.addHost(
    hostAbout(shared, {
      label: '名古屋',
      hostname: 'nagoya',
      ownAddress: '10.20.0.13',
      memoryMiB: 16384,
      cpus: 8,
      cpuModel: 'Intel(R) Xeon(R) E-2236 CPU @ 3.40GHz',
      xen: { major: 4, minor: 18, extra: '.5' },
      tags: ['支社'],
    }),
  );
  for (const host of office.hosts) furnish(host);
  for (const guest of tokyoGuests) settle(tokyo, guest, '10.20.0');
  for (const guest of osakaGuests) settle(osaka, guest, '10.20.0');
  for (const guest of nagoyaGuests) settle(nagoya, guest, '10.20.0');
  // the shared group is seen by all hosts; volumes made on one are not active on the others (XEN.md 22.14), except these
  for (const name of ['mail', 'web', 'db']) for (const host of [tokyo, osaka, nagoya]) host.active.add(`vgsan/${name}`);
  return office;
}

const tokyoGuests: GuestAbout[] = [
  { name: 'mail', type: 'pvh', memoryMiB: 4096, vcpus: 2, disk: 'san/81920', ip: 21, autostart: true },
  { name: 'web', type: 'pvh', memoryMiB: 2048, vcpus: 2, disk: 'san/20480', ip: 22, bridge: 'br-dmz', autostart: true },
  { name: 'files', type: 'pvh', memoryMiB: 6144, vcpus: 4, disk: 'san/1048576', ip: 23, autostart: true },
  {
    name: 'windows-ad',
    type: 'hvm',
    memoryMiB: 4096,
    vcpus: 2,
    disk: 'san/61440',
    ip: 24,
    autostart: true,
    more: ['viridian = 1', 'localtime = 1', 'keymap = "ja"'],
  },
  { name: '受付', type: 'pvh', memoryMiB: 1024, vcpus: 1, disk: 'nfs/10240', ip: 25 },
  { name: 'fax-gateway', type: 'pv', memoryMiB: 512, vcpus: 1, disk: 'local/4096', ip: 26 },
  { name: 'test-tokyo', type: 'pvh', memoryMiB: 1024, vcpus: 1, disk: 'nfs/8192', ip: 27 },
  // its disks are only here: it is copied while it runs
  { name: 'wiki', type: 'pvh', memoryMiB: 1024, vcpus: 1, disk: 'local/8192+file/2048', ip: 29, autostart: true },
  { name: 'old-intranet', type: 'hvm', memoryMiB: 4096, vcpus: 2, disk: 'local/40960', ip: 28, halted: true },
];

const osakaGuests: GuestAbout[] = [
  { name: 'db', type: 'pvh', memoryMiB: 12288, vcpus: 8, disk: 'san/204800', ip: 41, autostart: true },
  { name: 'erp', type: 'hvm', memoryMiB: 8192, vcpus: 4, disk: 'san/122880', ip: 42, autostart: true },
  { name: 'build', type: 'pvh', memoryMiB: 8192, vcpus: 8, disk: 'local/102400', ip: 43 },
  { name: 'monitor', type: 'pvh', memoryMiB: 1024, vcpus: 1, disk: 'san/30720', ip: 44, autostart: true, afterRestartMiB: 2048 },
  { name: 'sim-dirty', type: 'pvh', memoryMiB: 2048, vcpus: 2, disk: 'nfs/8192', ip: 45 },
  { name: 'sim-ignores-shutdown', type: 'pvh', memoryMiB: 512, vcpus: 1, disk: 'nfs/4096', ip: 46 },
  { name: 'sim-migration-fails', type: 'pvh', memoryMiB: 1024, vcpus: 1, disk: 'nfs/4096', ip: 48 },
  { name: 'test-a', type: 'pvh', memoryMiB: 2048, vcpus: 2, disk: 'san/20480', ip: 47, halted: true },
];

const nagoyaGuests: GuestAbout[] = [
  { name: 'backup', type: 'pvh', memoryMiB: 2048, vcpus: 2, disk: 'local/512000', ip: 61, autostart: true },
  { name: 'dns2', type: 'pvh', memoryMiB: 512, vcpus: 1, disk: 'nfs/4096', ip: 62, autostart: true },

  { name: 'sim-broken-move', type: 'pvh', memoryMiB: 256, vcpus: 1, disk: 'nfs/2048', ip: 65, halted: true },
  { name: 'sim-fails-to-start', type: 'pvh', memoryMiB: 512, vcpus: 1, disk: 'nfs/4096', ip: 64, halted: true },
];

/** Any number of hosts with any number of guests: for the bench. */
export function bigOffice(time: SimTime, hosts: number, guests: number): Office {
  const office = new Office(time);
  const shared = makeShared();
  for (let at = 0; at < hosts; at += 1) {
    const host = office.addHost(
      hostAbout(shared, {
        label: `host-${String(at + 1).padStart(3, '0')}`,
        hostname: `host-${String(at + 1).padStart(3, '0')}`,
        ownAddress: `10.${30 + Math.floor(at / 200)}.${at % 200}.1`,
        memoryMiB: 65536,
        tags: [`rack ${Math.floor(at / 20) + 1}`],
      }),
    );
    furnish(host);
    for (let count = 0; count < guests; count += 1) {
      settle(host, bigGuest(at, count), `10.${30 + Math.floor(at / 200)}.${at % 200}`);
    }
  }
  return office;
}

function bigGuest(at: number, count: number): GuestAbout {
  const memoryMiB = [512, 1024, 2048, 4096][(at + count) % 4] ?? 1024;
  return { name: `g${at + 1}-${count + 1}`, type: 'pvh', memoryMiB, vcpus: 2, disk: 'nfs/8192', ip: 10 + count, halted: count % 8 === 7 };
}
