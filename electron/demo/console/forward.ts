import type { ServerChannel, TcpipRequestInfo } from 'ssh2';
import type { SimHost } from '../model/simHost.ts';
import { serveRfb } from './rfb.ts';

/** direct-tcpip: the only thing that listens on a simulated host's loopback is a guest's screen. */
export function serveForward(host: SimHost, accept: () => ServerChannel, reject: () => void, info: TcpipRequestInfo): void {
  const local = ['127.0.0.1', 'localhost', '::1'].includes(info.destIP);
  const domain = [...host.domains.values()].find((one) => local && one.vncPort === info.destPort && !one.dying);
  if (!domain || host.dead) reject();
  else serveRfb(host, domain, accept());
}
