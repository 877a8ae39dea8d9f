import type { Port } from '../../../electron/contract/port.ts';

/** Opens a port to the engine by name: `calls`, or a byte stream that a call named. Rejects when the shell refuses. */
export type OpenPort = (name: string) => Promise<Port>;

/** Which shell carries the page: the preload of Electron says so, a plain browser has nobody to. */
export function shellPorts(): OpenPort {
  const shell: unknown = Reflect.get(window, 'xenferryShell');
  return shell === 'electron' ? openChannel : openSocket;
}

/** A message without its carrier: bytes as such, everything else JSON-safe. */
class EarBuffer {
  private heard: ((message: unknown) => void) | null = null;
  private readonly early: unknown[] = [];
  take(message: unknown): void {
    if (this.heard) this.heard(message);
    else this.early.push(message);
  }
  listen(heard: (message: unknown) => void): void {
    this.heard = heard;
    for (const message of this.early.splice(0)) heard(message);
  }
}

/** Through the preload: one end of a channel goes to the main process, which hands it to the engine. */
function openChannel(name: string): Promise<Port> {
  const { port1, port2 } = new MessageChannel();
  const ear = new EarBuffer();
  const closers: (() => void)[] = [];
  port1.onmessage = (event) => ear.take(event.data);
  port1.addEventListener('close', () => {
    for (const closed of closers.splice(0)) closed();
  });
  window.postMessage({ xenferry: 'connect', name }, '*', [port2]);
  return Promise.resolve({
    post: (message) => port1.postMessage(message),
    listen: (heard) => ear.listen(heard),
    onClose: (closed) => closers.push(closed),
    close: () => port1.close(),
  });
}

/** Over a WebSocket of the server that gave us this page. */
function openSocket(name: string): Promise<Port> {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/port/${encodeURIComponent(name)}`);
  socket.binaryType = 'arraybuffer';
  const ear = new EarBuffer();
  const closers: (() => void)[] = [];
  socket.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data instanceof ArrayBuffer) ear.take(new Uint8Array(event.data));
    else if (typeof event.data === 'string') ear.take(JSON.parse(event.data));
  };
  return new Promise((resolve, reject) => {
    socket.onclose = () => {
      reject(new Error('the server closed the socket'));
      for (const closed of closers.splice(0)) closed();
    };
    socket.onopen = () =>
      resolve({
        post: (message) => socket.send(message instanceof Uint8Array ? message.slice() : JSON.stringify(message)),
        listen: (heard) => ear.listen(heard),
        onClose: (closed) => closers.push(closed),
        close: () => socket.close(),
      });
  });
}
