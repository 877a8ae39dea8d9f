import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { startDemo } from '../demo.ts';
import { newKeyPair } from './keyPair.ts';

const { Client } = ssh2;

/** A client that logged in by key to the first demo host, whose root trusts that key. */
async function byKey(key: { private: string }, trusted: string) {
  const demo = await startDemo({ speed: 100 });
  const [server] = demo.servers;
  server?.host.authorized.push(trusted);
  const client = new Client();
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', () => resolve());
    client.on('error', reject);
  });
  client.connect({ host: '127.0.0.1', port: server?.port ?? 0, username: 'root', privateKey: key.private });
  return { demo, client, ready };
}

test('a key root trusts logs in, another does not', async () => {
  const mine = newKeyPair();
  const other = newKeyPair();
  const good = await byKey(mine, mine.public);
  await good.ready;
  good.client.end();
  await good.demo.close();
  const bad = await byKey(mine, other.public);
  await expect(bad.ready).rejects.toThrow(/authentication/);
  await bad.demo.close();
});

test('the eleventh session of a connection is refused, as by sshd', async () => {
  const key = newKeyPair();
  const { demo, client, ready } = await byKey(key, key.public);
  await ready;
  const open = () =>
    new Promise<string>((resolve) => {
      client.exec('cat', (error) => resolve(error ? 'refused' : 'open'));
    });
  const opened: string[] = [];
  for (let count = 0; count < 11; count += 1) opened.push(await open());
  expect(opened).toEqual([...Array(10).fill('open'), 'refused']);
  client.end();
  await demo.close();
});

test('a guest with a screen answers RFB on its port, and nothing else listens', async () => {
  const key = newKeyPair();
  const { demo, client, ready } = await byKey(key, key.public);
  await ready;
  const domain = demo.office.hosts[0]?.domain('windows-ad');
  const hello = await new Promise<string>((resolve, reject) => {
    client.forwardOut('127.0.0.1', 1, '127.0.0.1', domain?.vncPort ?? 0, (error, stream) => {
      if (error) reject(error);
      else stream.once('data', (bytes: Buffer) => resolve(bytes.toString('latin1')));
    });
  });
  expect(hello).toBe('RFB 003.008\n');
  const refused = await new Promise<boolean>((resolve) => {
    client.forwardOut('127.0.0.1', 1, '127.0.0.1', 80, (error) => resolve(error !== undefined));
  });
  expect(refused).toBe(true);
  client.end();
  await demo.close();
});
