import type { Duplex } from 'node:stream';
import type { Client, ClientChannel, TcpConnectionDetails } from 'ssh2';

/** A port of the host's own loopback whose connections come to us. */
export interface Listening {
  port: number;
  /** Nobody comes in any more; who is in stays. */
  close(): void;
}

/** Connections that the host hands to us (tcpip-forward), by the port they were made to. */
export function createListener(client: Client): { listen(take: (connection: Duplex) => void): Promise<Listening> } {
  const takers = new Map<number, (connection: Duplex) => void>();
  client.on('tcp connection', (about: TcpConnectionDetails, accept: () => ClientChannel, reject: () => void) => {
    const take = takers.get(about.destPort);
    // `GatewayPorts yes` opens the port to the whole network, whatever was asked for
    if (!take || !isLoopback(about.srcIP)) return reject();
    const connection = accept();
    connection.on('error', () => {}); // its end says what counts
    take(connection);
  });
  return {
    listen: (take) =>
      new Promise((resolve, reject) => {
        // ssh2 may forget the callback when the link is lost while it waits
        const lost = () => reject(new Error('Connection lost'));
        client.once('close', lost);
        client.forwardIn('127.0.0.1', 0, (thrown, port) => {
          client.removeListener('close', lost);
          if (thrown) return reject(thrown);
          takers.set(port, take);
          resolve({ port, close: () => end(client, takers, port) });
        });
      }),
  };
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

function end(client: Client, takers: Map<number, unknown>, port: number): void {
  if (!takers.delete(port)) return;
  try {
    client.unforwardIn('127.0.0.1', port, () => {});
  } catch {} // the connection is over, and the port with it
}
