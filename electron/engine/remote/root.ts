import type { Duplex, Readable } from 'node:stream';
import { type Problem, ProblemError, problem } from '../../contract/problem.ts';
import { programWords, type ShellLine, shellWords } from '../ssh/quote.ts';
import type { Channel, Session, Size } from '../ssh/session.ts';
import type { Random } from '../world.ts';
import type { Program } from './remote.ts';

/** How root is reached: outermost, and never inside a program. */
export type Root = { by: 'direct' } | { by: 'sudo' } | { by: 'sudoPassword'; password: string };

/** A plain list of words, or a program of ours with its arguments. */
export type Command = { is: 'words'; argv: readonly string[] } | { is: 'program'; program: Program; args: readonly string[] };

const line = (command: Command, before: readonly string[]): ShellLine =>
  command.is === 'words' ? shellWords([...before, ...command.argv]) : programWords(command.program, command.args, before);

/**
 * Opens a command as root. With sudo, it is answered only when sudo has let us through: sudo starts a shell that says a
 * random word before it becomes the command, so nothing meant for the command is written while sudo may still read,
 * and the password is written only after sudo's prompt (another random word) was read.
 */
export async function openAsRoot(
  session: Session,
  root: Root,
  command: Command,
  options: { random: Random; user: string; address: string; pty?: Size; lasting?: boolean; signal?: AbortSignal },
): Promise<Channel> {
  if (root.by === 'direct') return await session.open(line(command, []), options);
  const mark = `xf-${Buffer.from(options.random.bytes(12)).toString('hex')}`;
  const go = `xf-${Buffer.from(options.random.bytes(12)).toString('hex')}`;
  const ask = root.by === 'sudo' ? ['-n'] : ['-S', '-p', mark];
  // `-k` with a command: a password remembered by sudo doesn't count, so what happens doesn't depend on the past
  const before = ['env', 'LC_ALL=C', 'sudo', '-k', ...ask, '--', 'sh', '-c', 'printf %s "$0" >&2; exec "$@"', go];
  const channel = await session.open(line(command, before), options);
  await letThrough(channel, { root, mark, go, user: options.user, address: options.address, pty: options.pty !== undefined });
  return channel;
}

interface Gate {
  root: Root;
  mark: string;
  go: string;
  user: string;
  address: string;
  pty: boolean;
}

/** Reads what sudo says until the command begins; what the command said already is put back. */
function letThrough(channel: Channel, gate: Gate): Promise<void> {
  const from: Readable = gate.pty ? channel.stream : channel.stderr; // a pty has one stream for both
  const stdin: Duplex = channel.stream;
  let said = Buffer.alloc(0);
  let asked = 0;
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (why: Problem | null) => {
      if (settled) return;
      settled = true;
      from.removeListener('readable', heard);
      if (!why) return resolve();
      channel.close();
      reject(new ProblemError(why));
    };
    // read() by hand: a 'data' listener would leave the stream paused for those who come after
    const heard = () => {
      for (let bytes = from.read(); bytes !== null && !settled; bytes = from.read()) hear(bytes as Buffer);
    };
    const hear = (bytes: Buffer) => {
      said = Buffer.concat([said, bytes]);
      const begun = said.indexOf(gate.go);
      if (begun >= 0) {
        const rest = said.subarray(begun + gate.go.length);
        if (rest.length > 0) from.unshift(rest);
        settle(null);
        return;
      }
      const prompt = said.indexOf(gate.mark);
      if (prompt < 0 || gate.root.by !== 'sudoPassword') return;
      said = said.subarray(prompt + gate.mark.length);
      // a second prompt is sudo's "try again"
      if (++asked > 1) settle(problem('host.sudoWrongPassword', { user: gate.user }));
      else stdin.write(`${gate.root.password}\n`);
    };
    from.on('readable', heard);
    void channel.ended.then((how) => settle(refusal(gate, said.toString('utf8'), how.exit)));
    // 'close' comes only when both streams were read to their end
    if (!gate.pty) endEarly(channel, () => settled);
  });
}

/** Lets standard output run dry when sudo ends without starting anything; before that nothing may be taken from it. */
function endEarly(channel: Channel, settled: () => boolean): void {
  channel.stderr.once('end', () => {
    if (!settled()) channel.stream.resume();
  });
}

/** Why sudo did not let us through, from its words (sudo(8), in the C locale). */
function refusal({ user, address }: Gate, said: string, exit: number | null): Problem {
  const detail = said.trim().slice(-500);
  // it may have begun without our hearing of it
  if (exit === null) return problem('ssh.closed', { address }, { effect: 'unknown', detail });
  if (exit === 127 || /(sudo|env): .*(not found|No such file)/.test(said)) return problem('host.noRights', { user }, { detail });
  if (/password is required/.test(said)) return problem('host.sudoPassword', { user }, { detail });
  if (/Sorry, try again|incorrect password|no password was provided/.test(said))
    return problem('host.sudoWrongPassword', { user }, { detail });
  return problem('host.sudoNotAllowed', { user }, { detail });
}
