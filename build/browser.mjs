// The browser that the tests drive: an installed Chrome, Edge or Chromium, else Playwright's, else Debian's package when root.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root, say } from './ready.mjs';

const installed = {
  linux: ['google-chrome', 'google-chrome-stable', 'microsoft-edge', 'chromium', 'chromium-browser'].flatMap((name) =>
    ['/usr/bin', '/usr/local/bin', '/snap/bin'].map((folder) => join(folder, name)),
  ),
  darwin: ['Google Chrome', 'Microsoft Edge', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .flatMap((folder) => [join(folder, 'Google/Chrome/Application/chrome.exe'), join(folder, 'Microsoft/Edge/Application/msedge.exe')]),
};

/** The path of a browser, or null. `fetch`: gets one where there is none. */
export async function browserProgram({ fetch }) {
  const found = process.env.XENFERRY_BROWSER ?? look() ?? (await playwrights());
  if (found || !fetch) return found;
  say('fetching a browser for the tests');
  spawnSync(process.execPath, [join(root, 'node_modules/playwright-core/cli.js'), 'install', '--with-deps', '--only-shell', 'chromium'], {
    stdio: ['ignore', 2, 2],
    timeout: 600_000,
  });
  const fetched = await playwrights();
  if (fetched) return fetched;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const more = { stdio: ['ignore', 2, 2], env, timeout: 900_000 };
    spawnSync('apt-get', ['update', '-qq'], more);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], more);
  }
  return look();
}

function look() {
  return (installed[process.platform] ?? []).find((path) => existsSync(path)) ?? null;
}

async function playwrights() {
  const { chromium } = await import('playwright-core');
  const path = chromium.executablePath();
  return path && existsSync(path) ? path : null;
}
