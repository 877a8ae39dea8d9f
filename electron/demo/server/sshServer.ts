import { createHash } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type Session } from 'ssh2';
import { serveForward } from '../console/forward.ts';
import type { SimHost } from '../model/simHost.ts';
import { newKeyPair } from './keyPair.ts';
import { serveListening } from './listening.ts';
import { type Proc, Stdin } from './proc.ts';
import { type Account, runLine } from './run.ts';

/** sshd's own default: the eleventh session on one connection is refused. */
const maxSessions = 10;

/** A real SSH server on loopback in front of a simulated host. */
export async function startSshd(host: SimHost, accounts: Account[]): Promise<SimSshd> {
  const sshd = new SimSshd(host, accounts);
  await sshd.listen(0);
  return sshd;
}

export class SimSshd {
  readonly host: SimHost;
  readonly accounts: Account[];
  port = 0;
  /** As OpenSSH shows it: SHA256:… */
  fingerprint = '';
  /** Changes what commands print, on its way out: garbage and half lines. */
  garble: ((text: string, command: string) => string) | null = null;
  private readonly open = new Set<Connection>();
  private readonly sockets = new Set<Socket>();
  private frozen = false;
  private server: ssh2.Server;
  constructor(host: SimHost, accounts: Account[]) {
    this.host = host;
    this.accounts = accounts;
    this.server = this.makeServer();
  }
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.port = (this.server.address() as AddressInfo).port; // a listening TCP server's address is never a string
        resolve();
      });
    });
  }
  /** Cuts every connection, as a pulled cable does (no goodbye). */
  cutLinks(): void {
    for (const one of this.sockets) one.destroy();
    for (const one of this.open) one.end();
  }
  /** Frozen, connections stay open, new ones are accepted, and nothing is heard or said. */
  freeze(on: boolean): void {
    this.frozen = on;
    for (const one of this.sockets) {
      if (on) one.pause();
      else one.resume();
    }
  }
  /** Takes over another host key, as a machine that was installed anew. */
  changeHostKey(): void {
    const { port, server } = this;
    this.cutLinks();
    this.server = this.makeServer();
    server.close(() => void this.listen(port));
  }
  close(): Promise<void> {
    this.cutLinks();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
  private makeServer(): ssh2.Server {
    const key = newKeyPair();
    this.fingerprint = fingerprintOf(key.parsed.getPublicSSH());
    this.host.keys = [key.public.trim().split(' ').slice(0, 2).join(' ')];
    const made = new ssh2.Server({ hostKeys: [key.private], ident: 'OpenSSH_9.2p1 Debian-2+deb12u7' }, (client) => this.greet(client));
    // ssh2's Server is a net.Server inside; the raw sockets are what a cable would cut
    const raw = (made as unknown as { _srv?: { on(event: 'connection', then: (socket: Socket) => void): void } })._srv;
    raw?.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      if (this.host.dead || this.frozen) socket.pause();
    });
    return made;
  }
  private greet(client: Connection): void {
    this.open.add(client);
    const gone = new AbortController();
    let account: Account | null = null;
    client.on('authentication', (ctx) => {
      account = authenticate(this, ctx) ?? account;
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
        if (account) serveSession(this, session, account, gone.signal);
      });
      client.on('tcpip', (accept, reject, info) => serveForward(this.host, accept, reject, info));
      serveListening(this.host, client);
    });
    client.on('error', () => {});
    client.on('close', () => {
      this.open.delete(client);
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
    const key = sshd.host.authorized.map((line) => ssh2.utils.parseKey(line)).find((one): one is ParsedKey => sameKey(one, ctx.key.data));
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
