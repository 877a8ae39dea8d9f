import text from '../../engine/remote/programs/examine.sh?raw';
import { infoText } from '../commands/xlInfo.ts';
import type { Inode } from '../model/files.ts';
import type { SimHost } from '../model/simHost.ts';
import type { Proc, SimProgram } from '../server/proc.ts';

/** Looks at a host and changes nothing; what it says is in tests/transcripts/programs/examine-xen1.txt. */
export const examine: SimProgram = {
  name: 'examine',
  text,
  async run(proc) {
    await proc.host.office.time.wait(400);
    const lines = [
      `user ${proc.root ? 0 : 1000}`,
      ...toolLines(proc.host),
      ...xenLines(proc),
      ...machineLines(proc.host),
      ...proc.host.about.bridges.map((one) => `bridge ${one.name} ${one.up ? 1 : 0}${one.ports.map((port) => ` ${port}`).join('')}`),
      ...['/etc/xen', '/etc/xen/vm'].filter((path) => proc.host.files.stat(path)).map((path) => `folder ${path}`),
      ...(proc.root ? ['writable'] : []),
      ...placeLines(proc.host),
      ...fileLines(proc.host),
      ...(proc.root ? groupLines(proc.host) : []),
      'ok',
    ];
    proc.out(lines.map((line) => `${line}\n`).join(''));
    return 0;
  },
};

const block = (name: string, exit: number, lines: string[]): string[] => [
  `begin ${name}`,
  ...lines.map((one) => `|${one}`),
  `end ${name} ${exit}`,
];

function toolLines(host: SimHost): string[] {
  const xen = host.about.toolstack === 'none' ? [] : ['xl', 'xenstore-watch', 'xenstore-read', 'xentop', 'pygrub'];
  return [...xen, 'qemu-img', 'lvs', 'lvcreate', 'flock', 'setsid', 'systemd-run', 'ssh', 'ip']
    .filter((one) => !host.lacks.has(one))
    .map((one) => `have ${one}`)
    .concat('systemd', 'traces');
}

function xenLines(proc: Proc): string[] {
  const { host } = proc;
  const { toolstack } = host.about;
  if (toolstack === 'none') return [];
  const manager = toolstack === 'xl' ? [] : [`toolstack ${toolstack}`];
  const info = proc.root
    ? block('info', 0, infoText(host).trimEnd().split('\n'))
    : [
        ...block('info', 1, []),
        ...block('why', 0, [
          'xencall: error: Could not obtain handle on privileged command interface: Permission denied',
          'libxl: error: libxl.c:102:libxl_ctx_alloc: cannot open libxc handle: Permission denied',
          'cannot init xl context',
        ]),
      ];
  return [...manager, 'dom0', 'hypervisor xen', ...info];
}

function machineLines(host: SimHost): string[] {
  const { about } = host;
  const id = about.machineId;
  return [
    `hostname ${about.hostname}`,
    ...block('cpu', 0, [`vendor_id\t: ${about.cpuVendor}`, `model name\t: ${about.cpuModel}`]),
    ...block('os', 0, ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"']),
    `machine ${id}`,
    `dmi ${id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`,
    ...host.keys.map((one) => `hostkey ${one}`),
    ...block('addresses', 0, [
      '1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever',
      `4: ${about.bridges[0]?.name ?? 'eno1'}    inet ${about.ownAddress}/24 brd ${about.ownAddress.replace(/\d+$/, '255')} scope global ${about.bridges[0]?.name ?? 'eno1'}\\       valid_lft forever preferred_lft forever`,
      ...about.nics.flatMap(({ name, address }, at) =>
        address ? [`${at + 2}: ${name}    inet ${address}/24 scope global ${name}\\       valid_lft forever preferred_lft forever`] : [],
      ),
    ]),
  ];
}

function placeLines(host: SimHost): string[] {
  const places = new Map([['/var/lib/xen/images', host.files.mountOf('/var/lib/xen/images').tree]]);
  for (const mount of host.files.mounts) if (mount.path !== '/') places.set(mount.path, mount.tree);
  return [...places].sort().map(([path, tree]) => {
    const totalKb = tree.totalMiB * 1024;
    const freeKb = Math.max(0, (tree.totalMiB - tree.usedMiB()) * 1024);
    return `place ${[tree.fsType, totalKb, freeKb, tree.source, '', path].join('\t')}`;
  });
}

function fileLines(host: SimHost): string[] {
  const found: string[] = [];
  const all = ['/var/lib/xen/images', ...host.files.mounts.map((one) => one.path).filter((one) => one !== '/')].flatMap((folder) =>
    host.files.below(folder).map((path): [string, Inode | null] => [path, host.files.stat(path)]),
  );
  for (const [path, node] of all.sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (node?.kind !== 'file' || node.sizeBytes === 0) continue;
    if (/\.iso$/i.test(path)) found.push(`iso ${node.sizeBytes}\t${path}`);
    else if (/\.(img|raw|qcow2|qcow)$/.test(path))
      found.push(`image ${path.includes('.qcow') ? 'qcow2' : 'raw'} ${node.sizeBytes}\t${path}`);
  }
  const boot = (host.files.list('/var/lib/xen/boot') ?? []).map((name) => `/var/lib/xen/boot/${name}`);
  return [
    ...found.slice(0, 300),
    ...boot.filter((path) => /vmlinuz|kernel|bzImage/.test(path)).map((path) => `kernel ${path}`),
    ...boot.filter((path) => path.includes('/initr')).map((path) => `initrd ${path}`),
  ];
}

function groupLines(host: SimHost): string[] {
  const bytes = (MiB: number): number => MiB * 1048576;
  const groups = host.about.groups.map(
    (one) => `  ${one.name}|${bytes(one.sizeMiB)}|${bytes(one.freeMiB())}|${one.uuid}|${bytes(one.extentMiB)}`,
  );
  const volumes = host.about.groups.flatMap((group) =>
    [...group.volumes.values()].map((one) => {
      const attr = host.active.has(`${group.name}/${one.name}`) ? '-wi-a-----' : '-wi-------';
      return `  ${group.name}|${one.name}|${bytes(one.sizeMiB)}|${one.uuid}|${attr}|/dev/${group.name}/${one.name}`;
    }),
  );
  return [...block('groups', 0, groups), ...block('volumes', 0, volumes)];
}
