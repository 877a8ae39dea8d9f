import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail } from '../contract/problem.ts';
import type { Files } from '../engine/world.ts';

/** Text files below one folder, each replaced as a whole: beside, fsync, rename, fsync of the folder. Writes to one file queue. */
export function nodeFiles(folder: string): Files {
  const queues = new Map<string, Promise<void>>();
  const inOrder = (name: string, work: () => Promise<void>): Promise<void> => {
    const before = queues.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    queues.set(name, mine);
    return mine;
  };
  return {
    read: (name) => readText(pathOf(folder, name)),
    write: (name, text) => inOrder(name, () => orUnwritable(name, () => replaceFile(pathOf(folder, name), text))),
    append: (name, text) =>
      inOrder(name, () =>
        orUnwritable(name, async () => {
          const path = pathOf(folder, name);
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await appendFile(path, text, { mode: 0o600 });
        }),
      ),
    remove: (name) => inOrder(name, () => orUnwritable(name, () => rm(pathOf(folder, name), { force: true }))),
    async list(name) {
      try {
        const found = await readdir(pathOf(folder, name), { withFileTypes: true });
        // What a crash left half written is not a file of ours.
        return found.filter((one) => one.isFile() && !one.name.endsWith('.new')).map((one) => one.name);
      } catch (thrown) {
        if (codeOf(thrown) === 'ENOENT') return [];
        throw thrown;
      }
    },
  };
}

/** The text of a file; null where there is none. */
export async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw thrown;
  }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(beside, 'wx', 0o600);
    try {
      await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    await renamePatiently(beside, path);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown;
  }
  await syncFolder(folder);
}

/** Windows refuses to replace a file that a virus scanner has open: it lets go within a second. */
async function renamePatiently(from: string, to: string, tries = 10): Promise<void> {
  try {
    await rename(from, to);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (tries <= 1 || (code !== 'EPERM' && code !== 'EACCES' && code !== 'EBUSY')) throw thrown;
    await new Promise((resolve) => setTimeout(resolve, 100));
    await renamePatiently(from, to, tries - 1);
  }
}

/** So that the new name survives a power cut; Windows can't open a folder, and doesn't need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orUnwritable(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    fail('store.unwritable', { file }, { detail: String(thrown) });
  }
}

function pathOf(folder: string, name: string): string {
  if (name.split(/[/\\]/).includes('..')) throw new Error(`not a name: ${name}`);
  return join(folder, name);
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
