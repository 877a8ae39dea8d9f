import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { Port } from '../contract/port.ts';
import { pageAnswer } from '../page/files.ts';
import { createGate, type Gate, type Knock } from './gate.ts';
import { socketPort } from './socketPort.ts';

/** What the shell serves. */
export interface ShellOptions {
  /** Folder of the built page. */
  page: string;
  port: number;
  token: string | null;
  take(name: string, port: Port): void;
}

export interface Shell {
  /** A fresh address to open. */
  address(): string;
  close(): Promise<void>;
}

/** Opens the browser shell on loopback: the page by HTTP, its ports by WebSocket at /port/NAME. */
export async function openShell(options: ShellOptions): Promise<Shell> {
  const server = createServer();
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo; // a TCP server's, once it listens
  const gate = createGate(port, options.token);
  // A page that goes on receiving without reading must not grow us: frames are small, a console's flow is by credit.
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 8 * 1024 * 1024, perMessageDeflate: false });
  server.on('request', (request, response) => {
    void answer(request, response, gate, options.page, port);
  });
  server.on('upgrade', (request, socket, head) => upgrade(request, socket, head, { gate, sockets, take: options.take }));
  return {
    address: () => gate.address(),
    close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve());
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, gate: Gate, page: string, port: number): Promise<void> {
  const decision = gate.decide(knockOf(request, false));
  if (decision.is === 'refuse') {
    response.writeHead(decision.status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
    response.end(refusal);
    return;
  }
  if (decision.is === 'exchange') {
    // The token leaves the address bar and the history at once.
    response.writeHead(303, {
      location: '/',
      'set-cookie': decision.cookie,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end();
    return;
  }
  const sockets = [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`];
  const file = await pageAnswer(page, decision.path, sockets);
  response.writeHead(file.status, file.headers);
  response.end(file.body);
}

const refusal = [
  'このアドレスは一度だけ使えます。XenFerry を起動した端末で Enter を押すと、新しいアドレスが表示されます。',
  'This address works once. Press Enter in the terminal where XenFerry runs to get a new one.',
  '',
].join('\n');

function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  parts: { gate: Gate; sockets: WebSocketServer; take: ShellOptions['take'] },
): void {
  socket.on('error', () => socket.destroy());
  const decision = parts.gate.decide(knockOf(request, true));
  const name = decision.is === 'enter' ? /^\/port\/([\w.:-]{1,200})$/.exec(decision.path)?.[1] : undefined;
  if (name === undefined) {
    socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  parts.sockets.handleUpgrade(request, socket, head, (open) => parts.take(name, socketPort(open)));
}

function knockOf(request: IncomingMessage, upgrade: boolean): Knock {
  const site = request.headers['sec-fetch-site'];
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    host: request.headers.host,
    origin: request.headers.origin,
    site: typeof site === 'string' ? site : undefined,
    cookie: request.headers.cookie,
    upgrade,
  };
}
