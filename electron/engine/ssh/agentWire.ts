import { wireBytes, wireNumber, wireReader } from './wire.ts';

/** What an SSH agent is asked and answers (draft-ietf-sshm-ssh-agent): a length, a type, and what belongs to it. */

export const agentTypes = { failure: 5, identitiesAsked: 11, identities: 12, signAsked: 13, signature: 14 } as const;

/** OpenSSH takes none that is longer. */
const LONGEST = 256 * 1024;

/** A message without its length: the first byte is its type. */
export type AgentMessage = Buffer;

/** A message as it is sent. */
export const framed = (message: Uint8Array): Buffer => Buffer.concat([wireNumber(message.length), message]);

/** Cuts what comes in pieces into messages. null: what came is no message and nothing after it can be read. */
export function createFrames(): { take(piece: Uint8Array): AgentMessage[] | null } {
  let rest: Buffer = Buffer.alloc(0);
  let isBroken = false;
  return {
    take(piece) {
      rest = isBroken ? rest : Buffer.concat([rest, piece]);
      const whole: AgentMessage[] = [];
      while (rest.length >= 4) {
        const length = rest.readUInt32BE(0);
        isBroken = length === 0 || length > LONGEST;
        if (isBroken) return null;
        if (rest.length < 4 + length) break;
        whole.push(rest.subarray(4, 4 + length));
        rest = rest.subarray(4 + length);
      }
      return whole;
    },
  };
}

/** A key that an agent holds. */
export interface Identity {
  /** Its public half, SSH wire format. */
  key: Buffer;
  comment: string;
}

/** The answer to "which keys do you hold?"; null: it is something else. */
export function identitiesIn(message: AgentMessage): Identity[] | null {
  const read = wireReader(message);
  if (read.byte() !== agentTypes.identities) return null;
  const count = read.number();
  const held: Identity[] = [];
  for (let nth = 0; nth < (count ?? 0); nth++) {
    const [key, comment] = [read.bytes(), read.bytes()];
    if (!key || !comment) return null;
    held.push({ key, comment: comment.toString('utf8') });
  }
  return count !== null && read.isAtEnd() ? held : null;
}

/** The message of that answer. */
export function identitiesOf(held: readonly Identity[]): AgentMessage {
  const parts = held.flatMap(({ key, comment }) => [wireBytes(key), wireBytes(comment)]);
  return Buffer.concat([Buffer.of(agentTypes.identities), wireNumber(held.length), ...parts]);
}

/** What is to be signed, by which key; null: it asks for something else. */
export function signAskedIn(message: AgentMessage): { key: Buffer; data: Buffer } | null {
  const read = wireReader(message);
  if (read.byte() !== agentTypes.signAsked) return null;
  const [key, data, flags] = [read.bytes(), read.bytes(), read.number()];
  return key && data && flags !== null && read.isAtEnd() ? { key, data } : null;
}

/** A login that is to be proven by a signature. */
export interface LoginToProve {
  user: string;
  key: Buffer;
  /** The server's own key, where it is said to which server (publickey-hostbound-v00@openssh.com); null: it is not. */
  hostKey: Buffer | null;
}

const USERAUTH_REQUEST = 50;

/** What is signed to log in somewhere (RFC 4252, section 7; OpenSSH's PROTOCOL, 3.1); null: it is anything else. */
export function loginIn(data: Uint8Array): LoginToProve | null {
  const read = wireReader(data);
  const session = read.bytes();
  if (!session || read.byte() !== USERAUTH_REQUEST) return null;
  const [user, service, method] = [read.bytes(), read.bytes(), read.bytes()].map((one) => one?.toString('utf8'));
  const isBound = method === 'publickey-hostbound-v00@openssh.com';
  if (user === undefined || service !== 'ssh-connection' || (method !== 'publickey' && !isBound) || read.byte() !== 1) return null;
  const [algorithm, key] = [read.bytes(), read.bytes()];
  const hostKey = isBound ? read.bytes() : null;
  return algorithm && key && (hostKey || !isBound) && read.isAtEnd() ? { user, key, hostKey } : null;
}
