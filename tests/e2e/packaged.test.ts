import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { sandboxState } from '../../build/electron.mjs';
import { noElectron } from './electronApp.ts';

const root = resolve(import.meta.dirname, '../..');
const unpacked = join(root, 'dist/linux-unpacked');
const binary = join(unpacked, 'xenferry');
/** Where the fuses stand in the binary: after this mark a version, a length, and one character a fuse. */
const fuseMark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

describe.skipIf(noElectron !== null || process.platform !== 'linux')('what npm run dist makes', () => {
  let data = '';
  let child: ChildProcess | null = null;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const made = spawnSync(process.execPath, [join(root, 'build/dist.mjs'), '--dir'], { cwd: root, encoding: 'utf8' });
    expect(made.status, made.stderr).toBe(0);
    data = await mkdtemp(join(tmpdir(), 'xenferry-packaged-'));
    const sandbox = sandboxState(binary) === 'ready' ? [] : ['--no-sandbox'];
    child = spawn(binary, ['--remote-debugging-port=0', `--user-data-dir=${data}`, '--demo', ...sandbox], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const address = await debuggerOf(child);
    await windowOf(address);
    browser = await chromium.connectOverCDP(address);
    const context = browser.contexts()[0];
    page = context?.pages()[0] ?? (await context?.waitForEvent('page')) ?? (await browser.newPage());
  });
  afterAll(async () => {
    await browser?.close();
    if (child && child.exitCode === null) {
      const ended = new Promise((done) => child?.once('exit', done));
      child.kill();
      await ended;
    }
    await rm(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });

  test('the packed program opens its window and shows the demo servers', async () => {
    expect(page.url()).toBe('app://xenferry/');
    await expect.poll(() => page.evaluate(() => document.body.innerText), { timeout: 30_000 }).toContain('GiB');
  });

  test('nothing is in it but what was built', async () => {
    expect(existsSync(join(unpacked, 'resources/app'))).toBe(false);
    expect(existsSync(join(unpacked, 'licences/novnc-novnc.txt'))).toBe(true);
    const asar = await readFile(join(unpacked, 'resources/app.asar'));
    const names = JSON.parse(asar.subarray(16, 16 + asar.readUInt32LE(12)).toString()) as { files: Record<string, unknown> };
    expect(Object.keys(names.files).sort()).toEqual(['out', 'package.json']);
    expect(asar.length).toBeLessThan(15_000_000);
  });

  test('the fuses are set', async () => {
    const bytes = await readFile(binary);
    const at = bytes.indexOf(fuseMark) + fuseMark.length;
    const states = bytes.subarray(at + 2, at + 10).toString();
    // runAsNode off, cookie encryption on, NODE_OPTIONS off, inspect off, asar integrity on, only asar on, (snapshot), file: rights off
    expect(states[0]).toBe('0');
    expect(states.slice(1, 6)).toBe('10011');
    expect(states[7]).toBe('0');
  });
});

/** The address Chromium prints when it listens. */
function debuggerOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let said = '';
    child.once('exit', (code) => failed(new Error(`ended with ${code}: ${said}`)));
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (address) found(address);
    });
  });
}

/** Until the window's page is there: whoever connects while it is being made may wait for ever for one that was taken away again. */
async function windowOf(address: string): Promise<void> {
  const list = `http://${new URL(address).host}/json/list`;
  const isThere = async () => ((await (await fetch(list)).json()) as { url: string }[]).some((one) => one.url === 'app://xenferry/');
  await vi.waitUntil(isThere, { timeout: 60_000, interval: 200 });
}
