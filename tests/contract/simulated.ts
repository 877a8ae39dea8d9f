import { type Demo, startDemo } from '../../electron/demo/demo.ts';
import { demoWorld } from '../../electron/demo/demoWorld.ts';
import type { SimHost } from '../../electron/demo/model/simHost.ts';
import { limits } from '../../electron/engine/limits.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';
import type { ContractWorld, TestHost } from './world.ts';

/** Everything goes this much faster than in life. */
const speed = 20;

/** The simulated hosts as a world of the suite. */
export async function simulatedWorld(): Promise<ContractWorld & { demo: Demo }> {
  const demo = await startDemo({ speed });
  const hosts = demo.hosts.map(
    (one): TestHost => ({
      label: one.label,
      address: one.address,
      port: one.port,
      password: one.password,
      fingerprint: one.hostKeyFingerprint,
    }),
  );
  const [first, second] = hosts;
  if (!first || !second) throw new Error('the demo has too few hosts');
  return {
    demo,
    name: 'simulated',
    limits: {
      ...limits,
      commandMs: 15_000,
      keepaliveMs: 1_000,
      keepaliveMisses: 3,
      reconnectFirstMs: 100,
      reconnectMostMs: 500,
      tickSeconds: 1,
      shutdownMs: 2_000,
      soonestMoveMs: 500,
    },
    hosts: [first, second],
    guests: { moves: 'test-tokyo', slow: 'files', halted: 'old-intranet', kernel: '/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64' },
    newGuest: {
      kernel: '/var/lib/xen/boot/vmlinuz-6.1.0-56-amd64',
      ramdisk: '/var/lib/xen/boot/initrd.img-6.1.0-56-amd64',
      cmdline: 'console=hvc0',
      group: 'vgsan',
      memoryMiB: 6144,
    },
    makeWorld: () => demoWorld(nodeWorld({ data: '/nonexistent', version: '0.0.0', shell: 'server', demo: true }), demo),
    auth: (host) => ({ by: 'password', password: host.password }),
    close: () => demo.close(),
  };
}

/** The two hosts of the world as their model has them: where moves begin, and where they go. */
export function endsOf({ demo }: { demo: Demo }): { source: SimHost; target: SimHost } {
  const [source, target] = demo.office.hosts;
  if (!source || !target) throw new Error('two hosts are needed');
  return { source, target };
}
