import { type ByteStream, byteStream } from '../../../../electron/contract/byteStream.ts';
import type { Session } from '../../engine/session.ts';

/** A console of a guest, and the way to say how large it is shown. */
export interface JoinedConsole {
  stream: ByteStream;
  resize(columns: number, rows: number): void;
}

/** Opens a console and its stream. Throws the problem that stands against it. */
export async function joinConsole(
  session: Session,
  what: { hostId: string; guestId: string; kind: 'serial' | 'vnc'; columns?: number; rows?: number },
): Promise<JoinedConsole> {
  const { stream } = await session.call('console.open', what);
  const port = await session.stream(stream);
  return {
    stream: byteStream(port),
    resize(columns, rows) {
      session.call('console.resize', { stream, columns, rows }).catch(() => {}); // the next size tells it again
    },
  };
}
