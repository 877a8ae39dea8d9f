import type { Duplex } from 'node:stream';
import type { BaseAgent } from 'ssh2';
import { fail, problemOf } from '../../contract/problem.ts';
import agentText from '../remote/programs/move-agent.sh?raw';
import type { Login, Remote } from '../remote/remote.ts';
import { linesOf, saidBy, unreadable } from '../remote/said.ts';
import {
  type AgentMessage,
  agentTypes,
  createFrames,
  framed,
  type Identity,
  identitiesIn,
  identitiesOf,
  loginIn,
  signAskedIn,
} from '../ssh/agentWire.ts';
import { type ShellLine, shellWords } from '../ssh/quote.ts';
import { knownHostsOf, type SshServer, type Way } from './reach.ts';

/**
 * The operator's own agent, for a source whose ssh is to log in at the target as the operator does: a socket on the source, whose
 * connections come to us over its link. What is asked there is answered only as far as that login needs it.
 */

export const agentProgram = { name: 'move-agent', text: agentText };

/** What may be had of the agent. */
export interface Narrowed {
  agent: BaseAgent;
  /** By which it may log in (SSH wire format). One that the agent does not hold says nothing: then any of its own. */
  key: Uint8Array | null;
  /** As whom, and at which server. */
  user: string;
  server: SshServer;
  /** How many times: one for each connection. */
  logins: number;
}

/** The socket on the source. */
export interface AgentDoor {
  path: string;
  /** The key that was signed with; null: none yet. */
  used(): Uint8Array | null;
  /** Nobody is answered any more. Also by itself, when all logins were signed for. */
  close(): Promise<void>;
}

/** Two connections, and each may be tried once more. */
const MOST_AT_ONCE = 4;

/** Opens it. Problem: `move.agentDoor`, where the source's sshd lets us open no socket. */
export async function openAgentDoor(source: Remote, narrowed: Narrowed, from: string): Promise<AgentDoor> {
  const [line = ''] = linesOf('move-agent', await source.program(agentProgram, ['make', source.login.user]));
  const path = `${/^at (\/\S+)$/.exec(line)?.[1] ?? fail_(line)}/agent`;
  const inside = new Set<Duplex>();
  let used: Uint8Array | null = null;
  let left = narrowed.logins;
  let listening: { close(): void } | null = null;
  const answer = createAnswers(narrowed, {
    mayLogIn: () => left > 0,
    loggedIn(key) {
      used = key;
      left -= 1;
      if (left === 0) listening?.close();
    },
  });
  const take = (connection: Duplex) => {
    if (inside.size >= MOST_AT_ONCE || left === 0) return void connection.destroy();
    inside.add(connection);
    connection.once('close', () => inside.delete(connection));
    serve(connection, answer);
  };
  const tidy = async () => void (await source.program(agentProgram, ['end', path]).catch(() => {})); // the link may be gone
  try {
    listening = await source.listenAt(path, take);
  } catch (thrown) {
    await tidy();
    const { code, detail } = problemOf(thrown);
    if (code !== 'ssh.forwardRefused') throw thrown;
    fail('move.agentDoor', { host: from }, detail === undefined ? {} : { detail });
  }
  return {
    path,
    used: () => used,
    async close() {
      left = 0;
      listening?.close();
      for (const one of inside) one.destroy();
      await tidy();
    },
  };
}

const fail_ = (line: string): never => {
  throw unreadable('move-agent', line);
};

/** Lets the source's ssh log in at the target by it and say a word there. Problem: `move.agentRefused`. */
export async function tryAgent(
  source: Remote,
  door: AgentDoor,
  to: { login: Login; server: SshServer; way: Way; host: string },
): Promise<void> {
  const { login, server, way, host } = to;
  const words = ['try', door.path, way.address, String(way.port), login.user, asRoot(login, ['echo', 'xenferry'])];
  const ran = await source.program(agentProgram, words, { stdin: knownHostsOf(server), timeoutMs: 90_000 });
  const answer = saidBy('move-agent', ran);
  if (answer.is === 'failed') fail('move.agentRefused', { host, said: answer.why.replace(/^login /, '') });
}

/** A command for the target's shell, as root there. Who must be asked for a password can't be helped. */
export function asRoot({ root }: Login, argv: readonly string[]): ShellLine {
  return shellWords(root === 'direct' ? argv : ['sudo', '-k', '-n', '--', ...argv]);
}

/** Answers the messages of one connection, one after the other; what is no message ends it. */
function serve(connection: Duplex, answer: (message: AgentMessage) => Promise<AgentMessage>): void {
  const frames = createFrames();
  const answerAll = async (messages: AgentMessage[]) => {
    for (const message of messages) {
      const said = await answer(message).catch(() => refusal);
      if (connection.destroyed) return;
      connection.write(framed(said));
    }
  };
  connection.on('error', () => {}); // its end says what counts
  connection.on('data', (piece: Buffer) => {
    const messages = frames.take(piece);
    if (!messages) return void connection.destroy();
    connection.pause();
    void answerAll(messages).then(() => connection.resume());
  });
  connection.on('end', () => connection.end());
}

const refusal: AgentMessage = Buffer.of(agentTypes.failure);

/** What is answered: the keys that may be used, and signatures for logins at that one target. To anything else: no. */
export function createAnswers(
  { agent, key, user, server }: Omit<Narrowed, 'logins'>,
  count: { mayLogIn(): boolean; loggedIn(key: Uint8Array): void },
): (message: AgentMessage) => Promise<AgentMessage> {
  const hostKeys = server.hostKeys.map(({ blob }) => Buffer.from(blob, 'base64'));
  const offered = async (): Promise<Identity[]> => {
    const held = identitiesIn(await askAgent(agent, Buffer.of(agentTypes.identitiesAsked))) ?? [];
    const known = held.filter((one) => key !== null && one.key.equals(key));
    return (known.length > 0 ? known : held).map((one) => ({ key: one.key, comment: '' }));
  };
  return async (message) => {
    if (message.length === 1 && message[0] === agentTypes.identitiesAsked) return identitiesOf(await offered());
    const asked = signAskedIn(message);
    const login = asked && loginIn(asked.data);
    if (!asked || !login || !count.mayLogIn()) return refusal;
    const isOurs = login.user === user && login.key.equals(asked.key) && (await offered()).some((one) => one.key.equals(asked.key));
    const isThere = login.hostKey === null || hostKeys.some((one) => login.hostKey?.equals(one));
    if (!isOurs || !isThere || !count.mayLogIn()) return refusal;
    const said = await askAgent(agent, message);
    if (said[0] !== agentTypes.signature || !count.mayLogIn()) return refusal;
    count.loggedIn(asked.key);
    return said;
  };
}

/** One question to the operator's agent, over a connection of its own. */
function askAgent(agent: BaseAgent, message: AgentMessage): Promise<AgentMessage> {
  return new Promise((resolve, reject) => {
    if (!agent.getStream) return reject(new Error('this agent can’t be asked'));
    // it may call more than once: again when the connection has ended
    agent.getStream((thrown, stream) => {
      if (thrown || !stream) return reject(thrown ?? new Error('no connection to the agent'));
      const frames = createFrames();
      stream.on('error', reject);
      stream.on('close', () => reject(new Error('the agent has gone')));
      stream.on('data', (piece: Buffer) => {
        const messages = frames.take(piece);
        if (messages?.length === 0) return;
        stream.destroy();
        const [said] = messages ?? [];
        if (said) resolve(said);
        else reject(new Error('the agent said nothing that can be read'));
      });
      stream.write(framed(message));
    });
  });
}
