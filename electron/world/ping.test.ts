import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { dialTcp } from './dial.ts';
import { pingOnce, pingWords, readPing } from './ping.ts';

test.each([
  ['64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.041 ms\n', 0.041],
  ['64 octets de 127.0.0.1 : icmp_seq=1 ttl=64 temps=0,041 ms\n', 0.041],
  ['Reply from 10.0.0.1: bytes=32 time<1ms TTL=64\r\n', 1],
  ['10.0.0.1 からの応答: バイト数 =32 時間 =12ms TTL=64\r\n', 12],
])('a reply is read: %s', (said, ms) => expect(readPing(0, said)).toBe(ms));

test('no reply, and no way to ask, are two things', () => {
  expect(readPing(1, '1 packets transmitted, 0 received')).toBeNull();
  expect(readPing(0, 'Reply from 10.0.0.2: Destination host unreachable.')).toBeNull();
  expect(readPing(2, '')).toBe('cannot');
  expect(readPing('ENOENT', '')).toBe('cannot');
});

test('an address is never read as an option', async () => {
  expect(pingWords('linux', '10.0.0.1', 900)).toEqual(['-n', '-c', '1', '-W', '1', '--', '10.0.0.1']);
  for (const odd of ['-f', '', 'a b', 'x;y', '$(x)', '--']) expect(await pingOnce(odd, 100)).toBe('cannot');
});

test('an address that answers, answers', async () => {
  expect(await pingOnce('127.0.0.1', 1_000)).toBeTypeOf('number');
});

test('dialling reaches an open port and says why a closed one is not reached', async () => {
  const server = createServer((socket) => socket.end('SSH-2.0-x'));
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  const stream = await dialTcp('127.0.0.1', port, AbortSignal.timeout(5_000));
  const [first] = await once(stream, 'data');
  expect(String(first)).toBe('SSH-2.0-x');
  await new Promise((resolve) => server.close(resolve));
  await expect(dialTcp('127.0.0.1', port, AbortSignal.timeout(5_000))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(dialTcp('127.0.0.1', port, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
});
