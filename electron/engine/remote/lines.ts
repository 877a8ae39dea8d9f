import { StringDecoder } from 'node:string_decoder';
import type { Channel } from '../ssh/session.ts';
import type { RemoteStream } from './remote.ts';

/** A line longer than this is dropped: no program of ours says one. */
const LONGEST_LINE = 16 * 1024 * 1024;
const STDERR_KEPT = 16 * 1024;

/** A program that goes on, heard line by line. What comes before anyone listens is kept. */
export function streamOver(channel: Channel): RemoteStream {
  let heard: ((line: string) => void) | null = null;
  let ended: ((how: { exit: number | null; stderr: string }) => void) | null = null;
  let end: { exit: number | null; stderr: string } | null = null;
  const early: string[] = [];
  let stderr = '';
  const split = lineSplitter((line) => {
    if (heard) heard(line);
    else early.push(line);
  });
  channel.stream.on('data', split);
  channel.stderr.on('data', (bytes: Buffer) => {
    stderr = (stderr + bytes.toString('utf8')).slice(-STDERR_KEPT);
  });
  void channel.ended.then((how) => {
    end = { exit: how.exit, stderr };
    ended?.(end);
  });
  return {
    onLine(hear) {
      heard = hear;
      for (const line of early.splice(0)) hear(line);
    },
    onEnd(hear) {
      ended = hear;
      if (end) hear(end);
    },
    send: (text) => void channel.stream.write(text),
    close() {
      channel.stream.end();
      channel.close();
    },
  };
}

/** Cuts bytes into whole lines without their newline; a last line without one is never said. */
export function lineSplitter(say: (line: string) => void): (bytes: Buffer) => void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  return (bytes) => {
    const pieces = decoder.write(bytes).split('\n');
    pieces.forEach((piece, at) => {
      parts.push(piece);
      length += piece.length;
      if (at === pieces.length - 1) return;
      if (length <= LONGEST_LINE) say(parts.join(''));
      parts = [];
      length = 0;
    });
    if (length > LONGEST_LINE) parts = []; // its rest is dropped with it
  };
}
