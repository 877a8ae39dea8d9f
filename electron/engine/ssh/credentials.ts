import { join } from 'node:path';
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2';
import { fail, ProblemError } from '../../contract/problem.ts';
import type { Desktop } from '../world.ts';
import { readPrivateKey } from './keys.ts';

/** The operator's agent. Problems: `auth.agentMissing`, `auth.agentRefused` where it holds no key. */
export function openAgent(desktop: Desktop, who: { user: string; address: string }): Promise<BaseAgent> {
  const path = desktop.agent;
  if (!path) return Promise.reject(asProblem(() => fail('auth.agentMissing', {})));
  return new Promise((resolve, reject) => {
    const agent = ssh2.createAgent(path);
    agent.getIdentities((thrown, keys) => {
      if (thrown) reject(asProblem(() => fail('auth.agentMissing', {}, { detail: thrown.message })));
      else if (!keys || keys.length === 0) reject(asProblem(() => fail('auth.agentRefused', who, { detail: 'the agent holds no key' })));
      else resolve(agent);
    });
  });
}

function asProblem(throwing: () => never): unknown {
  try {
    return throwing();
  } catch (thrown) {
    return thrown;
  }
}

/**
 * The private key in a file of the operator's. `passphrase` is asked for only when the key is encrypted; null: there is none.
 * Problems: `auth.keyUnreadable`, and those of `readPrivateKey`.
 */
export async function openKeyFile(desktop: Desktop, path: string, passphrase: () => Promise<string | null>): Promise<ParsedKey> {
  const at = expandHome(path, desktop);
  let text: string | null;
  try {
    text = await desktop.readFile(at);
  } catch (thrown) {
    return fail('auth.keyUnreadable', { path }, { detail: String(thrown) });
  }
  if (text === null) return fail('auth.keyUnreadable', { path });
  try {
    return readPrivateKey(text, null, path);
  } catch (thrown) {
    if (!(thrown instanceof ProblemError) || thrown.problem.code !== 'auth.passphraseNeeded') throw thrown;
    const given = await passphrase();
    if (given === null) throw thrown;
    return readPrivateKey(text, given, path);
  }
}

/** `~/` is the operator's home. */
export const expandHome = (path: string, desktop: Pick<Desktop, 'home'>): string =>
  /^~[/\\]/.test(path) ? join(desktop.home, path.slice(2)) : path;
