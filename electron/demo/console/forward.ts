import type { ServerChannel, TcpipRequestInfo } from 'ssh2';
import { greetingOf } from '../model/doors.ts';
import type { SimHost } from '../model/simHost.ts';
import { serveRfb } from './rfb.ts';

/** direct-tcpip: what listens on a simulated host's loopback is its own SSH server, for whoever comes from another host, and guests' screens. */
export function serveForward(host: SimHost, accept: () => ServerChannel, reject: () => void, info: TcpipRequestInfo): void {
  const local = ['127.0.0.1', 'localhost', '::1'].includes(info.destIP);
  if (local && info.destPort === 22 && host.forwards && !host.dead) {
    const connection = accept();
    connection.on('error', () => {});
    connection.write(greetingOf(host));
    connection.resume();
    return;
  }
  const domain = [...host.domains.values()].find((one) => local && one.vncPort === info.destPort && !one.dying);
  if (!domain || !host.forwards || host.dead) reject();
  else serveRfb(host, domain, accept());
}
