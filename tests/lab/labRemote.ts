import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '../../electron/engine/limits.ts';
import { createRemote } from '../../electron/engine/remote/overSsh.ts';
import type { Remote } from '../../electron/engine/remote/remote.ts';
import type { Root } from '../../electron/engine/remote/root.ts';
import type { Credentials } from '../../electron/engine/ssh/authentication.ts';
import { readPrivateKey } from '../../electron/engine/ssh/keys.ts';
import { openSession } from '../../electron/engine/ssh/session.ts';
import { nodeWorld } from '../../electron/world/nodeWorld.ts';

/** Where the lab keeps its images, its key and its state. */
export const labFolder = process.env.XENLAB_DIR ?? join(homedir(), '.cache', 'xenlab');

/** The lab's own program, which starts hosts, stops them, and lets them trust each other. */
export const xenlab = (...words: string[]) =>
  spawnSync(fileURLToPath(new URL('../../lab/xenlab', import.meta.url)), words, {
    env: { ...process.env, XENLAB_DIR: labFolder },
    stdio: ['ignore', 2, 2],
  });

/** Waits of the lab, which is 20 to 50 times slower than hardware. */
export const labLimits = { ...limits, connectMs: 60_000, commandMs: 240_000, keepaliveMs: 30_000, shutdownMs: 300_000 };

/** Where host N of the lab is reached: with an XENLAB_DIR and an XENLAB_PORT of their own, two labs run side by side. */
export const labPort = (host: number): number => Number(process.env.XENLAB_PORT ?? 22_000) + host;

/** One of the lab's users: root by key; operator, whose sudo asks nothing; clerk, whose sudo asks for the password. */
export type LabUser = 'root' | 'operator' | 'clerk';

const roots: Record<LabUser, Root> = {
  root: { by: 'direct' },
  operator: { by: 'sudo' },
  clerk: { by: 'sudoPassword', password: 'xenlab' },
};

/** A Remote to host N of the lab, without the rest of the engine; `close` ends the connection. */
export async function openLabRemote(host: number, user: LabUser = 'root'): Promise<{ remote: Remote; close: () => void }> {
  const world = nodeWorld({ data: join(labFolder, 'unused'), version: '0', shell: 'server' });
  const path = join(labFolder, 'lab_key');
  const credentials: Credentials =
    user === 'root' ? { by: 'key', key: readPrivateKey(await readFile(path, 'utf8'), null, path) } : { by: 'password', password: 'xenlab' };
  const address = '127.0.0.1';
  const session = await openSession({
    address,
    port: labPort(host),
    user,
    credentials,
    socket: (signal) => world.dial(address, labPort(host), signal),
    judge: () => null, // the lab makes its host keys anew at every build
    clock: world.clock,
    limits: labLimits,
  });
  const remote = createRemote({ session, root: roots[user], address, user, world, limits: labLimits });
  return { remote, close: () => session.close() };
}
