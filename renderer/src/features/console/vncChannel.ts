import type { RawChannel } from '@novnc/novnc';
import type { ByteStream } from '../../../../electron/contract/byteStream.ts';
import type { Problem } from '../../../../electron/contract/problem.ts';

/** A byte stream with the face of a data channel, as noVNC takes it. `start` once noVNC listens; `ended` hears the engine's last word. */
export function vncChannel(stream: ByteStream, ended: (why: Problem | null) => void): { channel: RawChannel; start: () => void } {
  const channel: RawChannel = {
    readyState: 'open',
    protocol: '',
    binaryType: 'arraybuffer',
    send(data) {
      stream.send(ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data));
    },
    close() {
      stream.end(null);
      // noVNC sets the clock for its own farewell after this returns: told any sooner, it would wait in vain and complain.
      queueMicrotask(() => closed(true));
    },
    onopen: null,
    onmessage: null,
    onerror: null,
    onclose: null,
  };
  const closed = (wasClean: boolean) => {
    if (channel.readyState === 'closed') return;
    channel.readyState = 'closed';
    channel.onclose?.({ code: wasClean ? 1000 : 1006, reason: '', wasClean });
  };
  return {
    channel,
    start() {
      stream.onEnd((why) => {
        ended(why);
        closed(true);
      });
      stream.onBytes((bytes, taken) => {
        channel.onmessage?.({ data: bytes.slice().buffer });
        taken();
      });
    },
  };
}
