import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFiles } from './files.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xenferry-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file is written, read, listed, appended to and removed', async () => {
  const files = nodeFiles(folder);
  expect(await files.read('a/b.json')).toBeNull();
  expect(await files.list('a')).toEqual([]);
  await files.write('a/b.json', '日本');
  await files.append('a/log', '1\n');
  await files.append('a/log', '2\n');
  expect(await files.read('a/b.json')).toBe('日本');
  expect(await files.read('a/log')).toBe('1\n2\n');
  expect((await files.list('a')).sort()).toEqual(['b.json', 'log']);
  await files.remove('a/log');
  await files.remove('a/log');
  expect(await files.list('a')).toEqual(['b.json']);
});

test('a file is the reader’s own', async () => {
  await nodeFiles(folder).write('secret', 'x');
  expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600);
});

test('writes to one file keep their order, and nothing is left beside', async () => {
  const files = nodeFiles(folder);
  await Promise.all(Array.from({ length: 40 }, (_, i) => files.write('x', 'v'.repeat(1000 * ((i * 7) % 11)) + i)));
  expect((await files.read('x'))?.replace(/^v*/, '')).toBe('39');
  expect(await readdir(folder)).toEqual(['x']);
});

test('what a crash left half written is not listed', async () => {
  await writeFile(join(folder, 'hosts.json.0011.new'), '{');
  expect(await nodeFiles(folder).list('')).toEqual([]);
});

test('a name does not leave the folder', async () => {
  await expect(async () => nodeFiles(folder).read('../x')).rejects.toThrow('not a name');
});

test('a folder that can’t be written is a problem, and the next write is tried again', async () => {
  await writeFile(join(folder, 'file'), '');
  const files = nodeFiles(folder);
  await expect(files.write('file/below', 'x')).rejects.toMatchObject({ problem: { code: 'store.unwritable', file: 'file/below' } });
  await rm(join(folder, 'file'));
  await files.write('file/below', 'x');
  expect(await files.read('file/below')).toBe('x');
  await chmod(folder, 0o700);
});
