import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/** Opens a TCP connection; the promise fails with Node's own error (`code` ECONNREFUSED, ENOTFOUND, …) or AbortError. */
export function dialTcp(address: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host: address, port, noDelay: true });
    const aborted = () => {
      socket.destroy();
      reject(signal.reason);
    };
    const failed = (error: Error) => {
      signal.removeEventListener('abort', aborted);
      reject(error);
    };
    signal.addEventListener('abort', aborted, { once: true });
    socket.once('error', failed);
    socket.once('connect', () => {
      signal.removeEventListener('abort', aborted);
      socket.removeListener('error', failed);
      resolve(socket);
    });
  });
}
