import type { HostId } from '../../contract/host.ts';
import { problemOf } from '../../contract/problem.ts';
import type { Hosts } from '../parts.ts';
import type { Remote } from '../remote/remote.ts';
import type { World } from '../world.ts';

/** A removed host says nothing more: looked for by the clock. */
const LOOK_MS = 30_000;

/** The host's link as soon as it is open. Problem: `host.unknown` when the host is removed meanwhile. */
export async function linkOpen({ hosts, world }: { hosts: Hosts; world: World }, hostId: HostId): Promise<Remote> {
  for (;;) {
    hosts.get(hostId);
    try {
      return hosts.remote(hostId);
    } catch (thrown) {
      if (problemOf(thrown).code !== 'host.notOpen') throw thrown;
    }
    await new Promise<void>((resolve) => {
      const undo = hosts.onChange((host) => {
        if (host.id === hostId && host.link.is === 'open') done();
      });
      const stop = world.clock.after(LOOK_MS, () => done());
      const done = () => {
        undo();
        stop();
        resolve();
      };
    });
  }
}

export const pause = (world: World, ms: number): Promise<void> => new Promise((resolve) => void world.clock.after(ms, resolve));
