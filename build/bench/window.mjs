// From the start of the process to a page that answers: Electron, second start (the first fills the caches).
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { electronProgram, hasDisplay, sandboxState } from '../electron.mjs';
import { root, say } from '../ready.mjs';

export async function measure(tell) {
  const program = electronProgram({ fetch: false });
  if (program === null || !hasDisplay()) {
    say(`window: ${program === null ? "Electron's program is not here" : 'no display (run under xvfb-run)'}`);
    tell('window usable after start', null, 's', null);
    return;
  }
  const data = mkdtempSync(join(tmpdir(), 'xenferry-bench-'));
  const seconds = [];
  for (let i = 0; i < 4; i++) seconds.push(await start(program, data));
  rmSync(data, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  const later = seconds.slice(1).sort((a, b) => a - b);
  tell('window usable after start', later[1], 's', 1.5);
}

/** Usable: the first screen is there, with something to press. Asked through Chromium's own debugger. */
async function start(program, data) {
  const sandbox = sandboxState(program) === 'ready' ? [] : ['--no-sandbox'];
  const began = performance.now();
  const child = spawn(program, [root, '--remote-debugging-port=0', `--user-data-dir=${data}`, ...sandbox], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  let said = '';
  const address = await new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error(`no window: ${said}`)), 60_000);
    child.stderr.on('data', (bytes) => {
      said += bytes;
      const at = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (at) {
        clearTimeout(late);
        found(at);
      }
    });
  });
  const { chromium } = await import('playwright-core');
  const browser = await chromium.connectOverCDP(address);
  const context = browser.contexts()[0];
  const page = context.pages()[0] ?? (await context.waitForEvent('page'));
  await page.locator('button:visible').first().waitFor();
  const seconds = (performance.now() - began) / 1000;
  await browser.close();
  child.kill();
  await ended;
  return seconds;
}
