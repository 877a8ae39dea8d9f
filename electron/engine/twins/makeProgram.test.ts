import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Fix } from '../../contract/twin.ts';
import { type MadeUpHost, madeUpHost, type ProgramRun, shells } from '../remote/programTest.ts';
import type { Ran } from '../remote/remote.ts';
import { makeCall, makeProgram, readMade } from './making.ts';
import { type NetworkGround, planFix } from './plan.ts';

const made: MadeUpHost[] = [];
afterEach(async () => {
  for (const host of made.splice(0)) await host.remove();
});

/** `ip` over the folder that plays /sys/class/net; it notes what it was told. `die`: kills the program that called it when it comes to this. */
const ip = (die = 'never') => `
net=$HOME/sys/class/net
case "$*" in -o*) ;; *) echo "ip $*" >>$HOME/ran ;; esac
case "$*" in *"${die}"*) kill -9 $PPID; exit 1 ;; esac
case "$*" in
  "-o addr show dev eno2") echo "3: eno2    inet6 fe80::1/64 scope link" ;;
  "-o addr show dev eno3") echo "4: eno3    inet 10.0.0.2/24 brd 10.0.0.255 scope global eno3" ;;
  "-o addr show dev "*) ;;
  "link add name br1 type bridge") mkdir -p $net/br1/bridge $net/br1/brif ;;
  "link del dev br1") rm -r $net/br1 ;;
  "link set dev eno2 master br1") ln -s ../br1 $net/eno2/master; : >$net/br1/brif/eno2 ;;
  "link set dev eno2 nomaster") rm $net/eno2/master $net/br1/brif/eno2 ;;
  "link set dev "*) [ ! -e $HOME/refuse ] || { echo "RTNETLINK answers: Operation not permitted" >&2; exit 2; } ;;
  *) echo "ip: unexpected $*" >&2; exit 99 ;;
esac`;

const bridge = (port: string | null = null): Extract<Fix, { is: 'bridge' }> => ({ is: 'bridge', name: 'br1', port });
const ifupdown: NetworkGround = { network: 'ifupdown', sourced: '' };
const networkd: NetworkGround = { network: 'networkd', sourced: null };
const inside = ['/sys', '/etc', '/var', '/proc', '/srv', '/data'];
const files = {
  '/sys/class/net/eno2/flags': '0x1002\n',
  '/sys/class/net/eno3/flags': '0x1003\n',
  '/etc/network/interfaces': 'source /etc/network/interfaces.d/*\n',
  '/etc/network/interfaces.d/.keep': '',
  '/etc/systemd/network/.keep': '',
  '/proc/sys/kernel/random/boot_id': 'boot-1\n',
};

const envOf = (host: MadeUpHost) => ({ HOME: host.root, XENFERRY_ROOT: join(host.root, 'var/lib/xenferry') });

