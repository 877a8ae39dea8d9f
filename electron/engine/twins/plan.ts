import type { Fix, NetworkFlavour } from '../../contract/twin.ts';

/** What a fix does on its host, exactly: these commands in this order, then these files; `make.sh` does no other. */
export interface FixPlan {
  commands: string[][];
  files: { path: string; text: string }[];
  lasting: boolean;
}

/** How a host's network is configured at boot. */
export interface NetworkGround {
  network: NetworkFlavour;
  /** Suffix of files in /etc/network/interfaces.d that are read; null: none are. */
  sourced: string | null;
}

/** What would be run and written. Pure. */
export function planFix(fix: Fix, ground: NetworkGround): FixPlan {
  switch (fix.is) {
    case 'bridge': {
      const files = bridgeFiles(fix, ground);
      return { commands: bridgeCommands(fix), files, lasting: files.length > 0 };
    }
    case 'folder':
      return { commands: [['mkdir', '-p', '--', fix.path]], files: [], lasting: true };
    case 'volume':
      return {
        commands: [['lvcreate', '-y', '-Wy', '-Zy', '-L', `${fix.sizeMiB}m`, '-n', fix.name, fix.group]],
        files: [],
        lasting: true,
      };
  }
}

type BridgeFix = Extract<Fix, { is: 'bridge' }>;

function bridgeCommands({ name, port }: BridgeFix): string[][] {
  const join = port === null ? [] : [`ip link set dev ${port} master ${name}`, `ip link set dev ${port} up`];
  return [`ip link add name ${name} type bridge`, ...join, `ip link set dev ${name} up`].map((line) => line.split(' '));
}

const note = '# Made by XenFerry: a bridge for virtual machines.\n';

/** Files by which the host makes the bridge at each boot; none where that can't be done in a file of our own. */
function bridgeFiles(fix: BridgeFix, { network, sourced }: NetworkGround): FixPlan['files'] {
  const base = `xenferry-${fix.name.replaceAll('.', '_')}`; // run-parts and source-directory skip names with a dot
  if (network === 'ifupdown' && sourced !== null) {
    return [{ path: `/etc/network/interfaces.d/${base}${sourced}`, text: ifupdownText(fix) }];
  }
  if (network !== 'networkd') return [];
  const folder = '/etc/systemd/network';
  // the first file that matches a link wins, so that of the port stands before others
  const port =
    fix.port === null
      ? []
      : [
          {
            path: `${folder}/05-${base}-port.network`,
            text: `${note}[Match]\nName=${fix.port}\n\n[Network]\nBridge=${fix.name}\nLinkLocalAddressing=no\n`,
          },
        ];
  return [
    { path: `${folder}/50-${base}.netdev`, text: `${note}[NetDev]\nName=${fix.name}\nKind=bridge\n` },
    {
      path: `${folder}/50-${base}.network`,
      text: `${note}[Match]\nName=${fix.name}\n\n[Network]\nLinkLocalAddressing=no\nConfigureWithoutCarrier=yes\n`,
    },
    ...port,
  ];
}

/** Without `bridge_ports`: that needs bridge-utils, and ip is there anyway. */
function ifupdownText({ name, port }: BridgeFix): string {
  const join = port === null ? [] : [`pre-up ip link set dev ${port} master ${name}`, `pre-up ip link set dev ${port} up`];
  return `${note}${[
    `auto ${name}`,
    `iface ${name} inet manual`,
    `\tpre-up ip link show dev ${name} >/dev/null 2>&1 || ip link add name ${name} type bridge`,
    ...join.map((line) => `\t${line}`),
    `\tup ip link set dev ${name} up`,
    `\tpost-down ip link del dev ${name}`,
  ].join('\n')}\n`;
}
