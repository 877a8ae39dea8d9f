import type { Duplex } from 'node:stream';
import { fail, problemOf } from '../../contract/problem.ts';
import agentText from '../remote/programs/move-agent.sh?raw';
import type { Login, Remote } from '../remote/remote.ts';
import { linesOf, saidBy, unreadable } from '../remote/said.ts';
import { createAnswers, type Narrowed, serveAgent } from '../ssh/narrowedAgent.ts';
import { type ShellLine, shellWords } from '../ssh/quote.ts';
import { knownHostsOf, type SshServer, type Way } from './reach.ts';

/**
 * The operator's own agent, for a source whose ssh is to log in at the target as the operator does: a socket on the source, whose
 * connections come to us over its link. What is asked there is answered only as far as that login needs it.
 */

export const agentProgram = { name: 'move-agent', text: agentText };

/** What the source is to do with it. */
export interface Lent extends Omit<Narrowed, 'hostKeys'> {
  /** Where it may log in. */
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
export async function openAgentDoor(source: Remote, { server, logins, ...lent }: Lent, from: string): Promise<AgentDoor> {
  const [line = ''] = linesOf('move-agent', await source.program(agentProgram, ['make', source.login.user]));
  const path = `${/^at (\/\S+)$/.exec(line)?.[1] ?? fault(line)}/agent`;
  const inside = new Set<Duplex>();
  let used: Uint8Array | null = null;
  let left = logins;
  let listening: { close(): void } | null = null;
  const hostKeys = server.hostKeys.map(({ blob }) => Buffer.from(blob, 'base64'));
  const answer = createAnswers(
    { ...lent, hostKeys },
    {
      mayLogIn: () => left > 0,
      loggedIn(key) {
        used = key;
        left -= 1;
        if (left === 0) listening?.close();
      },
    },
  );
  const take = (connection: Duplex) => {
    if (inside.size >= MOST_AT_ONCE || left === 0) return void connection.destroy();
    inside.add(connection);
    connection.once('close', () => inside.delete(connection));
    serveAgent(connection, answer);
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

const fault = (line: string): never => {
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
