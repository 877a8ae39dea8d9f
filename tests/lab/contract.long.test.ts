import { limits } from '../../electron/engine/limits.ts';
import type { World } from '../../electron/engine/world.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';
import { bothWorlds } from '../contract/bothWorlds.ts';
import { memoryFiles } from '../contract/memoryFiles.ts';
import type { ContractWorld, TestHost } from '../contract/world.ts';
import { labFolder, labLimits, labPort, openLabRemote } from './labRemote.ts';

const host = (number: number): TestHost => ({
  label: `xen${number}`,
  address: '127.0.0.1',
  port: labPort(number),
  password: 'xenlab',
  fingerprint: null,
});

/** Real Xen as a world of the suite. It is 20 to 50 times slower than hardware, so every wait is long. */
async function labWorld(): Promise<ContractWorld> {
  return {
    name: 'lab',
    limits: { ...labLimits, heartbeatMs: limits.heartbeatMs },
    hosts: [host(1), host(2)],
    guests: { moves: 'tiny1', slow: 'tiny1', halted: 'tiny2', kernel: '/var/lib/xen/boot/vmlinuz-tiny' },
    newGuest: {
      kernel: '/var/lib/xen/boot/vmlinuz-tiny',
      ramdisk: '/var/lib/xen/boot/initrd-tiny',
      cmdline: 'console=hvc0 quiet name=s-test ip=10.77.0.190/24',
      group: 'vgshared',
      memoryMiB: 80,
    },
    makeWorld: () => freshDesktop(),
    auth: () => ({ by: 'key', path: `${labFolder}/lab_key` }),
    close: tidy,
  };
}

/** A desktop that knows no hosts: its files are in memory, and what it learns of keys goes nowhere. */
function freshDesktop(): World {
  const real = nodeWorld({ data: '/nonexistent', version: '0.0.0', shell: 'server' });
  const readFile = (path: string) =>
    path.includes('known_hosts') || path.endsWith('/config') ? Promise.resolve(null) : real.desktop.readFile(path);
  return {
    ...real,
    files: memoryFiles(),
    desktop: { ...real.desktop, agent: null, readFile },
    log: () => {},
  };
}

/** What the suite put into the trash of the hosts, or left when it failed half-way, by the name it gave. */
async function tidy(): Promise<void> {
  for (const number of [1, 2]) {
    const { remote, close } = await openLabRemote(number);
    const program = {
      name: 'tidy',
      text: `xl destroy 's-test contract' 2>/dev/null
for bin in /var/lib/xenferry/trash/*; do grep -q 's-test contract' "$bin/manifest" 2>/dev/null && rm -rf "$bin"; done
rm -f /etc/xen/s-test*.cfg /etc/xen/auto/s-test*.cfg
lvs --noheadings -o vg_name,lv_name | while read -r group name; do
  case $name in *guest-stestcontract-*) lvremove -f -y "$group/$name" ;; esac
done
:`,
    };
    await remote.program(program, []);
    close();
  }
}

bothWorlds(labWorld);
