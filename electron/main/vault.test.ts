import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFiles } from '../world/files.ts';
import { createVault, type Keyring } from './vault.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xenferry-vault-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Turns text round: enough to see that what is stored is what the keyring made. */
function keyring(safe: boolean, backend = 'gnome_libsecret'): Keyring & { insisted: boolean } {
  const made = {
    safe,
    backend,
    insisted: false,
    insist() {
      made.insisted = true;
    },
    encrypt: async (text: string) => Buffer.from([...text].reverse().join('')).toString('base64'),
    decrypt: async (text: string) => [...Buffer.from(text, 'base64').toString()].reverse().join(''),
  };
  return made;
}

test('a secret is locked by the keyring and comes back after a new start', async () => {
  const vault = createVault(nodeFiles(folder), keyring(true));
  await Promise.all([vault.write('a', 'ひみつ1', false), vault.write('b', 'secret2', false)]);
  expect(await readFile(join(folder, 'secrets.json'), 'utf8')).not.toContain('secret2');
  const again = createVault(nodeFiles(folder), keyring(true));
  expect(again.kept).toBe('system');
  expect([await again.read('a'), await again.read('b'), await again.read('c')]).toEqual(['ひみつ1', 'secret2', null]);
  await again.remove('a');
  expect(await again.read('a')).toBeNull();
});

test('an unsafe store is refused by name, unless the operator insists', async () => {
  const unsafe = keyring(false, 'basic_text');
  const vault = createVault(nodeFiles(folder), unsafe);
  expect(vault.kept).toBe('unsafe');
  await expect(vault.write('a', 'x', false)).rejects.toMatchObject({ problem: { code: 'secrets.unsafeStore', backend: 'basic_text' } });
  expect(unsafe.insisted).toBe(false);
  expect(await vault.read('a')).toBeNull();
  await vault.write('a', 'x', true);
  expect(unsafe.insisted).toBe(true);
  expect(await vault.read('a')).toBe('x');
});

test('what a changed keyring can’t open is asked for again; the rest stays', async () => {
  const vault = createVault(nodeFiles(folder), {
    ...keyring(true),
    decrypt: () => Promise.reject(new Error('changed')),
  });
  await vault.write('a', 'x', false);
  expect(await vault.read('a')).toBeNull();
});

test('a file that can’t be read is kept beside', async () => {
  await writeFile(join(folder, 'secrets.json'), '{broken');
  const vault = createVault(nodeFiles(folder), keyring(true));
  expect(await vault.read('a')).toBeNull();
  await vault.write('a', 'x', false);
  expect(await vault.read('a')).toBe('x');
  expect(await readFile(join(folder, 'secrets.json.unreadable'), 'utf8')).toBe('{broken');
});
