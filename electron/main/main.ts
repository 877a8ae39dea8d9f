import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, type BrowserWindow, crashReporter, dialog, ipcMain, powerMonitor, session } from 'electron';
import { nodeFiles } from '../world/files.ts';
import { type EngineProcess, startEngineProcess } from './engineProcess.ts';
import { systemKeyring } from './keyring.ts';
import { isOurs, registerScheme, servePage } from './page.ts';
import { createVault } from './vault.ts';
import { openWindow, setMenu } from './window.ts';

declare const __VERSION__: string; // put in by the build

const demo = process.argv.includes('--demo');
let window: BrowserWindow | null = null;
let engine: EngineProcess | null = null;

// A demo has its own folder: it can run beside the real program, and neither sees the other's servers.
if (demo && !app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', join(app.getPath('appData'), 'XenFerry demo'));
crashReporter.start({ uploadToServer: false });
registerScheme();
app.enableSandbox();

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', show);
  app.on('activate', show);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('will-quit', quitWithEngine);
  app.whenReady().then(start, (thrown: unknown) => failed(String(thrown)));
} else {
  app.quit();
}

async function start(): Promise<void> {
  setMenu();
  servePage(session.defaultSession, fileURLToPath(new URL('../renderer', import.meta.url)));
  ipcMain.on('xenferry:connect', (event, name: unknown) => {
    const port = event.ports[0];
    if (!port || !window || !isOurs(event, window.webContents) || typeof name !== 'string') return port?.close();
    engine?.give(name, port);
  });
  const keyring = systemKeyring(); // while the page loads
  const data = app.getPath('userData');
  engine = startEngineProcess({
    script: fileURLToPath(new URL('utility.js', import.meta.url)),
    data: join(data, 'engine'),
    version: __VERSION__,
    demo,
    secrets: createVault(nodeFiles(data), await keyring),
    failed,
  });
  show();
  powerMonitor.on('resume', () => engine?.wake());
}

function show(): void {
  if (!app.isReady()) return;
  if (window) {
    if (window.isMinimized()) window.restore();
    window.focus();
    return;
  }
  window = openWindow();
  window.on('closed', () => {
    window = null;
  });
}

/** The engine closes its links and goes first. */
function quitWithEngine(event: Electron.Event): void {
  const ending = engine;
  if (!ending) return;
  engine = null;
  event.preventDefault();
  void ending.close().finally(() => app.quit());
}

/** Before there is a page to say it in the operator's language: in both. */
function failed(why: string): void {
  dialog.showErrorBox('XenFerry', `プログラムを続けられません。\nThe program can't go on.\n\n${why}`);
  app.exit(1);
}
