import type { AuthInput, HostInput } from '../../electron/contract/host.ts';
import type { Limits } from '../../electron/engine/limits.ts';
import type { World } from '../../electron/engine/world.ts';
import { type Desk, openDesk, problemOf } from './desk.ts';

/** A host the suite may use. */
export interface TestHost {
  label: string;
  address: string;
  port: number;
  password: string;
  /** null: not known beforehand, taken from the first refusal. */
  fingerprint: string | null;
}

/** A world the suite runs in: the simulated hosts, or the lab. Both have two hosts that share storage. */
export interface ContractWorld {
  name: 'simulated' | 'lab';
  limits: Limits;
  hosts: [TestHost, TestHost];
  /** Guests by their part in the suite; all but `halted` run on the first host at the start. */
  guests: {
    /** Moves between the hosts and ticks on its console. */
    moves: string;
    /** Takes long enough to move that something can happen meanwhile; may be the same. */
    slow: string;
    /** Has a config on the first host and does not run. */
    halted: string;
    /** A kernel on the first host that a new guest can boot. */
    kernel: string;
  };
  /** What a guest of our own is made of; its memory takes long enough to copy that something can happen meanwhile. */
  newGuest: { kernel: string; ramdisk: string | null; cmdline: string; group: string; memoryMiB: number };
  /** A fresh desktop that knows no hosts. */
  makeWorld(): World;
  auth(host: TestHost): AuthInput;
  close(): Promise<void>;
}

export const inputOf = (world: ContractWorld, host: TestHost, more: Partial<HostInput> = {}): HostInput => ({
  label: host.label,
  address: host.address,
  port: host.port,
  user: 'root',
  auth: world.auth(host),
  tags: [],
  jump: null,
  remember: true,
  ...more,
});

/** Adds a host, trusting the key it shows, and waits until its guests are seen. */
export async function addHost(desk: Desk, world: ContractWorld, host: TestHost): Promise<string> {
  const add = (accept: string | null) => desk.client.call('host.add', { host: inputOf(world, host), accept });
  const { hostId } = await add(host.fingerprint).catch(async (thrown: unknown) => {
    const why = await problemOf(Promise.reject(thrown));
    if (why.code !== 'hostKey.unknown') throw thrown;
    return add(why.fingerprint);
  });
  await desk.until(`guests of ${host.label}`, () => desk.hosts.get(hostId)?.seenAt);
  return hostId;
}

/** A desk with both hosts of the world on it. */
export async function deskWithHosts(
  world: ContractWorld,
  own: World = world.makeWorld(),
): Promise<{ desk: Desk; first: string; second: string }> {
  const desk = await openDesk(own, world.limits);
  const [first, second] = await Promise.all(world.hosts.map((host) => addHost(desk, world, host)));
  if (!first || !second) throw new Error('a host was not added');
  return { desk, first, second };
}
