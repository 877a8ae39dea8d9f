import type { Duplex } from 'node:stream';
import type { Client, ClientChannel, TcpConnectionDetails } from 'ssh2';

/** A port of the host's own loopback whose connections come to us. */
export interface Listening {
  port: number;
  /** Nobody comes in any more; who is in stays. */
  close(): void;
}

type Take = (connection: Duplex) => void;

/** Connections that the host hands to us (tcpip-forward, streamlocal-forward), by the port or socket they were made to. */
export function createListener(client: Client): {
  listen(take: Take): Promise<Listening>;
  listenAt(path: string, take: Take): Promise<Pick<Listening, 'close'>>;
} {
  const takers = new Map<number, Take>();
  const takersAt = new Map<string, Take>();
  client.on('tcp connection', (about: TcpConnectionDetails, accept: () => ClientChannel, reject: () => void) => {
    const take = takers.get(about.destPort);
    // `GatewayPorts yes` opens the port to the whole network, whatever was asked for
    if (!take || !isLoopback(about.srcIP)) return reject();
    const connection = accept();
    connection.on('error', () => {}); // its end says what counts
    take(connection);
  });
  client.on('unix connection', ({ socketPath }, accept, reject) => {
    const take = takersAt.get(socketPath);
    if (!take) return reject();
    const connection = accept();
    connection.on('error', () => {}); // its end says what counts
    take(connection);
  });
  /** ssh2 may forget the callback when the link is lost while it waits. */
  const unlessLost = <T>(ask: (answered: (thrown: Error | undefined, value: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      const lost = () => reject(new Error('Connection lost'));
      client.once('close', lost);
      ask((thrown, value) => {
        client.removeListener('close', lost);
        if (thrown) reject(thrown);
        else resolve(value);
      });
    });
  return {
    async listen(take) {
      const port = await unlessLost<number>((answered) =>
        client.forwardIn('127.0.0.1', 0, (thrown, given) => {
          if (!thrown) takers.set(given, take); // at once: who comes next may have come already
          answered(thrown, given);
        }),
      );
      return { port, close: () => takers.delete(port) && end(() => client.unforwardIn('127.0.0.1', port, () => {})) };
    },
    async listenAt(path, take) {
      takersAt.set(path, take); // somebody may come before we hear that it stands
      try {
        await unlessLost<void>((answered) => client.openssh_forwardInStreamLocal(path, (thrown) => answered(thrown ?? undefined)));
      } catch (thrown) {
        takersAt.delete(path);
        throw thrown;
      }
      return { close: () => takersAt.delete(path) && end(() => client.openssh_unforwardInStreamLocal(path, () => {})) };
    },
  };
}

const isLoopback = (address: string): boolean => /^(::ffff:)?127\.|^::1$/.test(address);

function end(unforward: () => void): void {
  try {
    unforward();
  } catch {} // the connection is over, and what listened with it
}
