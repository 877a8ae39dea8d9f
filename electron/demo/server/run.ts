import { createHash } from 'node:crypto';
import { commands } from '../commands/commands.ts';
import { programs } from '../programs/programs.ts';
import type { Proc } from './proc.ts';
import { NotWords, readWords } from './words.ts';

/** Who may log in, and what sudo says to them. */
export interface Account {
  user: string;
  password: string;
  sudo: 'is root' | 'free' | 'asks' | 'refused';
}

/** The shell between sudo and the command: says that sudo has let us through, then becomes the command (engine/remote/root.ts). */
const letThrough = 'printf %s "$0" >&2; exec "$@"';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const known = new Map(programs.map((one) => [`${one.name} ${hashOf(one.text)}`, one]));

/** Runs one command line of an exec request to its exit code. */
export async function runLine(line: string, account: Account, proc: Proc): Promise<number> {
  try {
    return await runWords(readWords(line), account, { ...proc, root: account.sudo === 'is root' });
  } catch (thrown) {
    if (!(thrown instanceof NotWords)) throw thrown;
    proc.err(`simulated host: this is not a list of plain words (${thrown.message}): ${line.slice(0, 200)}\n`);
    return 127;
  }
}

async function runWords(words: string[], account: Account, proc: Proc): Promise<number> {
  const [name = '', ...args] = words;
  if (name === 'sudo') return sudo(args, account, proc);
  if (name === 'env') return runWords(withoutSettings(args), account, proc);
  if ((name === 'sh' || name === '/bin/sh') && args[0] === '-c') return runProgram(args.slice(1), proc);
  const command = commands[name.replace(/^\/(usr\/)?(local\/)?s?bin\//, '')];
  if (!command) {
    proc.err(`sh: 1: ${name}: not found\n`);
    return 127;
  }
  return command({ ...proc, args });
}

const withoutSettings = (args: string[]): string[] => args.slice(args.findIndex((one) => !/^[A-Z_]+=/.test(one)));

async function runProgram(words: string[], proc: Proc): Promise<number> {
  const [text = '', name = '', ...args] = words;
  if (text === letThrough) {
    proc.err(name);
    return runWords(args, { user: proc.user, password: '', sudo: 'is root' }, proc);
  }
  const program = known.get(`${name} ${hashOf(text)}`);
  if (!program) {
    const why = programs.some((one) => one.name === name) ? 'another text than the one known' : 'not known';
    proc.err(`simulated host: the remote program ${name || '(without a name)'} is ${why}\n`);
    return 126;
  }
  return program.run({ ...proc, args });
}

/** sudo(8) as far as it is used: -n, and -k -S -p MARK with the password on standard input. */
async function sudo(args: string[], account: Account, proc: Proc): Promise<number> {
  const flags = { n: false, S: false, prompt: '[sudo] password: ' };
  let at = 0;
  for (; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (word === '--') {
      at += 1;
      break;
    }
    if (!word.startsWith('-')) break;
    if (word.includes('n')) flags.n = true;
    if (word.includes('S')) flags.S = true;
    if (word === '-p') {
      at += 1;
      flags.prompt = args[at] ?? '';
    }
  }
  const rest = args.slice(at);
  const asRoot = { ...proc, root: true };
  const run = (): Promise<number> | number => (rest.length === 0 ? 0 : runWords(rest, { ...account, sudo: 'is root' }, asRoot));
  if (account.sudo === 'is root' || account.sudo === 'free') return run();
  if (account.sudo === 'refused' && flags.n) {
    proc.err('sudo: a password is required\n');
    return 1;
  }
  if (flags.n || !flags.S) {
    proc.err('sudo: a password is required\n');
    return 1;
  }
  proc.err(flags.prompt.replace('%u', account.user).replace('%p', account.user));
  const [given, after] = await firstLine(proc);
  if (given !== account.password) {
    proc.err('Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt\n');
    return 1;
  }
  if (account.sudo === 'refused') {
    proc.err(`${account.user} is not in the sudoers file.\n`);
    return 1;
  }
  after();
  return run();
}

/** Reads one line and hands what follows back to standard input. */
function firstLine(proc: Proc): Promise<[string, () => void]> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let done = false;
    const give = (line: string, rest: Uint8Array | null): void => {
      done = true;
      const later: Uint8Array[] = rest && rest.length > 0 ? [rest] : [];
      proc.stdin.onData((chunk) => later.push(chunk));
      resolve([line, () => proc.stdin.giveBack(later)]);
    };
    proc.stdin.onData((chunk) => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      const end = all.indexOf(10);
      if (end >= 0) give(all.subarray(0, end).toString('utf8'), all.subarray(end + 1));
    });
    proc.stdin.onEnd(() => {
      if (!done) give(Buffer.concat(chunks).toString('utf8'), null);
    });
  });
}
