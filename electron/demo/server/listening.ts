import type { Connection } from 'ssh2';
import type { Door } from '../model/doors.ts';
import type { SimHost } from '../model/simHost.ts';

let nextPort = 40_000;

/** tcpip-forward: ports of the host's loopback whose connections go to the desktop. They end with the connection. */
export function serveListening(host: SimHost, client: Connection): void {
  const ports = new Set<number>();
  client.on('request', (accept, reject, name, info) => {
    if (name === 'tcpip-forward') {
      if (!host.forwards || host.dead) return reject?.();
      const port = info.bindPort || nextPort++;
      ports.add(port);
      host.doors.set(port, doorOf(client, info.bindAddr, port));
      accept?.(port);
    } else if (name === 'cancel-tcpip-forward') {
      if (ports.delete(info.bindPort)) host.doors.delete(info.bindPort);
      accept?.();
    } else accept?.();
  });
  client.on('close', () => {
    for (const port of ports) host.doors.delete(port);
  });
}

const doorOf =
  (client: Connection, address: string, port: number): Door =>
  () =>
    new Promise((resolve) => {
      client.once('close', () => resolve(null));
      client.forwardOut(address, port, '127.0.0.1', 50_000, (thrown, channel) => resolve(thrown ? null : channel));
    });
