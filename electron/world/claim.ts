import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readText } from './files.ts';

/** Who writes into a folder of data. */
const writer = z.object({
  pid: z.number().int().positive(),
  shell: z.enum(['electron', 'server', 'cli']),
  /** ms since 1970. */
  startedAt: z.number(),
  /** The process's start in ticks since boot, where /proc tells it: another process of the same number has another. */
  born: z.string().nullable(),
});
export type Writer = z.infer<typeof writer>;

/** The right to write into a folder: one process has it at a time. */
export type Claim = { is: 'ours'; release(): Promise<void> } | { is: 'taken'; by: Writer };

/** A claim is written at once; one that can't be read after this long was left half written. */
const WRITTEN_MS = 2_000;

/** Claims the folder by a file in it. A claim whose process is gone is put aside. */
export async function claimFolder(folder: string, shell: Writer['shell']): Promise<Claim> {
  const path = join(folder, 'in-use');
  const mine = JSON.stringify({ pid: process.pid, shell, startedAt: Date.now(), born: await bornOf(process.pid) } satisfies Writer);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      await writeFile(path, mine, { flag: 'wx', mode: 0o600 });
      return { is: 'ours', release: () => release(path, mine) };
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    }
    const text = await readText(path);
    if (text === null) continue;
    const by = readWriter(text);
    // half written by somebody: it is ready in a moment, so it is waited for as for a command line
    if (by ? await lives(by) : await isYoung(path)) return { is: 'taken', by: by ?? { pid: 0, shell: 'cli', startedAt: 0, born: null } };
    await putAside(path, text);
  }
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readText(path)) === mine) await rm(path, { force: true });
}

function readWriter(text: string): Writer | null {
  try {
    return writer.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function isYoung(path: string): Promise<boolean> {
  const changed = await stat(path).catch(() => null);
  return changed !== null && Date.now() - changed.mtimeMs < WRITTEN_MS;
}

async function lives({ pid, startedAt, born }: Writer): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // EPERM: somebody else's, so it lives
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH') return false;
  }
  if (born !== null) return (await bornOf(pid)) === born;
  return startedAt > Date.now() - uptime() * 1000 - 60_000;
}

async function bornOf(pid: number): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // `1234 (a name) S 1 …`: the name may hold blanks and brackets; starttime is field 22 (proc(5))
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** Takes a dead claim away, and only that one: another process may have claimed the folder since it was read. */
async function putAside(path: string, dead: string): Promise<void> {
  const aside = `${path}.${process.pid}.new`;
  try {
    await rename(path, aside);
  } catch {
    return; // somebody else was quicker
  }
  if ((await readText(aside)) !== dead) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}
