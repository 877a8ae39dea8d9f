import type { WebSocket } from 'ws';
import type { Port } from '../contract/port.ts';

/** A WebSocket as a port: bytes as binary frames, everything else as JSON text. */
export function socketPort(socket: WebSocket): Port {
  const early: unknown[] = [];
  let heard: ((message: unknown) => void) | null = null;
  let closed: (() => void) | null = null;
  let over = false;
  socket.on('message', (data: Buffer, binary: boolean) => {
    const message = binary ? new Uint8Array(data) : readJson(data.toString('utf8'));
    if (message === undefined) return socket.close(1007);
    if (heard) heard(message);
    else early.push(message);
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    over = true;
    closed?.();
  });
  return {
    post(message) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(message instanceof Uint8Array ? message : JSON.stringify(message));
    },
    listen(listener) {
      heard = listener;
      for (const message of early.splice(0)) listener(message);
    },
    onClose(listener) {
      closed = listener;
      if (over) listener();
    },
    close: () => socket.close(),
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
