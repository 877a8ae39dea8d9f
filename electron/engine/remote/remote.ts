import type { Duplex } from 'node:stream';
import type { Listening } from '../ssh/listening.ts';
import type { Root } from './root.ts';

/** How a command ended. */
export interface Ran {
  exit: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Document for the command's standard input. */
  stdin?: string | Uint8Array;
  signal?: AbortSignal;
  /** Default: `limits.commandMs`. Ends in `command.timedOut`. */
  timeoutMs?: number;
}

/** A program of ours in POSIX sh: its name is `$0`, `text` the file of engine/remote/programs. */
export interface Program {
  name: string;
  text: string;
}

/** A remote program that goes on. Lines are whole (without newline); a cut last line is dropped. */
export interface RemoteStream {
  onLine(heard: (line: string) => void): void;
  /** Once; why null: it ended with exit 0. */
  onEnd(ended: (how: { exit: number | null; stderr: string }) => void): void;
  send(text: string): void;
  close(): void;
}

/** One host over its one open link, as root (sudo is inside). What is run is a list of words; nothing of it is read by a shell. */
export interface Remote {
  /** Runs one command. Problems: `ssh.closed`, `command.timedOut`, `command.quoting` (NUL or newline in a word). A non-zero exit is not a problem here. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Runs a program with its arguments. */
  program(program: Program, args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** A program that goes on. */
  stream(program: Program, args: readonly string[]): Promise<RemoteStream>;
  /** A program on a pty: consoles. */
  terminal(program: Program, args: readonly string[], size: { columns: number; rows: number }): Promise<RemoteTerminal>;
  /** A connection from the host to address:port (direct-tcpip). Problem: `ssh.forwardRefused`. */
  forward(address: string, port: number): Promise<Duplex>;
  /** A free port of the host's own loopback, whose connections come to us (tcpip-forward) until it is closed or the link ends. Problem: `ssh.forwardRefused`. */
  listen(take: (connection: Duplex) => void): Promise<Listening>;
  /** A socket of the host's own, in a folder that the user we log in as may write to (streamlocal-forward). Problem: `ssh.forwardRefused`. */
  listenAt(path: string, take: (connection: Duplex) => void): Promise<Pick<Listening, 'close'>>;
  /** How we come in here: what another host would have to do to come in alike. */
  readonly login: Login;
}

/** A way in. `key`: the public half of the key that opened it (SSH wire format); null: it was none. */
export interface Login {
  user: string;
  root: Root['by'];
  key: Uint8Array | null;
}

export interface RemoteTerminal {
  stream: Duplex;
  resize(size: { columns: number; rows: number }): void;
  /** Hangs up the pty. */
  close(): void;
}
