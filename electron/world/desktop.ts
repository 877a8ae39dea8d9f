import { existsSync } from 'node:fs';
import { appendFile, mkdir } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
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
    agent: agentOf(process.platform, process.env.SSH_AUTH_SOCK),
    async appendKnownHosts(lines) {
      const folder = join(home, '.ssh');
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = join(folder, 'known_hosts');
      const before = await readText(file);
      const gap = before && !before.endsWith('\n') ? '\n' : '';
      await appendFile(file, gap + lines, { mode: 0o600 });
    },
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
