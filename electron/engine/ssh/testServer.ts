import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type ServerConfig, type Session as ServerSession } from 'ssh2';
import type { Clock } from '../world.ts';
import { opensshEd25519 } from './keys.ts';
import { fingerprintOf } from './wire.ts';

/** A real SSH server in this process, for unit tests: it runs what it is told by the machine's own `sh`. */
export interface TestServer {
  port: number;
  fingerprint: string;
  /** Command lines that were run. */
  ran: string[];
  /** Sessions that are open now, and the most there ever were. */
  sessions: { now: number; most: number };
  /** Breaks all connections as a network does. */
  cut(): void;
  close(): Promise<void>;
}

export interface TestServerOptions {
  hostKey?: string;
  /** Answers to sudo's question; null: it asks nothing; absent: not in sudoers. */
  sudo?: string | null;
  /** Commands that are found before the machine's own: the text of a sh script each. */
  commands?: Record<string, string>;
  maxSessions?: number;
  /** AllowTcpForwarding of sshd; default `yes`. */
  forwarding?: 'yes' | 'no' | 'local' | 'remote';
  /** AllowStreamLocalForwarding of sshd; default `yes`. Asked for only of one that says it is OpenSSH (`server.ident`). */
  sockets?: 'yes' | 'no';
  /** Default: anyone may come in. */
  auth?: (context: AuthContext) => void;
  server?: Partial<ServerConfig>;
}

/** Time as it passes. */
export const runningClock: Clock = {
  now: () => Date.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  every(ms, then) {
    const timer = setInterval(then, ms);
    return () => clearInterval(timer);
  },
};

