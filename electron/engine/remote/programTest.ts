import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { jobPrograms } from './jobs.ts';
import type { Program, Ran, Remote } from './remote.ts';

/** Runs remote programs in unit tests: the real text, a real shell, stand-ins for what a Xen host has. */

/** The shells every program must run under. */
export const shells = [['dash'], ['busybox', 'sh']] as const;
type Shell = (typeof shells)[number];

/** What is there besides the stand-ins: everything else a program calls must be a stand-in, or it is "not found". */
const ordinary =
  'sh cat sed grep awk mawk tr cut head tail sort uniq wc ls stat find xargs dirname basename readlink mkdir mktemp rm rmdir mv cp ln chmod touch test [ expr seq printf echo date sleep id env true false kill ps timeout tee dd sync flock setsid od cksum sha256sum md5sum nohup nice mkfifo du base64 cmp'.split(
    ' ',
  );

/** How a program is run. */
export interface ProgramRun {
  args?: readonly string[];
  stdin?: string;
  /** By command: the text of a sh script. `replay('xl-info')` makes one of a capture. */
  standIns?: Record<string, string>;
  /** Files below the made-up root, by absolute path. */
  files?: Record<string, string>;
  /** Top folders that mean the made-up root in the program's text. Default: those of `files`. */
  inside?: readonly string[];
  env?: Record<string, string>;
}

/** The made-up host a program ran on; `remove` it at the end. */
export interface MadeUpHost {
  root: string;
  /** A file below the root; null where there is none. */
  read(path: string): string | null;
  run(shell: Shell, program: Program, how?: ProgramRun): Promise<Ran>;
  remove(): Promise<void>;
}

/** A folder that plays a host: commands, files, and a shell to run programs in. */
export function madeUpHost(): MadeUpHost {
  const root = mkdtempSync(join(tmpdir(), 'xenferry-host-'));
  const bin = join(root, '.bin');
  mkdirSync(bin);
  for (const name of ordinary) link(name, bin);
  return {
    root,
    read(path) {
      try {
        return readFileSync(join(root, path), 'utf8');
      } catch {
        return null;
      }
    },
    async run(shell, program, how = {}) {
      for (const [name, text] of Object.entries(how.standIns ?? {})) {
        rmSync(join(bin, name), { force: true });
        writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      }
      for (const [path, text] of Object.entries(how.files ?? {})) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      const inside = how.inside ?? [...new Set(Object.keys(how.files ?? {}).map((path) => `/${path.split('/')[1] ?? ''}`))];
      const text = inside.reduce((now, top) => moveInside(now, top, root), program.text);
      const env = { PATH: bin, HOME: root, ...how.env };
      return await runHere([...shell, '-c', text, program.name, ...(how.args ?? [])], how.stdin ?? '', env);
    },
    remove: () => removeFolder(root),
  };
}

/** Each mention of a top folder (`/etc/…`) at the beginning of a word becomes one below the root. */
function moveInside(text: string, top: string, root: string): string {
  const name = top.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\w.})*/-])${name}(?=[/\\s"';)]|$)`, 'gm'), () => root + top);
}

function link(name: string, into: string): void {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    try {
      readFileSync(join(folder, name));
      symlinkSync(join(folder, name), join(into, name));
      return;
    } catch {} // not in this folder
  }
}

function runHere(argv: readonly string[], stdin: string, env: Record<string, string>): Promise<Ran> {
  const [command = 'sh', ...args] = argv;
  const shell = command === 'dash' ? '/bin/dash' : '/usr/bin/busybox';
  return new Promise((resolve, reject) => {
    const child = spawn(shell, args, { env, timeout: 30_000 });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.on('error', reject);
    child.on('close', (exit, signal) =>
      resolve({ exit, signal, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
    );
    child.stdin.on('error', () => {}); // it may end without reading
    child.stdin.end(stdin);
  });
}

/**
 * Takes a made-up host away. A program that was just ended may write once more: then all of it is done again, for up to ten seconds
 * (rmSync's own retries look for no new files).
 */
export async function removeFolder(folder: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (thrown) {
      if (tries === 80) throw thrown;
      await new Promise((next) => setTimeout(next, 100));
    }
  }
}

/** Holds a lock file as a job holds its guest's, in a process of its own; answers what lets it go. */
export async function holdLock(file: string): Promise<() => Promise<void>> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn('sh', ['-c', 'exec 9>>"$0" && flock 9 && echo held && read end', file], { stdio: ['pipe', 'pipe', 'ignore'] });
  await new Promise((heard) => holder.stdout.once('data', heard));
  const ended = new Promise<void>((over) => holder.once('exit', () => over()));
  return () => {
    holder.stdin.end();
    return ended;
  };
}

const captures = new URL('../../../tests/transcripts/captures/', import.meta.url);

/** What a real host printed: a file of tests/transcripts/captures. */
export function capture(name: string): { command: string; exit: number; stdout: string; stderr: string } {
  const text = readFileSync(new URL(`${name}.txt`, captures), 'utf8');
  const parts = /^\$ (.*)\nexit code: (\d+)\n(?:.*\n)*?--- stdout\n([\s\S]*?)--- stderr\n([\s\S]*)$/.exec(text);
  if (!parts) throw new Error(`not a capture: ${name}`);
  const [, command = '', exit = '0', stdout = '', stderr = ''] = parts;
  return { command, exit: Number(exit), stdout, stderr };
}

/** A stand-in that prints what a capture holds, and ends as the command did. */
export function replay(name: string): string {
  const { exit, stdout, stderr } = capture(name);
  const print = (text: string, to: string) => (text ? `cat ${to}<<'END_OF_CAPTURE'\n${text.replace(/\n$/, '')}\nEND_OF_CAPTURE\n` : '');
  return `${print(stdout, '')}${print(stderr, '>&2 ')}exit ${exit}`;
}

/** A stand-in that answers by its arguments: the first pattern (of sh's `case`) that fits all of them joined by spaces. */
export function answers(cases: Record<string, string>): string {
  const arms = Object.entries(cases).map(([pattern, text]) => `${pattern})\n${text}\n;;`);
  return `case "$*" in\n${arms.join('\n')}\n*) echo "stand-in: unexpected: $0 $*" >&2; exit 99 ;;\nesac`;
}

/** Plays whoever follows a job: a tick again and again, until the program ends. */
export function tickFor(child: ChildProcess): void {
  const ticking = setInterval(() => child.stdin?.write('.\n'), 20);
  child.once('exit', () => clearInterval(ticking));
}

/** A link that can only what is given; anything else is refused. */
export function remoteWith(can: Partial<Remote>): Remote {
  const none = () => Promise.reject(new Error('not here'));
  const login = { user: 'root', root: 'direct', key: null } as const;
  return { run: none, program: none, stream: none, terminal: none, forward: none, listen: none, listenAt: none, login, ...can };
}

/** A link to a host that is this machine: programs run in that shell, with these variables besides its own. Who follows a job is ticked. */
export const remoteHere = ([shell, ...before]: Shell, own: Record<string, string | undefined>): Remote =>
  remoteWith({
    program: (what, args, options) =>
      new Promise<Ran>((resolve) => {
        const env = { ...process.env, ...own };
        const child = execFile(shell, [...before, '-c', what.text, what.name, ...args], { env }, (error, stdout, stderr) => {
          resolve({ exit: typeof error?.code === 'number' ? error.code : 0, signal: null, stdout, stderr });
        });
        child.stdin?.on('error', () => {});
        if (what === jobPrograms.follow) tickFor(child);
        else child.stdin?.end(options?.stdin);
      }),
  });
