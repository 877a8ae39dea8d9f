import type { Duplex, Readable } from 'node:stream';
import ssh2, { type Client, type ClientChannel, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import { fail, type Problem, ProblemError, problem } from '../../contract/problem.ts';
import type { Limits } from '../limits.ts';
import type { Clock } from '../world.ts';
import { type Ask, type Credentials, createAuthentication } from './authentication.ts';
import { createLanes } from './lanes.ts';
import { createListener, type Listening } from './listening.ts';
import { problemOfConnecting } from './problems.ts';
import type { ShellLine } from './quote.ts';

/** How many columns and rows a pty has. */
export interface Size {
  columns: number;
  rows: number;
}

/** One command that runs on the other side. */
export interface Channel {
  /** Standard input and output. */
  stream: Duplex;
  stderr: Readable;
  /** When it has ended and all its output was handed over. Both null: the link went away first. */
  ended: Promise<{ exit: number | null; signal: string | null }>;
  resize(size: Size): void;
  /** Asks it to end, and lets go of it. */
  close(): void;
}

/** One SSH connection to a host. */
export interface Session {
  /** Problems: `ssh.closed`, `ssh.tooManySessions`. `lasting`: takes a session for long. */
  open(line: ShellLine, options?: { pty?: Size; lasting?: boolean; signal?: AbortSignal }): Promise<Channel>;
  /** Problem: `ssh.forwardRefused`. */
  forward(address: string, port: number): Promise<Duplex>;
  /** Listens on a free port of the host's own loopback; it ends with the link. Problem: `ssh.forwardRefused` (port 0). */
  listen(take: (connection: Duplex) => void): Promise<Listening>;
  /** Listens at a socket of the host's own, in a folder that is there; it ends with the link, its file may stay. Problem: `ssh.forwardRefused`. */
  listenAt(path: string, take: (connection: Duplex) => void): Promise<Pick<Listening, 'close'>>;
  /** The public half of the key by which we came in (SSH wire format); null: by none. */
  readonly key: Uint8Array | null;
  /** Once, when it is over; at once if it is. null: we closed it. */
  onClose(closed: (why: Problem | null) => void): void;
  close(): void;
  /** Tears it down as if the network had: for a connection that no longer answers. */
  destroy(): void;
}

/** What a connection is made of. */
export interface SessionStart {
  address: string;
  port: number;
  user: string;
  credentials: Credentials;
  /** Answers what the credentials can't: a second factor. */
  ask?: Ask;
  socket: (signal: AbortSignal) => Promise<Duplex>;
  /** Looks at the key the host shows (SSH wire format): null is "go on". */
  judge: (key: Uint8Array) => Problem | null;
  /** Key types to be asked for first: those that are known of this host. */
  knownTypes?: readonly string[];
  clock: Clock;
  limits: Pick<Limits, 'connectMs' | 'keepaliveMs' | 'keepaliveMisses'>;
  signal?: AbortSignal;
}

/** Connects and proves who we are, or throws the problem that names what was wrong. */
export async function openSession(start: SessionStart): Promise<Session> {
  const { address, port, clock, limits } = start;
  const stop = new AbortController();
  const authentication = createAuthentication(start);
  let late = false;
  // A person who is being asked takes as long as they need: the time-out stands still meanwhile.
  const undoTimer = clock.every(limits.connectMs, () => {
    if (authentication.asking()) return;
    late = true;
    stop.abort();
  });
  const signal = start.signal ? AbortSignal.any([stop.signal, start.signal]) : stop.signal;
  try {
    const socket = await untilAborted(start.socket(signal), signal);
    return await handshake(start, authentication, socket, signal);
  } catch (thrown) {
    if (thrown instanceof ProblemError) throw thrown;
    if (start.signal?.aborted) throw start.signal.reason;
    throw new ProblemError(late ? problem('ssh.timedOut', { address, port }) : problemOfConnecting(thrown, start));
  } finally {
    undoTimer();
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function handshake(
  start: SessionStart,
  authentication: ReturnType<typeof createAuthentication>,
  socket: Duplex,
  signal: AbortSignal,
): Promise<Session> {
  const client = new ssh2.Client();
  let refusal: Problem | null = null;
  let greeted: Buffer = Buffer.alloc(0);
  let shaken = false;
  socket.on('data', (bytes: Buffer) => {
    if (greeted.length < 4096) greeted = Buffer.concat([greeted, bytes]).subarray(0, 4096);
  });
  const config: ConnectConfig = {
    sock: socket,
    username: start.user,
    readyTimeout: 0, // ours runs on the injected clock
    keepaliveInterval: start.limits.keepaliveMs,
    keepaliveCountMax: start.limits.keepaliveMisses,
    hostVerifier: (key: Buffer) => {
      refusal = start.judge(key);
      return refusal === null;
    },
    authHandler: (left, partly, next) => authentication.next(left, partly, next),
    ...(start.knownTypes?.length
      ? // the names come from known_hosts and were filtered to those ssh2 knows
        { algorithms: { serverHostKey: { prepend: [...start.knownTypes] as ServerHostKeyAlgorithm[], append: [], remove: [] } } }
      : {}),
  };
  return new Promise((resolve, reject) => {
    const over = (thrown: unknown) => {
      signal.removeEventListener('abort', aborted);
      client.destroy();
      const why = refusal ?? authentication.problem(thrown);
      if (why) reject(new ProblemError(why));
      else if (!shaken && greeted.length > 0 && !greeted.includes('SSH-')) fail_(problem('ssh.notSsh', start));
      else reject(thrown);
    };
    const fail_ = (why: Problem) => reject(new ProblemError({ ...why, detail: greeted.toString('latin1').slice(0, 200) }));
    const aborted = () => over(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    client.on('handshake', () => {
      shaken = true;
    });
    client.on('error', over);
    client.on('close', () => over(new Error('Connection lost before handshake')));
    client.on('ready', () => {
      signal.removeEventListener('abort', aborted);
      client.removeAllListeners('error');
      client.removeAllListeners('close');
      resolve(joined(client, start, authentication.key()));
    });
    try {
      client.connect(config);
    } catch (thrown) {
      over(thrown);
    }
  });
}

function joined(client: Client, start: SessionStart, key: Uint8Array | null): Session {
  const { address } = start;
  const lanes = createLanes(start.clock);
  const listener = createListener(client);
  const closers: ((why: Problem | null) => void)[] = [];
  let over: { why: Problem | null } | null = null;
  let last: unknown = null;
  client.setMaxListeners(0); // each command that waits to be opened listens for the end
  client.on('error', (thrown) => {
    last = thrown;
  });
  client.on('close', () => {
    if (over) return;
    const detail = last instanceof Error ? last.message : '';
    over = { why: problem('ssh.closed', { address }, { effect: 'unknown', detail }) };
    for (const closed of closers) closed(over.why);
  });
  const openOnce = async (line: ShellLine, pty: Size | undefined, lasting: boolean, signal?: AbortSignal): Promise<Channel | 'full'> => {
    const release = await lanes.take(lasting, signal);
    if (!release) return fail('ssh.tooManySessions', { address });
    if (over) {
      release();
      return fail('ssh.closed', { address });
    }
    try {
      return await exec(client, line, pty, release);
    } catch (thrown) {
      const full = !over && refusedByServer(thrown) && lanes.refused();
      release();
      if (full) return 'full';
      if (refusedByServer(thrown) && !over) return fail('ssh.tooManySessions', { address });
      return fail('ssh.closed', { address }, { effect: 'unknown' }); // the host may have begun already
    }
  };
  const listening = async <T>(ask: () => Promise<T>, at: { address: string; port: number }): Promise<T> => {
    if (over) fail('ssh.closed', { address });
    try {
      return await ask();
    } catch (thrown) {
      if (over) fail('ssh.closed', { address });
      return fail('ssh.forwardRefused', at, { detail: thrown instanceof Error ? thrown.message : '' });
    }
  };
  return {
    key,
    async open(line, options = {}) {
      for (;;) {
        const channel = await openOnce(line, options.pty, options.lasting ?? false, options.signal);
        if (channel !== 'full') return channel;
      }
    },
    forward: (to, port) =>
      new Promise((resolve, reject) => {
        const lost = () => reject(new ProblemError(problem('ssh.closed', { address })));
        if (over) return lost();
        client.once('close', lost); // ssh2 may forget the callback then
        client.forwardOut('127.0.0.1', 0, to, port, (thrown, stream) => {
          client.removeListener('close', lost);
          if (thrown) reject(new ProblemError(problem('ssh.forwardRefused', { address: to, port }, { detail: thrown.message })));
          else resolve(stream);
        });
      }),
    listen: (take) => listening(() => listener.listen(take), { address: '127.0.0.1', port: 0 }),
    listenAt: (path, take) => listening(() => listener.listenAt(path, take), { address: path, port: 0 }),
    onClose(closed) {
      if (over) closed(over.why);
      else closers.push(closed);
    },
    close() {
      if (over) return;
      over = { why: null };
      client.end();
      start.clock.after(2000, () => client.destroy());
      for (const closed of closers) closed(null);
    },
    destroy: () => client.destroy(),
  };
}

/** ssh2 says "(SSH) Channel open failure: open failed" where MaxSessions is reached. */
const refusedByServer = (thrown: unknown): boolean => thrown instanceof Error && /Channel open failure|Unable to exec/.test(thrown.message);

function exec(client: Client, line: ShellLine, pty: Size | undefined, release: () => void): Promise<Channel> {
  const options = pty ? { pty: { term: 'xterm-256color', cols: pty.columns, rows: pty.rows } } : {};
  return new Promise((resolve, reject) => {
    // ssh2 forgets the callback when the link is lost while it waits
    const lost = () => reject(new Error('Connection lost'));
    client.once('close', lost);
    client.exec(line, options, (thrown, channel) => {
      client.removeListener('close', lost);
      if (thrown) return reject(thrown);
      resolve(wrap(channel, release));
    });
  });
}

function wrap(channel: ClientChannel, release: () => void): Channel {
  let how: { exit: number | null; signal: string | null } = { exit: null, signal: null };
  channel.on('exit', (exit: number | null, signal?: string) => {
    how = { exit, signal: signal ?? null };
  });
  channel.on('error', () => {}); // EPIPE and the like: the end says what counts
  const ended = new Promise<typeof how>((resolve) => {
    channel.on('close', () => {
      release();
      resolve(how);
    });
  });
  return {
    stream: channel,
    stderr: channel.stderr,
    ended,
    resize: (size) => channel.setWindow(size.rows, size.columns, 0, 0),
    close() {
      channel.signal('TERM');
      channel.close();
      // nobody reads what is left, or 'close' would never come
      channel.resume();
      channel.stderr.resume();
    },
  };
}