/** Connects to a port of this machine. */
export function dialLocal(port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

/** A host key in OpenSSH's form. */
export const newHostKey = (): string => opensshEd25519(generateKeyPairSync('ed25519').privateKey);

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'xenferry-sshd-'));
  writeFileSync(join(folder, 'sudo'), fakeSudo(options.sudo), { mode: 0o755 });
  for (const [name, text] of Object.entries(options.commands ?? {}))
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const hostKey = options.hostKey ?? newHostKey();
  const parsed = ssh2.utils.parseKey(hostKey);
  if (parsed instanceof Error) throw parsed;
  const connections = new Set<Connection>();
  const ran: string[] = [];
  const sessions = { now: 0, most: 0 };
  const server = new ssh2.Server({ hostKeys: [hostKey], ...options.server }, (client) => {
    connections.add(client);
    client.on('error', () => {});
    client.on('close', () => connections.delete(client));
    client.on('authentication', options.auth ?? ((context) => context.accept()));
    client.on('session', (accept, reject) => {
      if (sessions.now >= (options.maxSessions ?? 10)) return reject();
      serveSession(accept(), { ran, sessions, env });
    });
    const forwarding = options.forwarding ?? 'yes';
    serveListening(client, forwarding === 'yes' || forwarding === 'remote', options.sockets !== 'no');
    client.on('tcpip', (accept, reject, info) => {
      if (forwarding === 'no' || forwarding === 'remote') return reject();
      const socket = connect(info.destPort, info.destIP);
      socket.once('error', () => reject());
      socket.once('connect', () => {
        const channel = accept();
        channel.on('close', () => socket.destroy());
        socket.on('error', () => channel.close());
        socket.pipe(channel).pipe(socket);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    port,
    fingerprint: fingerprintOf((Array.isArray(parsed) ? parsed[0] : parsed)?.getPublicSSH() ?? new Uint8Array()),
    ran,
    sessions,
    cut: () => {
      for (const one of connections) (one as unknown as { _sock: { destroy(): void } })._sock.destroy(); // ssh2 has no rude way of its own
    },
    async close() {
      for (const one of connections) one.end();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** tcpip-forward and streamlocal-forward: ports and sockets that end with the connection, as sshd's do. */
function serveListening(client: Connection, ports: boolean, sockets: boolean): void {
  const listening = new Map<number | string, Server>();
  const pass = (socket: Socket, thrown: Error | undefined, channel: ServerChannel): void => {
    if (thrown) {
      socket.destroy();
      return;
    }
    channel.on('close', () => socket.destroy());
    channel.on('error', () => {});
    socket.on('close', () => channel.close());
    socket.pipe(channel).pipe(socket);
  };
  const end = (at: number | string): boolean => {
    listening.get(at)?.close();
    return listening.delete(at);
  };
  client.on('request', (accept, reject, name: string, info: { bindAddr: string; bindPort: number; socketPath?: string }) => {
    const { bindAddr, bindPort, socketPath = '' } = info;
    if (name === 'tcpip-forward') {
      if (!ports) return reject?.();
      const server = createServer((socket) => {
        const { port } = server.address() as AddressInfo; // it listens on TCP
        socket.on('error', () => {});
        client.forwardOut(bindAddr, port, socket.remoteAddress ?? '', socket.remotePort ?? 0, (...got) => pass(socket, ...got));
      });
      server.listen(bindPort, bindAddr, () => {
        const { port } = server.address() as AddressInfo; // it listens on TCP
        listening.set(port, server);
        accept?.(port);
      });
    } else if (name === 'streamlocal-forward@openssh.com') {
      if (!sockets) return reject?.();
      const server = createServer((socket) => {
        socket.on('error', () => {});
        client.openssh_forwardOutStreamLocal(socketPath, (...got) => pass(socket, ...got));
      });
      server.on('error', () => reject?.());
      server.listen(socketPath, () => {
        listening.set(socketPath, server);
        accept?.();
      });
    } else if (name === 'cancel-tcpip-forward' || name === 'cancel-streamlocal-forward@openssh.com') {
      if (end(socketPath || bindPort)) accept?.();
      else reject?.();
    } else reject?.();
  });
  client.on('close', () => {
    for (const one of listening.values()) one.close();
  });
}

function serveSession(
  session: ServerSession,
  at: { ran: string[]; sessions: { now: number; most: number }; env: NodeJS.ProcessEnv },
): void {
  const { sessions } = at;
  sessions.now++;
  sessions.most = Math.max(sessions.most, sessions.now);
  session.on('close', () => sessions.now--);
  session.on('pty', (accept) => accept?.());
  session.on('window-change', (accept) => accept?.());
  session.on('exec', (accept, _reject, { command }) => {
    at.ran.push(command);
    runHere(accept(), command, at.env);
  });
}

function runHere(channel: ServerChannel, command: string, env: NodeJS.ProcessEnv): void {
  const child = spawn('/bin/sh', ['-c', command], { env, detached: true });
  child.stdin.on('error', () => {});
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  const kill = () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    } catch {} // it has ended
  };
  channel.on('close', kill);
  child.on('close', (code, signal) => {
    if (signal) channel.exit(signal.replace(/^SIG/, ''));
    else channel.exit(code ?? 0);
    channel.end();
  });
}

/** sudo(8) as far as we use it: -k, -n, -S, -p; three tries; what was not read as a password is the command's. */
function fakeSudo(password: string | null | undefined): string {
  const refusal =
    password === undefined
      ? 'echo "$USER is not in the sudoers file." >&2; exit 1'
      : password === null
        ? ''
        : `if [ "$n" = 1 ]; then echo "sudo: a password is required" >&2; exit 1; fi
ok=0
for try in 1 2 3; do
  printf %s "$p" >&2
  IFS= read -r given || { echo "sudo: no password was provided" >&2; exit 1; }
  if [ "$given" = '${password}' ]; then ok=1; break; fi
  echo "Sorry, try again." >&2
done
[ "$ok" = 1 ] || { echo "sudo: 3 incorrect password attempts" >&2; exit 1; }`;
  return `#!/bin/sh
n=0 p=
while :; do
  case $1 in
    -k|-S) shift ;;
    -n) n=1; shift ;;
    -p) p=$2; shift 2 ;;
    --) shift; break ;;
    *) echo "fake sudo: $1" >&2; exit 99 ;;
  esac
done
${refusal}
SUDO_UID=1000 exec "$@"
`;
}
