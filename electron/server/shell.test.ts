import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Port } from '../contract/port.ts';
import { openShell, type Shell } from './shell.ts';

let folder = '';
let shell: Shell;
let taken: { name: string; port: Port }[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'xenferry-shell-'));
  await writeFile(join(folder, 'index.html'), '<title>page</title>');
  taken = [];
  shell = await openShell({ page: folder, port: 0, token: null, take: (name, port) => taken.push({ name, port }) });
});
afterEach(async () => {
  await shell.close();
  await rm(folder, { recursive: true });
});

async function enter(): Promise<{ origin: string; cookie: string }> {
  const address = new URL(shell.address());
  const answer = await fetch(address, { redirect: 'manual' });
  expect(answer.status).toBe(303);
  return { origin: address.origin, cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
}

function opened(url: string, headers: Record<string, string>): Promise<WebSocket | number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.once('error', () => resolve(0));
  });
}

test('the page is served with the policy to who has the cookie, and to nobody else', async () => {
  const { origin, cookie } = await enter();
  const page = await fetch(origin, { headers: { cookie } });
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<title>page</title>');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page.headers.get('content-security-policy')).toContain(`connect-src ${origin.replace('http', 'ws')}`);
  const stranger = await fetch(origin);
  expect(stranger.status).toBe(403);
  expect(await stranger.text()).not.toContain('<title>');
});

test('a socket carries JSON as text and bytes as bytes, both ways', async () => {
  const { origin, cookie } = await enter();
  const socket = await opened(`${origin.replace('http', 'ws')}/port/calls`, { cookie, origin });
  if (typeof socket === 'number') throw new Error(String(socket));
  const heard: unknown[] = [];
  const port = taken[0]?.port;
  expect(taken[0]?.name).toBe('calls');
  socket.send(JSON.stringify({ ask: 'call', text: '日本' }));
  socket.send(Buffer.from([0, 255]));
  port?.listen((message) => heard.push(message));
  await expect.poll(() => heard.length).toBe(2);
  expect(heard).toEqual([{ ask: 'call', text: '日本' }, new Uint8Array([0, 255])]);
  const got: { data: Buffer; binary: boolean }[] = [];
  socket.on('message', (data: Buffer, binary) => got.push({ data, binary }));
  port?.post({ id: 1 });
  port?.post(new Uint8Array([1, 2]));
  await expect.poll(() => got.length).toBe(2);
  expect(got.map((one) => [one.binary, one.binary ? [...one.data] : String(one.data)])).toEqual([
    [false, '{"id":1}'],
    [true, [1, 2]],
  ]);
  let closed = 0;
  port?.onClose(() => closed++);
  socket.close();
  await expect.poll(() => closed).toBe(1);
});

test('a socket of another page, without the cookie, or at another path is refused', async () => {
  const { origin, cookie } = await enter();
  const url = origin.replace('http', 'ws');
  expect(await opened(`${url}/port/calls`, { cookie, origin: 'http://evil.example' })).toBe(403);
  expect(await opened(`${url}/port/calls`, { origin })).toBe(403);
  expect(await opened(`${url}/elsewhere`, { cookie, origin })).toBe(403);
  expect(taken).toEqual([]);
});

test('text that is no JSON ends the socket', async () => {
  const { origin, cookie } = await enter();
  const socket = await opened(`${origin.replace('http', 'ws')}/port/calls`, { cookie, origin });
  if (typeof socket === 'number') throw new Error(String(socket));
  const code = new Promise((resolve) => socket.once('close', resolve));
  socket.send('{');
  expect(await code).toBe(1007);
});
