import { FIRST_CREDIT, type Port, type StreamWord } from './port.ts';
import type { Problem } from './problem.ts';

/** One end of a byte stream over a port: each end sends only what the other has room for. The same on both sides. */
export interface ByteStream {
  /** Sends; what the other end has no room for waits here. */
  send(bytes: Uint8Array): void;
  /** Bytes that wait for room at the other end. */
  waiting(): number;
  /** Called when nothing waits any more. */
  onRoom(room: () => void): void;
  /** `taken` says that these bytes were used up, so that as many more may come. */
  onBytes(heard: (bytes: Uint8Array, taken: () => void) => void): void;
  /** Where a console stands. */
  onPlace(heard: (at: 'joined' | 'waiting', hostId: string) => void): void;
  place(at: 'joined' | 'waiting', hostId: string): void;
  /** Says the last word and closes the port. */
  end(why: Problem | null): void;
  /** Once: the other end's last word, or null when its port is gone. */
  onEnd(ended: (why: Problem | null) => void): void;
}

/** Granted bytes are gathered up to this, so that keys typed one by one don't cost a message each. */
const GRANT_AT = FIRST_CREDIT / 4;

/** Makes one end of a stream. The port belongs to it from now on. */
export function byteStream(port: Port): ByteStream {
  let room = FIRST_CREDIT;
  let used = 0;
  let open = true;
  let queued = 0;
  const queue: Uint8Array[] = [];
  const on = {
    room: () => {},
    bytes: (_bytes: Uint8Array, taken: () => void) => taken(),
    place: (_at: 'joined' | 'waiting', _hostId: string) => {},
    end: (_why: Problem | null) => {},
  };
  const say = (word: StreamWord) => {
    if (open) port.post(word);
  };
  const push = () => {
    while (open && room > 0) {
      const first = queue.shift();
      if (!first) return;
      const now = first.subarray(0, room);
      if (now.length < first.length) queue.unshift(first.subarray(now.length));
      room -= now.length;
      queued -= now.length;
      port.post(new Uint8Array(now)); // a copy of just these: a view would carry all of the buffer below it
      if (queued === 0) on.room();
    }
  };
  const take = (count: number) => {
    used += count;
    if (used < GRANT_AT) return;
    say({ credit: used });
    used = 0;
  };
  const finish = (why: Problem | null) => {
    if (!open) return;
    open = false;
    queue.length = 0;
    on.end(why);
  };
  port.onClose(() => finish(null));
  return {
    send(bytes) {
      if (!open || bytes.length === 0) return;
      queue.push(bytes);
      queued += bytes.length;
      push();
    },
    waiting: () => queued,
    onRoom(then) {
      on.room = then;
    },
    onBytes(heard) {
      on.bytes = heard;
      port.listen((message) => {
        if (message instanceof Uint8Array) {
          let untaken = true;
          on.bytes(message, () => {
            if (untaken) take(message.length);
            untaken = false;
          });
          return;
        }
        const word = message as StreamWord; // our own other end, same build
        if ('credit' in word) {
          room += word.credit;
          push();
        } else if ('at' in word) on.place(word.at, word.hostId);
        else if ('end' in word) {
          finish((word.end?.problem as Problem | undefined) ?? null);
          port.close();
        }
      });
    },
    onPlace(heard) {
      on.place = heard;
    },
    place: (at, hostId) => say({ at, hostId }),
    end(why) {
      say({ end: { problem: why } });
      open = false;
      queue.length = 0;
      port.close();
    },
    onEnd(ended) {
      on.end = ended;
    },
  };
}
