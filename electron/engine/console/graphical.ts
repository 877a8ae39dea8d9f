import type { Duplex } from 'node:stream';
import type { ByteStream } from '../../contract/byteStream.ts';
import { fail, problemOf } from '../../contract/problem.ts';
import type { Remote } from '../remote/remote.ts';
import type { ConsoleParts } from './consoles.ts';
import { isWhose, placeOf, samePlace, type Whose } from './place.ts';

/**
 * The screen of a guest: VNC as its domain offers it, over the SSH connection. A new domain (reboot, migration) means a new VNC
 * server and a new handshake, so this stream ends then, and the page opens the next one, which leads to where the guest is.
 */
export function openGraphical(parts: ConsoleParts, guest: Whose & { name: string }, to: { stream: ByteStream; ended: () => void }) {
  const { hosts, guests } = parts;
  const { name } = guest;
  const { stream } = to;
  const at = placeOf(guests.all(), guest, null);
  let socket: Duplex | null = null;
  let closed = false;
  const finish = (why: Parameters<ByteStream['end']>[0]) => {
    if (closed) return;
    close();
    stream.end(why);
    to.ended();
  };
  const early: { bytes: Uint8Array; taken: () => void }[] = [];
  stream.onBytes((bytes, taken) => {
    if (socket) socket.write(bytes, () => taken());
    else early.push({ bytes, taken });
  });
  stream.onRoom(() => socket?.resume());
  const undo = guests.onChange((changed) => {
    if (isWhose(changed, guest) && !samePlace(placeOf(guests.all(), guest, at), at)) finish(null);
  });
  const close = () => {
    closed = true;
    undo();
    socket?.destroy();
  };
  const join = async () => {
    if (!at) return fail('guest.wrongState', { name, state: 'halted' });
    const remote = hosts.remote(at.hostId);
    const server = await vncServer(remote, at.domid);
    if (!server) return fail('console.none', { name, kind: 'vnc' });
    const opened = await remote.forward(server.address, server.port);
    if (closed) return void opened.destroy();
    socket = opened;
    opened.on('data', (bytes: Buffer) => {
      stream.send(bytes);
      if (stream.waiting() > 0) opened.pause();
    });
    opened.on('error', () => {}); // 'close' follows
    opened.on('close', () => finish(null));
    for (const { bytes, taken } of early.splice(0)) opened.write(bytes, () => taken());
    stream.place('joined', at.hostId);
  };
  join().catch((thrown: unknown) => finish(problemOf(thrown)));
  return { whose: () => guest, resize() {}, close };
}

/** Where the VNC server of a domain listens (XEN.md, section 8); null: it has none. */
export async function vncServer(remote: Remote, domid: number): Promise<{ address: string; port: number } | null> {
  const folder = `/local/domain/${domid}/console`;
  const ran = await remote.run(['xenstore-read', `${folder}/vnc-port`, `${folder}/vnc-listen`]);
  const [port = '', listen = ''] = ran.stdout.split('\n');
  if (!/^\d+$/.test(port)) return null;
  // "any address" is reached at the host's own
  const address = listen === '' || listen === '0.0.0.0' || listen === '::' || listen === '*' ? '127.0.0.1' : listen;
  return { address, port: Number(port) };
}
