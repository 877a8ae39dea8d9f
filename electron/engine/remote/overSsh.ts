import { StringDecoder } from 'node:string_decoder';
import { fail, ProblemError, problem } from '../../contract/problem.ts';
import type { Limits } from '../limits.ts';
import type { Channel, Session } from '../ssh/session.ts';
import type { Clock, Random } from '../world.ts';
import { streamOver } from './lines.ts';
import type { Ran, Remote, RemoteTerminal, RunOptions } from './remote.ts';
import { type Command, openAsRoot, type Root } from './root.ts';

/** More than this from one command is no answer but a mistake. */
const MOST_OUTPUT = 64 * 1024 * 1024;

/** What a Remote is made of. */
export interface RemoteStart {
  session: Session;
  root: Root;
  address: string;
  user: string;
  world: { clock: Clock; random: Random };
  limits: Pick<Limits, 'commandMs'>;
}

/** A host over its open SSH connection. */
export function createRemote(start: RemoteStart): Remote {
  const { session, root, user, address } = start;
  const common = { random: start.world.random, user, address };
  const run = async (command: Command, options: RunOptions = {}): Promise<Ran> => {
    const channel = await opened(command, options);
    return await collect(channel, start, { ...options, name: nameOf(command) });
  };
  // the wait for a free session counts as well: nobody may wait behind it for ever
  const opened = async (command: Command, { signal, timeoutMs }: RunOptions): Promise<Channel> => {
    const tooLong = new AbortController();
    const full = new ProblemError(problem('ssh.tooManySessions', { address }));
    const undoTimer = start.world.clock.after(timeoutMs ?? start.limits.commandMs, () => tooLong.abort(full));
    try {
      const both = signal ? AbortSignal.any([signal, tooLong.signal]) : tooLong.signal;
      return await openAsRoot(session, root, command, { ...common, signal: both });
    } finally {
      undoTimer();
    }
  };
  return {
    run: (argv, options) => run({ is: 'words', argv }, options),
    program: (program, args, options) => run({ is: 'program', program, args }, options),
    async stream(program, args) {
      return streamOver(await openAsRoot(session, root, { is: 'program', program, args }, { ...common, lasting: true }));
    },
    async terminal(program, args, size) {
      const command: Command = { is: 'program', program, args };
      return terminalOver(await openAsRoot(session, root, command, { ...common, lasting: true, pty: size }));
    },
    forward: (to, port) => session.forward(to, port),
    listen: (take) => session.listen(take),
    listenAt: (path, take) => session.listenAt(path, take),
    login: { user, root: root.by, key: session.key },
  };
}

const nameOf = (command: Command): string => (command.is === 'program' ? command.program.name : command.argv.slice(0, 2).join(' '));

function terminalOver(channel: Channel): RemoteTerminal {
  channel.stderr.resume(); // a pty has none, but the end waits for it
  return { stream: channel.stream, resize: (size) => channel.resize(size), close: () => channel.close() };
}

/** Feeds a command its document and gathers what it says, until it ends or its time is over. */
async function collect(channel: Channel, start: RemoteStart, options: RunOptions & { name: string }): Promise<Ran> {
  const timeoutMs = options.timeoutMs ?? start.limits.commandMs;
  const stdout = gather(channel, channel.stream, options.name);
  const stderr = gather(channel, channel.stderr, options.name);
  channel.stream.end(options.stdin === undefined ? undefined : Buffer.from(options.stdin));
  let stop: (why: unknown) => void = () => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  const late = problem('command.timedOut', { command: options.name, seconds: Math.round(timeoutMs / 1000) }, { effect: 'unknown' });
  const undoTimer = start.world.clock.after(timeoutMs, () => stop(new ProblemError(late)));
  const aborted = () => stop(options.signal?.reason);
  options.signal?.addEventListener('abort', aborted, { once: true });
  if (options.signal?.aborted) aborted();
  try {
    const how = await Promise.race([channel.ended, stopped]);
    if (how.exit === null && how.signal === null) fail('ssh.closed', { address: start.address }, { effect: 'unknown' });
    return { ...how, stdout: stdout(), stderr: stderr() };
  } catch (thrown) {
    channel.close();
    throw thrown;
  } finally {
    undoTimer();
    options.signal?.removeEventListener('abort', aborted);
  }
}

/** Gathers one stream as text; what comes out at the end is whole characters. */
function gather(channel: Channel, from: NodeJS.ReadableStream, what: string): () => string {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  let bytes = 0;
  from.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MOST_OUTPUT) parts.push(decoder.write(chunk));
    else channel.close();
  });
  return () => {
    if (bytes > MOST_OUTPUT) fail('output.unreadable', { what, sample: `${bytes} bytes` }, { effect: 'unknown' });
    return parts.join('') + decoder.end();
  };
}
