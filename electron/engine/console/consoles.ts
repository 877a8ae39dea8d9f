import { byteStream } from '../../contract/byteStream.ts';
import { ProblemError, problem } from '../../contract/problem.ts';
import { mayOpenConsole } from '../../contract/rules.ts';
import type { Limits } from '../limits.ts';
import type { Consoles, Guests, Hosts } from '../parts.ts';
import type { World } from '../world.ts';
import { openGraphical } from './graphical.ts';
import { isWhose, type Whose } from './place.ts';
import { openSerial } from './serial.ts';

export interface ConsoleParts {
  world: World;
  limits: Limits;
  hosts: Hosts;
  guests: Guests;
}

interface Asked extends Whose {
  name: string;
  kind: 'serial' | 'vnc';
  size: { columns: number; rows: number };
  forget: () => void;
}
interface Joined {
  whose(): Whose;
  kind: 'serial' | 'vnc';
  resize(size: { columns: number; rows: number }): void;
  /** Ends it for a reason the page is told. */
  end(why: ReturnType<typeof problem> | null): void;
}

/** A name that nobody came to join is forgotten after this long. */
const UNJOINED_MS = 60_000;

/** Consoles: names for streams, and what stands behind each. */
export function createConsoles(parts: ConsoleParts): Consoles {
  const { world, hosts, guests } = parts;
  const asked = new Map<string, Asked>();
  const joined = new Map<string, Joined>();
  return {
    handlers: {
      'console.open': async ({ hostId, guestId, kind, columns, rows }) => {
        // after a migration the guest is looked for where it is now, not where the page saw it last
        const guest = guests.all().find((one) => one.guestId === guestId && one.state !== 'halted') ?? guests.get(hostId, guestId);
        const may = mayOpenConsole(guest, hosts.get(guest.hostId), kind);
        if (!may.may) throw new ProblemError(may.because);
        const stream = `console-${Buffer.from(world.random.bytes(16)).toString('hex')}`;
        const forget = world.clock.after(UNJOINED_MS, () => asked.delete(stream));
        asked.set(stream, { guestId, uuid: guest.uuid, name: guest.name, kind, size: { columns, rows }, forget });
        return { stream };
      },
      'console.resize': async ({ stream, columns, rows }) => {
        const waiting = asked.get(stream);
        if (waiting) waiting.size = { columns, rows };
        joined.get(stream)?.resize({ columns, rows });
        return null;
      },
    },
    join(name, port) {
      const what = asked.get(name);
      if (!what) return false;
      asked.delete(name);
      what.forget();
      // a text console has one reader: the newest; two would each get half of what the guest says
      for (const other of [...joined.values()]) {
        if (what.kind === 'serial' && other.kind === 'serial' && isWhose(other.whose(), what)) {
          other.end(problem('console.busy', { name: what.name }));
        }
      }
      const stream = byteStream(port);
      const to = { stream, ended: () => joined.delete(name) };
      const opened = what.kind === 'serial' ? openSerial(parts, what, to, what.size) : openGraphical(parts, what, to);
      const gone = () => {
        joined.delete(name);
        opened.close();
      };
      stream.onEnd(gone);
      joined.set(name, {
        whose: opened.whose,
        kind: what.kind,
        resize: opened.resize,
        end(why) {
          gone();
          stream.end(why);
        },
      });
      return true;
    },
    close() {
      for (const one of [...joined.values()]) one.end(null);
      for (const { forget } of asked.values()) forget();
      asked.clear();
    },
  };
}
