import type { Duplex } from 'node:stream';
import ssh2, { type ParsedKey } from 'ssh2';
import type { SimHost } from './simHost.ts';

/** ssh from one host to another by the agent that answers at a socket of the first: asked and verified as ssh and sshd do. */

/** Whether `target` lets it in as `user`. */
export async function logInByAgent(host: SimHost, socket: string, target: SimHost, user: string): Promise<boolean> {
  const connection = await host.sockets.get(socket)?.();
  if (!connection) return false;
  try {
    return await prove(connection, target, user);
  } catch {
    return false; // whoever answered has gone
  } finally {
    connection.destroy();
  }
}

async function prove(connection: Duplex, target: SimHost, user: string): Promise<boolean> {
  const protocol = new ssh2.AgentProtocol(true);
  const gone = new Promise<never>((_resolve, reject) => {
    for (const one of [connection, protocol]) for (const over of ['error', 'end', 'close']) one.once(over, () => reject(new Error(over)));
  });
  gone.catch(() => {});
  protocol.pipe(connection).pipe(protocol);
  const ask = <T>(question: (answered: (thrown?: Error | null, value?: T) => void) => void): Promise<T> =>
    Promise.race([
      gone,
      new Promise<T>((resolve, reject) => {
        question((thrown, value) => (thrown || value === undefined ? reject(thrown ?? new Error('no answer')) : resolve(value)));
      }),
    ]);
  const held = await ask<ParsedKey[]>((answered) => protocol.getIdentities(answered));
  const accepted = target.authorized.map((line) => ssh2.utils.parseKey(line));
  for (const key of held) {
    const blob = key.getPublicSSH();
    if (user !== 'root' || !accepted.some((one) => 'getPublicSSH' in one && one.getPublicSSH().equals(blob))) continue;
    const data = loginData(user, key.type, blob);
    const signature = await ask<Buffer>((answered) => protocol.sign(blob, data, {}, answered));
    return key.verify(data, signature) === true;
  }
  return false;
}

/** What ssh signs (RFC 4252, section 7). */
function loginData(user: string, type: string, blob: Buffer): Buffer {
  const text = (what: string | Buffer) => {
    const bytes = Buffer.from(what);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const [session, service] = [Buffer.alloc(32, 1), 'ssh-connection'];
  return Buffer.concat([text(session), Buffer.of(50), text(user), text(service), text('publickey'), Buffer.of(1), text(type), text(blob)]);
}
