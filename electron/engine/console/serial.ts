import type { ByteStream } from '../../contract/byteStream.ts';
import { problemOf } from '../../contract/problem.ts';
import consoleText from '../remote/programs/console.sh?raw';
import type { Program, RemoteTerminal } from '../remote/remote.ts';
import type { ConsoleParts } from './consoles.ts';
import { isWhose, type Place, placeOf, samePlace, type Whose } from './place.ts';

export const consoleProgram: Program = { name: 'console', text: consoleText };

interface Size {
  columns: number;
  rows: number;
}

/** Waits before a console that ended is tried again while its guest still runs: the longest, and the first. */
const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 500;

/**
 * A text console that follows its guest: to its next domain after a reboot, to its next host after a migration, and back
 * after a lost link. `xl console` can hang for good when its domain dies, so what is left behind is hung up, not asked.
 */
export function openSerial(parts: ConsoleParts, guest: Whose, to: { stream: ByteStream; ended: () => void }, first: Size) {
  const { stream } = to;
  const { hosts, guests, world } = parts;
  let whose = guest;
  let size = first;
  let at: Place | null = null;
  let terminal: RemoteTerminal | null = null;
  let waitMs = FIRST_WAIT_MS;
  let undoTimer = () => {};
  let closed = false;
  let turn = 0;

  const leave = () => {
    turn++;
    undoTimer();
    terminal?.close();
    terminal?.stream.destroy();
    terminal = null;
  };
  const again = () => {
    undoTimer();
    undoTimer = world.clock.after(waitMs, () => void join());
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  };
  const lost = () => {
    if (closed) return;
    leave();
    if (at) stream.place('waiting', at.hostId);
    again();
  };
  const join = async () => {
    if (closed || !at || terminal) return;
    const mine = ++turn;
    try {
      const opened = await hosts.remote(at.hostId).terminal(consoleProgram, [String(at.domid)], size);
      if (mine !== turn || closed) return hangUp(opened);
      terminal = opened;
      opened.resize(size);
      opened.stream.on('data', (bytes: Buffer) => {
        waitMs = FIRST_WAIT_MS;
        stream.send(bytes);
        if (stream.waiting() > 0) opened.stream.pause();
      });
      opened.stream.on('error', () => {}); // 'close' follows
      opened.stream.on('close', () => {
        if (mine === turn) lost();
      });
      stream.place('joined', at.hostId);
    } catch (thrown) {
      if (mine !== turn || closed) return;
      const why = problemOf(thrown);
      if (why.code !== 'host.unknown') return again(); // link lost, sessions used up: the guest is still there
      close();
      stream.end(why);
      to.ended();
    }
  };
  const look = () => {
    const now = placeOf(guests.all(), whose, at);
    if (now) whose = now;
    if (samePlace(now, at)) return;
    const before = at;
    at = now;
    leave();
    waitMs = FIRST_WAIT_MS;
    if (now) void join();
    else if (before) stream.place('waiting', before.hostId);
  };

  stream.onRoom(() => terminal?.stream.resume());
  stream.onBytes((bytes, taken) => {
    const line = terminal?.stream;
    // what is typed while the guest is away goes nowhere, as on a real line
    if (!line || line.destroyed) taken();
    else line.write(bytes, () => taken());
  });
  const close = () => {
    closed = true;
    undoGuests();
    undoHosts();
    leave();
  };
  const undoGuests = guests.onChange((changed) => {
    if (isWhose(changed, whose)) look();
  });
  const undoHosts = hosts.onOpen(({ hostId }) => {
    if (at?.hostId === hostId && !terminal) void join();
    return () => {};
  });
  look();
  return {
    whose: () => whose,
    resize(now: Size) {
      size = now;
      terminal?.resize(now);
    },
    close,
  };
}

function hangUp(terminal: RemoteTerminal): void {
  terminal.close();
  terminal.stream.destroy();
}
