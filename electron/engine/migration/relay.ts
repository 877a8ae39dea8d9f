import type { Duplex } from 'node:stream';
import { fail, problemOf } from '../../contract/problem.ts';
import type { Remote } from '../remote/remote.ts';
import type { Clock } from '../world.ts';
import type { SshServer, Way } from './reach.ts';

/**
 * The way through the desktop, for hosts that can't reach each other: a port on the source's own loopback, whose connections come to us
 * over its link and go over the target's link to the sshd there. What is spoken inside is the same as without us: the source's ssh, the
 * one-shot key, the target's pinned keys; we carry bytes that we can't read.
 */
export interface Relay {
  /** As the source sees it. */
  way: Way;
  /** Nobody comes in any more, and what we carry ends. */
  close(): void;
}

/** The disks and the memory of one guest are two; whoever else on the source tries the port gets no further than this. */
const MOST_AT_ONCE = 4;
/** What one end has not taken by then, after the other has gone, it will not take. */
const LAST_WORDS_MS = 5000;

/** Opens it. Problem: `move.relayRefused`, with the host whose sshd does not let us forward. */
export async function openRelay(
  ends: { source: Remote; target: Remote; from: string; to: string },
  server: SshServer,
  clock: Clock,
): Promise<Relay> {
  const door = await findDoor(ends, server);
  const carried = new Set<Duplex>();
  const take = (connection: Duplex) => {
    if (carried.size >= MOST_AT_ONCE) return void connection.destroy();
    carried.add(connection);
    connection.once('close', () => carried.delete(connection));
    ends.target.forward(door.address, door.port).then(
      (onward) => join(connection, onward, clock),
      () => connection.destroy(),
    );
  };
  const listening = await ends.source.listen(take).catch((thrown: unknown) => refused(ends.from, thrown));
  return {
    // the target's sshd is reached from where it is itself
    way: { address: '127.0.0.1', port: listening.port, from: door.address },
    close() {
      listening.close();
      for (const one of carried) one.destroy();
    },
  };
}

/** Where the target's own sshd answers on the target: on its loopback, unless it listens only on some address. */
async function findDoor(ends: { target: Remote; to: string }, server: SshServer): Promise<{ address: string; port: number }> {
  const ports = server.ports.length > 0 ? server.ports : [22];
  const doors = ['127.0.0.1', '::1', ...server.addresses].flatMap((address) => ports.map((port) => ({ address, port })));
  let why: unknown = null;
  for (const door of doors) {
    try {
      const tried = await ends.target.forward(door.address, door.port);
      tried.on('error', () => {});
      tried.destroy();
      return door;
    } catch (thrown) {
      if (problemOf(thrown).code !== 'ssh.forwardRefused') throw thrown;
      why ??= thrown;
    }
  }
  return refused(ends.to, why);
}

function refused(host: string, thrown: unknown): never {
  const { code, detail } = problemOf(thrown);
  if (code !== 'ssh.forwardRefused') throw thrown;
  return fail('move.relayRefused', { host }, detail === undefined ? {} : { detail });
}

/** Both ways, never more in hand than a stream's own buffer: whoever is slower holds up the other. */
function join(one: Duplex, other: Duplex, clock: Clock): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => {}); // its end says what counts
    from.once('close', () => {
      to.end();
      clock.after(LAST_WORDS_MS, () => to.destroy());
    });
    from.pipe(to);
  }
  if (one.destroyed) other.destroy();
}
