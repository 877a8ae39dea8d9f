import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { block, expectAccessible, noBrowser, openPage, startBrowser, strip } from './browser.ts';

const root = resolve(import.meta.dirname, '../..');

describe.skipIf(noBrowser !== null)('npm run serve', () => {
  let data = '';
  let server: ChildProcess;
  let address = '';
  let browser: Browser;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'xenferry-serve-'));
    server = spawn(process.execPath, [join(root, 'build/serve.mjs'), '--data', data], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, HOME: data, SSH_AUTH_SOCK: '' },
    });
    if (!server.stdout) throw new Error('no standard output');
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const said = JSON.parse(line) as { ready: boolean; address: string };
    expect(said.ready).toBe(true);
    address = said.address;
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
    await rm(data, { recursive: true, force: true });
  });

  test('listens on loopback only, and lets nobody in without the token', async () => {
    const { hostname, port, origin } = new URL(address);
    expect(hostname).toBe('127.0.0.1');
    expect((await fetch(origin)).status).toBe(403);
    expect((await fetch(`${origin}/?token=guessed`)).status).toBe(403);
    expect(await statusFor(Number(port), 'evil.example')).toBe(403);
  });

  test('a first start offers two equal choices, and the demo servers are one press away', async () => {
    const { page, complaints } = await openPage(browser, address, 'en-US');
    expect(new URL(page.url()).search).toBe('');
    const add = page.getByRole('button', { name: /Add a server/ }).first();
    await add.waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: /demo/i }).click();
    await strip(page, '東京').waitFor();
    await block(page, 'web', '東京').waitFor();
    await page.getByText('Demo', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the token was good for once', async () => {
    expect((await fetch(address, { redirect: 'manual' })).status).toBe(403);
  });
});

/** The answer to a request that names another host, as a page behind a rebound name would. */
function statusFor(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}
