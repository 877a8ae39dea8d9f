import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type ClientInfo, type Connection, type ParsedKey, type Session } from 'ssh2';
import { serveForward } from '../console/forward.ts';
import type { SimHost } from '../model/simHost.ts';
import { type Proc, Stdin } from './proc.ts';
import { type Account, runLine } from './run.ts';

/** sshd's own default: the eleventh session on one connection is refused. */
const maxSessions = 10;

export interface SimSshd {
  host: SimHost;
  port: number;
  /** As OpenSSH shows it: SHA256:… */
  fingerprint: string;
  /** The public key, for known_hosts. */
  publicKey: string;
  accounts: Account[];
  /** Public keys that may log in as root. */
  authorized: string[];
  /** Cuts every connection, as a pulled cable does (no goodbye). */
  cutLinks(): void;
  /** Frozen, connections stay open, new ones are accepted, and nothing is heard or said. */
  freeze(on: boolean): void;
  /** Takes over another host key, as a machine that was installed anew. */
  changeHostKey(): void;
  /** Changes what commands print, on its way out: garbage and half lines. */
  garble: ((text: string, command: string) => string) | null;
  connections(): number;
  close(): Promise<void>;
}

/** One pair in 256 that ssh2 1.17 makes it can't read itself (a byte of the key is lost): then another. */
function newHostKey(): { key: { public: string; private: string }; shown: ParsedKey } {
  const key = ssh2.utils.generateKeyPairSync('ed25519');
  const shown = ssh2.utils.parseKey(key.public);
  if (shown instanceof Error || ssh2.utils.parseKey(key.private) instanceof Error) return newHostKey();
  return { key, shown: shown };
}

/** A real SSH server on loopback in front of a simulated host. */
export async function startSshd(host: SimHost, accounts: Account[]): Promise<SimSshd> {
  const open = new Set<Connection>();
  const sockets = new Set<{ destroy(): void; pause(): unknown; resume(): unknown }>();
  let frozen = false;
  let server = makeServer();
  const sshd: SimSshd = {
    host,
    accounts,
    authorized: [],
    garble: null,
    port: 0,
    fingerprint: '',
    publicKey: '',
    freeze(on) {
      frozen = on;
      for (const one of sockets) {
        if (on) one.pause();
        else one.resume();
      }
    },
    connections: () => open.size,
    cutLinks() {
      for (const one of sockets) one.destroy();
      for (const one of open) one.end();
    },
    changeHostKey() {
      const { port } = sshd;
      sshd.cutLinks();
      const old = server;
      server = makeServer();
      old.close(() => void listen(port));
    },
    close: () =>
      new Promise((resolve) => {
        sshd.cutLinks();
        server.close(() => resolve());
      }),
  };
  await listen(0);
  return sshd;

  function makeServer(): ssh2.Server {
    const { key, shown } = newHostKey();
    queueMicrotask(() => {
      sshd.fingerprint = fingerprintOf(shown.getPublicSSH());
      sshd.publicKey = key.public.trim().split(' ').slice(0, 2).join(' ');
      host.keys = [sshd.publicKey];
    });
    const made = new ssh2.Server({ hostKeys: [key.private], ident: 'OpenSSH_9.2p1 Debian-2+deb12u7' }, (client, info) =>
      greet(client, info),
    );
    // ssh2's Server is a net.Server inside; the raw sockets are what a cable would cut
    const raw = (made as unknown as { _srv?: { on(event: 'connection', then: (socket: import('node:net').Socket) => void): void } })._srv;
    raw?.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      if (host.dead || frozen) socket.pause();
    });
    return made;
  }
  function listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        sshd.port = (server.address() as AddressInfo).port; // a listening TCP server's address is never a string
        resolve();
      });
    });
  }
  function greet(client: Connection, _info: ClientInfo): void {
    open.add(client);
    const gone = new AbortController();
    let account: Account | null = null;
    client.on('authentication', (ctx) => {
      account = authenticate(sshd, ctx) ?? account;
    });
    client.on('ready', () => {
      let sessions = 0;
      client.on('session', (accept, reject) => {
        if (sessions >= maxSessions) return reject();
        sessions += 1;
        const session = accept();
        session.on('close', () => {
          sessions -= 1;
        });
        if (account) serveSession(sshd, session, account, gone.signal);
      });
      client.on('tcpip', (accept, reject, info) => serveForward(host, accept, reject, info));
      client.on('request', (accept) => accept?.());
    });
    client.on('error', () => {});
    client.on('close', () => {
      open.delete(client);
      gone.abort();
    });
  }
}

