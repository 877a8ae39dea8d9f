import { z } from 'zod';
import { fail } from '../contract/problem.ts';
import type { Files, Secrets } from '../engine/world.ts';

/** What keeps the key that secrets are locked with. Locked text is base64. */
export interface Keyring {
  /** False: what it locks, anybody who reads the file can open. */
  safe: boolean;
  backend: string;
  /** The operator wants it even so. */
  insist(): void;
  encrypt(text: string): Promise<string>;
  decrypt(text: string): Promise<string>;
}

const file = 'secrets.json';
const stored = z.object({ version: z.literal(1), secrets: z.record(z.string(), z.string()) });

/** Secrets in one file, each locked by the keyring. What a changed keyring can't open counts as not there: it is asked for again. */
export function createVault(files: Files, keyring: Keyring): Secrets {
  let queue: Promise<unknown> = Promise.resolve();
  const change = (how: (secrets: Record<string, string>) => Promise<void>): Promise<void> => {
    const mine = queue.then(async () => {
      const secrets = await readAll(files);
      await how(secrets);
      await files.write(file, JSON.stringify({ version: 1, secrets }));
    });
    queue = mine.catch(() => {});
    return mine;
  };
  return {
    kept: keyring.safe ? 'system' : 'unsafe',
    async read(name) {
      await queue;
      const locked = (await readAll(files))[name];
      if (locked === undefined) return null;
      try {
        // A secret that was insisted on before this start.
        if (!keyring.safe) keyring.insist();
        return await keyring.decrypt(locked);
      } catch {
        return null;
      }
    },
    async write(name, secret, insist) {
      if (!keyring.safe && !insist) fail('secrets.unsafeStore', { backend: keyring.backend });
      if (!keyring.safe) keyring.insist();
      const locked = await keyring.encrypt(secret).catch((thrown: unknown) => {
        return fail('secrets.unsafeStore', { backend: keyring.backend }, { detail: String(thrown) });
      });
      await change(async (secrets) => {
        secrets[name] = locked;
      });
    },
    remove: (name) =>
      change(async (secrets) => {
        delete secrets[name];
      }),
  };
}

async function readAll(files: Files): Promise<Record<string, string>> {
  const text = await files.read(file);
  if (text === null) return {};
  try {
    return stored.parse(JSON.parse(text)).secrets;
  } catch {
    // Unreadable: kept beside for whoever wants to look, and the secrets are asked for again.
    await files.write(`${file}.unreadable`, text);
    return {};
  }
}
