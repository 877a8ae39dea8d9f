import { contextBridge, ipcRenderer } from 'electron';

// This file does not grow with features: it tells the page where it is, and hands its ports on by name. What a port carries is
// between page and engine; contextBridge itself can't carry ports.
contextBridge.exposeInMainWorld('xenferryShell', 'electron');

window.addEventListener('message', (event) => {
  if (event.source !== window) return;
  const data: unknown = event.data;
  const port = event.ports[0];
  if (typeof data !== 'object' || data === null || !port) return;
  const { xenferry, name } = data as Record<string, unknown>;
  if (xenferry === 'connect' && typeof name === 'string') ipcRenderer.postMessage('xenferry:connect', name, [port]);
});
