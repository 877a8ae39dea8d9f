import type { MessagePortMain } from 'electron';
import type { Port } from '../contract/port.ts';

/** A port of the page as the engine sees it. Structured clone keeps bytes as bytes; the rest is JSON-safe by contract. */
export function channelPort(channel: MessagePortMain): Port {
  const early: unknown[] = [];
  let heard: ((message: unknown) => void) | null = null;
  let closed: (() => void) | null = null;
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    closed?.();
  };
  channel.on('message', (event) => {
    if (heard) heard(event.data);
    else early.push(event.data);
  });
  channel.on('close', end);
  channel.start();
  return {
    post(message) {
      // A Buffer is a view on a shared pool: only its own bytes travel.
      if (!over) channel.postMessage(message instanceof Uint8Array ? new Uint8Array(message) : message);
    },
    listen(listener) {
      heard = listener;
      for (const message of early.splice(0)) listener(message);
    },
    onClose(listener) {
      closed = listener;
      if (over) listener();
    },
    close: () => channel.close(),
  };
}
