import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import type { Desktop } from '../engine/world.ts';
import { readText } from './files.ts';
import { pingOnce } from './ping.ts';

/** Windows' own ssh-agent listens there; PuTTY's is reached by the word `pageant`. */
const windowsAgent = '\\\\.\\pipe\\openssh-ssh-agent';

/** The operator's own machine, as it is. */
export function nodeDesktop(): Desktop {
  const home = homedir();
  return {
    home,
    user: userNamed(),
    readFile: readText,
    // as glob(3): a folder that can't be read has nothing in it
    listFolder: (path) => readdir(path).catch(() => []),
    agent: agentOf(process.platform, process.env.SSH_AUTH_SOCK),
    ping: pingOnce,
  };
}

function agentOf(platform: string, socket: string | undefined): string | null {
  if (socket) return socket;
  if (platform !== 'win32') return null;
  return existsSync(windowsAgent) ? windowsAgent : 'pageant';
}

/** userInfo throws for a user id without a name (some containers). */
function userNamed(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? process.env.USERNAME ?? '';
  }
}
