import type { Connection } from 'ssh2';
import type { Door } from '../model/doors.ts';
import type { SimHost } from '../model/simHost.ts';

let nextPort = 40_000;

/** tcpip-forward, streamlocal-forward: ports of the host's loopback, and sockets, whose connections go to the desktop. They end with the connection. */
export function serveListening(host: SimHost, client: Connection): void {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  client.on('request', (accept, reject, name: string, info: { bindAddr: string; bindPort: number; socketPath?: string }) => {
    const { socketPath = '' } = info;
    if (name === 'tcpip-forward') {
      if (!host.forwards || host.dead) return reject?.();
      const port = info.bindPort || nextPort++;
      ports.add(port);
      host.doors.set(port, doorOf(client, info.bindAddr, port));
      accept?.(port);
    } else if (name === 'cancel-tcpip-forward') {
      if (ports.delete(info.bindPort)) host.doors.delete(info.bindPort);
      accept?.();
    } else if (name === 'streamlocal-forward@openssh.com') {
      if (!host.opensSockets || host.dead) return reject?.();
      sockets.add(socketPath);
      host.sockets.set(socketPath, socketOf(client, socketPath));
      accept?.();
    } else if (name === 'cancel-streamlocal-forward@openssh.com') {
      if (sockets.delete(socketPath)) host.sockets.delete(socketPath);
      accept?.();
    } else accept?.();
  });
  client.on('close', () => {
    for (const port of ports) host.doors.delete(port);
    for (const path of sockets) host.sockets.delete(path);
  });
}

const doorOf =
  (client: Connection, address: string, port: number): Door =>
  () =>
    new Promise((resolve) => {
      client.once('close', () => resolve(null));
      client.forwardOut(address, port, '127.0.0.1', 50_000, (thrown, channel) => resolve(thrown ? null : channel));
    });

const socketOf =
  (client: Connection, path: string): Door =>
  () =>
    new Promise((resolve) => {
      client.once('close', () => resolve(null));
      client.openssh_forwardOutStreamLocal(path, (thrown, channel) => resolve(thrown ? null : channel));
    });
