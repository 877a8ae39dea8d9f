import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { SimHost } from './simHost.ts';

/** Ways between hosts: straight over the office's network, or through a port of a host's own loopback that a desktop listens on. */

/** One connection to such a port; null: the desktop refused it. */
export type Door = () => Promise<Duplex | null>;

/** A connection to some host's SSH server. `lost` is aborted when it breaks. */
export interface Onward {
  target: SimHost;
  lost: AbortSignal;
  end(): void;
}

/** A first line in place of a handshake: who stands at the other end, by its host key. */
export const greetingOf = (host: SimHost): string => `SSH-2.0-simulated ${host.keys[0] ?? ''}\n`;

/** Who answers as an SSH server at this address, seen from here. A text: nobody, as ssh says it. */
export async function connectFrom(host: SimHost, address: string, port: number): Promise<Onward | string> {
  const door = address === '127.0.0.1' ? host.doors.get(port) : undefined;
  if (door) return await throughDoor(host, door, port);
  if (address === '127.0.0.1') return `ssh: connect to host ${address} port ${port}: Connection refused`;
  const target = port === 22 ? host.office.find(address) : null;
  const apart = target !== host && (target?.apart || host.apart);
  if (!target || target.dead || apart) return `ssh: connect to host ${address} port ${port}: No route to host`;
  return { target, lost: new AbortController().signal, end() {} };
}

async function throughDoor(host: SimHost, door: Door, port: number): Promise<Onward | string> {
  const closed = `Connection closed by 127.0.0.1 port ${port}`;
  const connection = await door();
  if (!connection) return closed;
  const lost = new AbortController();
  connection.on('error', () => {});
  for (const over of ['end', 'close']) connection.on(over, () => lost.abort());
  const [line] = (await Promise.race([once(connection, 'data'), once(connection, 'close')]).catch(() => [''])) as unknown[];
  connection.resume();
  const key = String(line ?? '')
    .trim()
    .slice('SSH-2.0-simulated '.length);
  const target = host.office.hosts.find((one) => key !== '' && one.keys.includes(key));
  if (!target || target.dead) {
    connection.destroy();
    return closed;
  }
  return { target, lost: lost.signal, end: () => void connection.destroy() };
}