describe.each(shells)('%s', (...shell) => {
  const make = async (host: MadeUpHost, fix: Fix, ground: NetworkGround, how: ProgramRun = {}): Promise<Ran> => {
    const { args, stdin } = makeCall(fix, planFix(fix, ground));
    // the paths it is given are of the made-up host too
    const own = args.map((one) => (one.startsWith('/') ? host.root + one : one));
    const ran = await host.run(shell as (typeof shells)[number], makeProgram, { stdin, args: own, inside, env: envOf(host), ...how });
    return { ...ran, stdout: ran.stdout.replaceAll(host.root, '') };
  };
  const newHost = () => {
    const host = madeUpHost();
    made.push(host);
    return host;
  };
  const whyNot = (ran: Ran, fix: Fix) => readMade(ran, fix, 'b');
  const has = (host: MadeUpHost, path: string) => existsSync(join(host.root, path));
  /** Nothing of it is there, nor of ours. */
  const expectNothing = (host: MadeUpHost) => {
    expect(has(host, '/sys/class/net/br1')).toBe(false);
    expect(has(host, '/sys/class/net/eno2/master')).toBe(false);
    for (const path of [
      '/etc/network/interfaces.d/xenferry-br1',
      '/etc/network/interfaces.d/.xenferry-br1.xenferry',
      '/var/lib/xenferry/making',
    ])
      expect([path, has(host, path)]).toEqual([path, false]);
  };

  test('an inner bridge: what is run and written is what the preview says, and nothing else', async () => {
    const host = newHost();
    const plan = planFix(bridge(), ifupdown);
    const ran = await make(host, bridge(), ifupdown, { files, standIns: { ip: ip(), ifquery: 'exit 0' } });
    expect(ran).toMatchObject({ exit: 0, stdout: 'ok\n', stderr: '' });
    expect(host.read('/ran')).toBe(plan.commands.map((one) => `${one.join(' ')}\n`).join(''));
    expect(plan.files).toEqual([
      { path: '/etc/network/interfaces.d/xenferry-br1', text: host.read('/etc/network/interfaces.d/xenferry-br1') },
    ]);
    expect(host.read('/etc/network/interfaces.d/xenferry-br1')).toContain('iface br1 inet manual\n');
    expect(statSync(join(host.root, '/etc/network/interfaces.d/xenferry-br1')).mode & 0o777).toBe(0o644);
    expect(has(host, '/var/lib/xenferry/making')).toBe(false);
    expect(has(host, '/etc/network/interfaces.d/.xenferry-br1.xenferry')).toBe(false);
  });

  test('with a port and systemd-networkd: three files, and the port comes up', async () => {
    const host = newHost();
    const plan = planFix(bridge('eno2'), networkd);
    const ran = await make(host, bridge('eno2'), networkd, { files, standIns: { ip: ip() } });
    expect(ran.stdout).toBe('ok\n');
    expect(host.read('/ran')).toBe(plan.commands.map((one) => `${one.join(' ')}\n`).join(''));
    expect(plan.files).toHaveLength(3);
    for (const one of plan.files) expect([one.path, host.read(one.path)]).toEqual([one.path, one.text]);
    expect(has(host, '/sys/class/net/eno2/master')).toBe(true);
  });

  test('elsewhere it lives until the next reboot only', async () => {
    const host = newHost();
    expect(planFix(bridge(), { network: 'netplan', sourced: null })).toMatchObject({ files: [], lasting: false });
    expect(planFix(bridge(), { network: 'ifupdown', sourced: null })).toMatchObject({ files: [], lasting: false });
    const ran = await make(host, bridge(), { network: 'netplan', sourced: null }, { files, standIns: { ip: ip() } });
    expect(ran.stdout).toBe('ok\n');
    expect(has(host, '/sys/class/net/br1/bridge')).toBe(true);
  });

  test('an interface that may carry our own link is refused, each with its reason', async () => {
    const host = newHost();
    mkdirSync(join(host.root, '/sys/class/net/eno4/upper_eno4.7'), { recursive: true });
    mkdirSync(join(host.root, '/sys/class/net/eno5/master'), { recursive: true });
    for (const [port, unfit] of [
      ['eno3', 'address'],
      ['eno4', 'below'],
      ['eno5', 'member'],
      ['eno9', 'missing'],
    ] as const) {
      const ran = await make(host, bridge(port), ifupdown, { files, standIns: { ip: ip() } });
      expect(whyNot(ran, bridge(port))).toMatchObject({ code: 'fix.portUnfit', port, unfit, effect: 'none' });
    }
    expect(host.read('/ran')).toBe(null);
    expectNothing(host);
  });

  test('nothing that stands there is touched', async () => {
    const host = newHost();
    mkdirSync(join(host.root, '/sys/class/net/br1/bridge'), { recursive: true });
    const ran = await make(host, bridge(), ifupdown, { files, standIns: { ip: ip() } });
    expect(whyNot(ran, bridge())).toMatchObject({ code: 'fix.exists', thing: 'br1' });
    const other = newHost();
    const own = { ...files, '/etc/network/interfaces.d/xenferry-br1': 'mine\n' };
    const again = await make(other, bridge(), ifupdown, { files: own, standIns: { ip: ip() } });
    expect(whyNot(again, bridge())).toMatchObject({ code: 'fix.exists' });
    expect(other.read('/etc/network/interfaces.d/xenferry-br1')).toBe('mine\n');
    expect(has(other, '/sys/class/net/br1')).toBe(false);
  });

  test('a text that was cut on its way makes nothing', async () => {
    const host = newHost();
    const { stdin } = makeCall(bridge(), planFix(bridge(), ifupdown));
    const ran = await make(host, bridge(), ifupdown, { files, standIns: { ip: ip() }, stdin: stdin.slice(0, -9) });
    expect(whyNot(ran, bridge())).toMatchObject({ code: 'fix.failed', effect: 'none' });
    expectNothing(host);
  });

  test('what fails half-way is taken back: the kernel refuses; ifupdown does not read the file', async () => {
    const host = newHost();
    writeFileSync(join(host.root, 'refuse'), '');
    const ran = await make(host, bridge(), ifupdown, { files, standIns: { ip: ip() } });
    expect(whyNot(ran, bridge())).toMatchObject({
      code: 'fix.failed',
      said: 'RTNETLINK answers: Operation not permitted',
      left: [],
      effect: 'none',
    });
    expectNothing(host);
    const other = newHost();
    const blind = { ip: ip(), ifquery: 'echo "Unknown interface br1" >&2; exit 1' };
    expect(whyNot(await make(other, bridge('eno2'), ifupdown, { files, standIns: blind }), bridge())).toMatchObject({
      code: 'fix.failed',
      said: 'Unknown interface br1',
    });
    expectNothing(other);
    expect(other.read('/ran')).toContain('ip link set dev eno2 down\n');
  });

  test.each(['link add name', 'master br1', 'dev br1 up'])('killed at “%s”: whoever comes next takes it back', async (die) => {
    const host = newHost();
    const ran = await make(host, bridge('eno2'), ifupdown, { files, standIns: { ip: ip(die) } });
    expect(ran.stdout).not.toContain('ok');
    expect(has(host, '/var/lib/xenferry/making')).toBe(true);
    const tidy = await host.run(shell as (typeof shells)[number], makeProgram, {
      args: ['tidy'],
      inside,
      standIns: { ip: ip() },
      env: envOf(host),
    });
    expect(tidy.stdout).toBe('ok\n');
    expectNothing(host);
  });

  test('killed between its files, or while a folder gets its name: the same', async () => {
    const host = newHost();
    const ln = 'case "$*" in *50-xenferry-br1.network) kill -9 $PPID ;; *) exec /bin/ln "$@" ;; esac';
    await make(host, bridge(), networkd, { files, standIns: { ip: ip(), ln } });
    expect(has(host, '/etc/systemd/network/50-xenferry-br1.netdev')).toBe(true);
    const folder: Fix = { is: 'folder', path: '/srv/a/b' };
    // the next one tidies first
    await make(host, folder, ifupdown, { files: { '/srv/x': '' }, standIns: { ip: ip(), mv: 'kill -9 $PPID' }, inside });
    for (const name of ['50-xenferry-br1.netdev', '50-xenferry-br1.network', '.50-xenferry-br1.network.xenferry'])
      expect([name, has(host, `/etc/systemd/network/${name}`)]).toEqual([name, false]);
    expect(has(host, '/sys/class/net/br1')).toBe(false);
    expect(has(host, '/srv/.a.xenferry')).toBe(true);
    const again = await make(host, folder, ifupdown, { standIns: { ip: ip(), mv: 'exec /bin/mv "$@"' } });
    expect(again.stdout).toBe('ok\n');
    expect(has(host, '/srv/.a.xenferry')).toBe(false);
    expect(has(host, '/srv/a/b')).toBe(true);
  });

  test('after a reboot only files are taken back; a bridge that someone uses by now is not', async () => {
    const host = newHost();
    await make(host, bridge('eno2'), ifupdown, { files, standIns: { ip: ip('dev br1 up') } });
    writeFileSync(join(host.root, '/proc/sys/kernel/random/boot_id'), 'boot-2\n');
    const how = { args: ['tidy'], inside, standIns: { ip: ip() }, env: envOf(host) };
    await host.run(shell as (typeof shells)[number], makeProgram, how);
    expect(has(host, '/sys/class/net/br1')).toBe(true);
    expect(has(host, '/etc/network/interfaces.d/.xenferry-br1.xenferry')).toBe(false);
    const used = newHost();
    await make(used, bridge(), ifupdown, { files, standIns: { ip: ip('dev br1 up') } });
    writeFileSync(join(used.root, '/sys/class/net/br1/brif/vif7.0'), '');
    const ran = await used.run(shell as (typeof shells)[number], makeProgram, { ...how, env: envOf(used) });
    expect(ran.stdout).toBe('left br1\nok\n');
    expect(has(used, '/sys/class/net/br1')).toBe(true);
  });

  test('a folder with those above it, in one step; not over a thing that is there', async () => {
    const host = newHost();
    const folder: Fix = { is: 'folder', path: "/srv/vm/it's a disk" };
    const ran = await make(host, folder, ifupdown, { files: { ...files, '/srv/x': '' } });
    expect(ran).toMatchObject({ stdout: 'ok\n', stderr: '' });
    expect(statSync(join(host.root, folder.path)).mode & 0o777).toBe(0o755);
    expect(has(host, '/srv/.vm.xenferry')).toBe(false);
    expect(whyNot(await make(host, folder, ifupdown), folder)).toMatchObject({ code: 'fix.exists' });
    const below: Fix = { is: 'folder', path: '/srv/x/y' };
    expect(whyNot(await make(host, below, ifupdown), below)).toMatchObject({ code: 'fix.failed', effect: 'none' });
    expect(host.read('/srv/x')).toBe('');
  });

  test('a volume of that size; none over another, none without its group', async () => {
    const host = newHost();
    const volume: Fix = { is: 'volume', group: 'vg0', name: 'web', sizeMiB: 2048 };
    const lvm = { vgs: '[ "$1" = vg0 ]', lvs: 'exit 5', lvcreate: 'echo "lvcreate $*" >>$HOME/ran; echo "Logical volume created."' };
    const ran = await make(host, volume, ifupdown, { standIns: lvm });
    expect(ran.stdout).toBe('ok\n');
    expect(host.read('/ran')).toBe(`${planFix(volume, ifupdown).commands[0]?.join(' ')}\n`);
    expect(whyNot(await make(host, volume, ifupdown, { standIns: { ...lvm, lvs: 'exit 0' } }), volume)).toMatchObject({
      code: 'fix.exists',
      thing: '/dev/vg0/web',
    });
    expect(whyNot(await make(host, { ...volume, group: 'vg9' }, ifupdown, { standIns: lvm }), volume)).toMatchObject({
      code: 'fix.groupMissing',
      group: 'vg9',
    });
    const full = { ...lvm, lvcreate: 'echo "  Volume group has insufficient free space" >&2; exit 5' };
    expect(whyNot(await make(host, volume, ifupdown, { standIns: full }), volume)).toMatchObject({
      code: 'fix.failed',
      said: '  Volume group has insufficient free space',
    });
  });
});
