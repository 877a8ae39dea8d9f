import { fail } from '../contract/problem.ts';
import type { Files } from '../engine/world.ts';
import { claimFolder, type Writer } from './claim.ts';
import { nodeFiles } from './files.ts';

/** The engine's files, written by one process at a time. */
export interface Store {
  files: Files;
  /** Resolves when everything is written; the folder is free again. */
  close(): Promise<void>;
}

/** A command line writes for a moment only: it is waited for this long. */
const PATIENCE_MS = 2_000;
const AGAIN_MS = 25;

/**
 * Opens the folder of data that desktop, browser server and command line may share. A window has the folder to itself until it
 * ends; a command line (`cli`) for each write. Who does not have it reads, and its writes fail with `store.inUse`; and what another
 * process changed since it was read is never overwritten (`store.changed`).
 */
export async function openStore(folder: string, shell: Writer['shell']): Promise<Store> {
  const plain = nodeFiles(folder);
  const seen = new Map<string, string | null>();
  const held = shell === 'cli' ? null : await claimPatiently(folder, shell).catch(() => null);
  const always = held?.is === 'ours' ? held : null;
  let late: (() => Promise<void>) | null = null;
  let queue: Promise<void> = Promise.resolve();
  let works = 0;

  const change = async (name: string, work: () => Promise<void>): Promise<void> => {
    if (always || late) return await work();
    const claim = await claimPatiently(folder, shell).catch((thrown: unknown) =>
      fail('store.unwritable', { file: name }, { detail: String(thrown) }),
    );
    if (claim.is === 'taken') return fail('store.inUse', { file: name, shell: claim.by.shell, pid: claim.by.pid });
    if (shell !== 'cli') late = claim.release;
    try {
      await work();
    } finally {
      if (shell === 'cli') await claim.release();
    }
  };
  const inTurn = (name: string, work: () => Promise<void>): Promise<void> => {
    works += 1;
    const mine = queue.then(() => change(name, work));
    queue = mine.catch(() => {});
    return mine;
  };
  const files: Files = {
    async read(name) {
      const text = await plain.read(name);
      seen.set(name, text);
      return text;
    },
    list: plain.list,
    append: (name, text) => inTurn(name, () => plain.append(name, text)),
    remove: (name) => inTurn(name, () => plain.remove(name)),
    write: (name, text) =>
      inTurn(name, async () => {
        if (!always && seen.has(name) && (await plain.read(name)) !== seen.get(name)) fail('store.changed', { file: name });
        await plain.write(name, text);
        seen.set(name, text);
      }),
  };
  return {
    files,
    async close() {
      // what is written may make more to be written: the journal's lines go one after another
      for (let before = -1; before !== works; ) {
        before = works;
        await queue;
        await new Promise(setImmediate);
      }
      await (always?.release ?? late)?.();
    },
  };
}

async function claimPatiently(folder: string, shell: Writer['shell']) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const claim = await claimFolder(folder, shell);
    if (claim.is === 'ours' || claim.by.shell !== 'cli' || Date.now() > until) return claim;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
