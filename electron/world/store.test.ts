import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProblemError } from '../contract/problem.ts';
import { openStore, type Store } from './store.ts';

let folder = '';
const opened: Store[] = [];
const open = async (shell: Parameters<typeof openStore>[1]) => {
  const store = await openStore(folder, shell);
  opened.push(store);
  return store;
};
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (thrown) => (thrown instanceof ProblemError ? thrown.problem.code : thrown),
  );

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xenferry-store-'));
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  await rm(folder, { recursive: true, force: true });
});

test('while a window has the folder, a command line reads and does not write', async () => {
  const window = await open('electron');
  await window.files.write('hosts.json', 'one');
  const cli = await open('cli');
  expect(await cli.files.read('hosts.json')).toBe('one');
  expect(await codeOf(cli.files.write('hosts.json', 'two'))).toBe('store.inUse');
  expect(await codeOf(cli.files.append('tasks.ndjson', 'two'))).toBe('store.inUse');
  await window.close();
  expect(await codeOf(cli.files.write('hosts.json', 'two'))).toBe('done');
});

test('a command line that reads keeps no window from writing', async () => {
  const cli = await open('cli');
  await cli.files.write('hosts.json', 'one');
  const window = await open('server');
  expect(await window.files.read('hosts.json')).toBe('one');
  expect(await codeOf(window.files.write('hosts.json', 'two'))).toBe('done');
  expect(await codeOf(cli.files.write('hosts.json', 'three'))).toBe('store.inUse');
});

test('what another changed since it was read is not overwritten', async () => {
  const [one, two] = [await open('cli'), await open('cli')];
  await Promise.all([one.files.read('hosts.json'), two.files.read('hosts.json')]);
  expect(await codeOf(one.files.write('hosts.json', 'of one'))).toBe('done');
  expect(await codeOf(two.files.write('hosts.json', 'of two'))).toBe('store.changed');
  expect(await readFile(join(folder, 'hosts.json'), 'utf8')).toBe('of one');
  expect(await codeOf(one.files.write('hosts.json', 'of one again'))).toBe('done');
});

test('two that write at once wait for each other', async () => {
  const stores = [await open('cli'), await open('cli')];
  await Promise.all(stores.flatMap(({ files }, at) => [1, 2, 3, 4].map((line) => files.append('tasks.ndjson', `${at}.${line}\n`))));
  const lines = (await readFile(join(folder, 'tasks.ndjson'), 'utf8')).trim().split('\n');
  expect(lines.sort()).toEqual(['0.1', '0.2', '0.3', '0.4', '1.1', '1.2', '1.3', '1.4']);
});

test('a second window on the folder only reads, and may write when the first has ended', async () => {
  const first = await open('electron');
  const second = await open('server');
  await second.files.read('settings.json');
  expect(await codeOf(second.files.write('settings.json', '{}'))).toBe('store.inUse');
  await first.close();
  expect(await codeOf(second.files.write('settings.json', '{}'))).toBe('done');
  // and from then on it has the folder
  expect(await codeOf((await open('cli')).files.append('x', ''))).toBe('store.inUse');
});

const claim = (more: object) => JSON.stringify({ pid: process.pid, shell: 'electron', startedAt: Date.now(), born: null, ...more });

test('the claim of a process that is gone counts for nothing', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(join(folder, 'in-use'), claim({ pid: child.pid }));
  expect(await codeOf((await open('cli')).files.write('x', ''))).toBe('done');
});

test.runIf(process.platform === 'linux')('a process that only has the number of the one that claimed is another', async () => {
  await writeFile(join(folder, 'in-use'), claim({ born: '1' }));
  expect(await codeOf((await open('cli')).files.write('x', ''))).toBe('done');
});

test('a claim from before the machine was started is stale where births are not told', async () => {
  await writeFile(join(folder, 'in-use'), claim({ startedAt: 0 }));
  expect(await codeOf((await open('cli')).files.write('x', ''))).toBe('done');
  await writeFile(join(folder, 'in-use'), claim({}));
  expect(await codeOf((await open('cli')).files.write('x', ''))).toBe('store.inUse');
});

test('a claim that is half written is waited for, and then counts for nothing', async () => {
  const path = join(folder, 'in-use');
  await writeFile(path, '{"pid":');
  await utimes(path, new Date(), new Date(Date.now() - 60_000));
  expect(await codeOf((await open('cli')).files.write('x', ''))).toBe('done');
});

test('what was asked to be written is written when it is closed', async () => {
  const cli = await open('cli');
  let last = Promise.resolve();
  for (const line of ['a', 'b', 'c']) last = last.then(() => cli.files.append('tasks.ndjson', line));
  await cli.close();
  expect(await readFile(join(folder, 'tasks.ndjson'), 'utf8')).toBe('abc');
});
