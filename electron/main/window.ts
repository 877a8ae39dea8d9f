import { fileURLToPath } from 'node:url';
import { app, BrowserWindow, Menu, nativeTheme } from 'electron';
import { holdStill } from './page.ts';
import type { PagePlace } from './scheme.ts';

/** Opens the window: the page without Node, isolated, in Chromium's sandbox, and held to its one address. */
export function openWindow(place: PagePlace): BrowserWindow {
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'XenFerry',
    autoHideMenuBar: true,
    // Paper or ink before the first frame, so that nothing flashes.
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181a' : '#faf9f6',
    webPreferences: {
      preload: fileURLToPath(new URL('../preload/preload.cjs', import.meta.url)),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  holdStill(window.webContents, place);
  window.once('ready-to-show', () => window.show());
  void window.loadURL(place.address);
  return window;
}

/** macOS needs a menu for its own shortcuts (copy, quit); elsewhere the page has all commands. */
export function setMenu(): void {
  const mac = process.platform === 'darwin';
  Menu.setApplicationMenu(mac ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null);
}