export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function authenticate(sshd: SimSshd, ctx: AuthContext): Account | null {
  const account = sshd.accounts.find((one) => one.user === ctx.username) ?? null;
  const methods: ('password' | 'publickey' | 'keyboard-interactive')[] = ['publickey', 'password', 'keyboard-interactive'];
  if (account && ctx.method === 'password' && ctx.password === account.password) {
    ctx.accept();
    return account;
  }
  if (account && ctx.method === 'keyboard-interactive') {
    ctx.prompt([{ prompt: 'Password: ', echo: false }], '', '', (answers: string[]) => {
      if (answers[0] === account.password) ctx.accept();
      else ctx.reject(methods);
    });
    return account;
  }
  if (account && ctx.method === 'publickey' && account.sudo === 'is root') {
    const key = sshd.authorized.map((line) => ssh2.utils.parseKey(line)).find((one): one is ParsedKey => sameKey(one, ctx.key.data));
    if (key && (!ctx.signature || (ctx.blob && key.verify(ctx.blob, ctx.signature, ctx.hashAlgo) === true))) {
      ctx.accept();
      return account;
    }
  }
  ctx.reject(methods);
  return null;
}

const sameKey = (one: ReturnType<typeof ssh2.utils.parseKey>, blob: Buffer): boolean =>
  !(one instanceof Error) && !Array.isArray(one) && one.getPublicSSH().equals(blob);

/** One session: a pty if asked for, then one command. */
function serveSession(sshd: SimSshd, session: Session, account: Account, gone: AbortSignal): void {
  let pty: Proc['pty'] = null;
  session.on('pty', (accept, _reject, info) => {
    pty = { columns: info.cols, rows: info.rows };
    accept?.();
  });
  session.on('window-change', (accept, _reject, info) => {
    if (pty) Object.assign(pty, { columns: info.cols, rows: info.rows });
    accept?.();
  });
  session.on('env', (accept) => accept?.());
  session.on('exec', (accept, _reject, info) => {
    const channel = accept();
    const stdin = new Stdin();
    const ended = new AbortController();
    const stop = (): void => {
      stdin.end();
      ended.abort();
    };
    channel.on('data', (chunk: Buffer) => stdin.push(chunk));
    channel.on('end', () => stdin.end());
    channel.on('close', stop);
    channel.on('error', () => {});
    gone.addEventListener('abort', stop, { once: true });
    const say = (to: { write(text: string): unknown }) => (text: string) => {
      if (ended.signal.aborted || text === '' || sshd.host.dead) return;
      to.write(sshd.garble ? sshd.garble(text, info.command) : text);
    };
    const proc: Proc = {
      host: sshd.host,
      args: [],
      user: account.user,
      root: false,
      out: say(channel),
      // on a terminal there is only one stream
      err: say(pty ? channel : channel.stderr),
      stdin,
      signal: ended.signal,
      pty,
    };
    void runLine(info.command, account, proc)
      .catch((thrown: unknown) => {
        proc.err(`simulated host: ${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
        return 125;
      })
      .then((exit) => {
        gone.removeEventListener('abort', stop);
        if (ended.signal.aborted || sshd.host.dead) return;
        channel.exit(exit);
        channel.end();
      });
  });
}
