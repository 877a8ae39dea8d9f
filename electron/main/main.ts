import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, type BrowserWindow, dialog, ipcMain, powerMonitor, session } from 'electron';
import { nodeFiles } from '../world/files.ts';
import { type EngineProcess, startEngineProcess } from './engineProcess.ts';
import { systemKeyring } from './keyring.ts';
import { isOurs, servePage } from './page.ts';
import type { PagePlace } from './scheme.ts';
import { createVault } from './vault.ts';
import { openWindow, setMenu } from './window.ts';

declare const __VERSION__: string; // put in by the build

/** Called by start.cjs, which said before what must be said before the app is ready. */
export function run(place: PagePlace): void {
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  let window: BrowserWindow | null = null;
  let engine: EngineProcess | null = null;

  const show = () => {
    if (!app.isReady()) return;
    if (window) {
      if (window.isMinimized()) window.restore();
      window.focus();
      return;
    }
    window = openWindow(place);
    window.on('closed', () => {
      window = null;
    });
  };

  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  // The engine closes its links and goes first.
  app.on('will-quit', (event) => {
    const ending = engine;
    if (!ending) return;
    engine = null;
    event.preventDefault();
    void ending.close().finally(() => app.quit());
  });

  app
    .whenReady()
    .then(async () => {
      setMenu();
      servePage(session.defaultSession, fileURLToPath(new URL('../renderer', import.meta.url)), place);
      ipcMain.on('xenferry:connect', (event, name: unknown) => {
        const port = event.ports[0];
        if (!port) return;
        if (engine && window && isOurs(event, window.webContents, place) && typeof name === 'string') engine.give(name, port);
        else port.close();
      });
      engine = await startEngine();
      show();
      powerMonitor.on('resume', () => engine?.wake());
    })
    .catch((thrown: unknown) => failed(String(thrown)));
}

async function startEngine(): Promise<EngineProcess> {
  const data = app.getPath('userData');
  return startEngineProcess({
    script: fileURLToPath(new URL('utility.js', import.meta.url)),
    data: join(data, 'engine'),
    version: __VERSION__,
    demo: process.argv.includes('--demo'),
    secrets: createVault(nodeFiles(data), await systemKeyring()),
    failed,
  });
}

/** Before there is a page to say it in the operator's language: in both. */
function failed(why: string): void {
  process.stderr.write(`xenferry: ${why}\n`);
  dialog.showErrorBox('XenFerry', `プログラムを続けられません。\nThe program can't go on.\n\n${why}`);
  app.exit(1);
}
