import { afterEach, describe, expect, test } from 'vitest';
import { type MadeUpHost, madeUpHost, type ProgramRun, shells } from '../remote/programTest.ts';
import { lookProgram, readLook } from './look.ts';

const made: MadeUpHost[] = [];
afterEach(async () => {
  for (const host of made.splice(0)) await host.remove();
});

const policies = ['Raw', 'Host', 'PV Max', 'HVM Max', 'PV Default', 'HVM Default']
  .map(
    (name) =>
      `${name} policy: 32 leaves, 2 MSRs\n CPUID:\n  leaf     subleaf  -> eax      ebx      ecx      edx\n  00000001:ffffffff -> 000806c1:00020800:00000001:00000001\n MSRs:\n  index    -> value\n  000000ce -> 0000000000000000`,
  )
  .join('\n');
const files = {
  '/usr/share/qemu/keymaps/en-us': '',
  '/usr/share/qemu/keymaps/ja': '',
  '/etc/network/interfaces': 'auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet dhcp\nsource /etc/network/interfaces.d/*\n',
  '/etc/xen/win.cfg': 'name = "win"\nkeymap = "ja"\n\n# of a Windows guest\n',
  '/etc/xen/pv.cfg': "name = 'pv'\nvfb = [ 'vnc=1,keymap=de' ]\n",
  '/etc/xen/plain.cfg': 'name = "plain"\n',
  '/srv/vm/disk': '',
  '/sys/class/net/eth0/device/x': '',
  '/sys/class/net/eth1/device/x': '',
  '/sys/class/net/eth2/device/x': '',
  '/sys/class/net/eth2/upper_eth2.5/x': '',
  '/sys/class/net/vif1.0/device/x': '',
  '/sys/class/net/xenbr0/bridge/x': '',
};
const inside = ['/etc', '/usr', '/srv', '/sys'];
const ip =
  'case "$*" in *eth0) echo "2: eth0    inet 10.0.0.2/24 scope global eth0" ;; *) echo "3: eth1    inet6 fe80::1/64 scope link" ;; esac';

describe.each(shells)('%s', (...shell) => {
  const look = async (
    how: ProgramRun,
    args: { folders: string[]; configs: { file: string; guest: string }[] } = { folders: [], configs: [] },
  ) => {
    const host = madeUpHost();
    made.push(host);
    const paths = [...args.folders, ...args.configs.map((one) => one.file)].map((one) => host.root + one);
    // paths in that file are of the made-up host too
    const interfaces = how.files?.['/etc/network/interfaces']?.replaceAll('/etc/', () => `${host.root}/etc/`);
    const own = { ...how.files, ...(interfaces === undefined ? {} : { '/etc/network/interfaces': interfaces }) };
    const call = { inside, args: [String(args.folders.length), ...paths], ...how, files: own };
    const ran = await host.run(shell as (typeof shells)[number], lookProgram, call);
    expect(ran).toMatchObject({ exit: 0, stderr: '' });
    return readLook(ran.stdout, args.folders, args.configs);
  };

  test('all of it', async () => {
    const standIns = { 'xen-cpuid': `[ "$1" = -p ] && cat <<'X'\n${policies}\nX`, ip, ifup: 'exit 0', systemctl: 'exit 3' };
    const configs = ['win', 'pv', 'plain', 'gone'].map((guest) => ({ guest, file: `/etc/xen/${guest}.cfg` }));
    const found = await look({ files, standIns }, { folders: ['/srv/vm', '/srv/vm/disk', '/srv/no where'], configs });
    expect(found).toMatchObject({
      keymaps: ['en-us', 'ja'],
      wanted: [
        { guest: 'win', keymap: 'ja' },
        { guest: 'pv', keymap: 'de' },
      ],
      network: 'ifupdown',
      sourced: '',
      nics: [
        { name: 'eth0', fit: 'address' },
        { name: 'eth1', fit: 'free' },
        { name: 'eth2', fit: 'below' },
      ],
    });
    expect([...found.folders.values()]).toEqual(['folder', 'other', 'missing']);
    expect([...(found.policies?.hvm?.most ?? [])]).toEqual(['fpu', 'pni']);
  });

  test('a host that says nothing is told as not known', async () => {
    const found = await look({
      files: { '/etc/x': '' },
      standIns: { 'xen-cpuid': 'echo "xc_interface_open: Permission denied" >&2; exit 1' },
    });
    expect(found).toMatchObject({ policies: null, keymaps: null, wanted: [], network: 'unknown', sourced: null, nics: [] });
  });

  test.each([
    ['source /etc/network/interfaces.d/*.cfg', '.cfg'],
    ['source interfaces.d/*', ''],
    ['source-directory /etc/network/interfaces.d', ''],
    ['# source /etc/network/interfaces.d/*', null],
    ['source /etc/network/interfaces.local', null],
  ])('%s', async (line, sourced) => {
    const found = await look({
      files: { '/etc/network/interfaces': `auto eth0\niface eth0 inet dhcp\n${line}\n` },
      standIns: { ifup: 'exit 0' },
    });
    expect(found).toMatchObject({ network: 'ifupdown', sourced });
  });

  test.each([
    ['netplan', { '/etc/netplan/50-cloud.yaml': '' }, { netplan: 'exit 0' }],
    ['wicked', { '/etc/sysconfig/network/ifcfg-eth0': '' }, { wicked: 'exit 0' }],
    ['networkd', { '/etc/network/interfaces': 'iface lo inet loopback\n' }, { ifup: 'exit 0', systemctl: '[ "$3" = systemd-networkd ]' }],
    ['networkManager', { '/etc/x': '' }, { systemctl: '[ "$3" = NetworkManager ]' }],
  ])('%s', async (network, own, standIns) => {
    expect(await look({ files: own as Record<string, string>, standIns: standIns as unknown as Record<string, string> })).toMatchObject({
      network,
    });
  });
});
