import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSshConfig } from './config.ts';
import { readJump } from './jump.ts';

const desktop = { home: '/home/me', user: 'me', readFile: async () => null, listFolder: async () => [] };
const trap = join(tmpdir(), `xenferry-trap-${process.pid}`);

const text = `
# the office
Host xen1 xen-one
  HostName %h.office.example
  User root
  IdentityFile ~/.ssh/%h_key
  IdentityFile ~/.ssh/second

Host xen2
  HostName 10.0.0.2
  Port 2222
  ProxyJump bastion
Host xen3
  ProxyCommand nc %h %p
Host bastion
  HostName gate.example
  User jump
  ProxyJump first.example:2200
Host *.office !old
  User nobody
Match exec "touch ${trap}"
  User evil
Match host xen2 exec "touch ${trap}"
  Port 1
CanonicalizeHostname yes
Host *
  User admin
`;

test('hosts are offered with their address, key and way', async () => {
  const found = await readSshConfig(text, desktop);
  expect(found.map((one) => one.name)).toEqual(['xen1', 'xen-one', 'xen2', 'xen3', 'bastion']);
  expect(found[0]).toMatchObject({
    address: 'xen1.office.example',
    port: 22,
    user: 'root',
    keyPath: '/home/me/.ssh/xen1.office.example_key',
    jump: null,
  });
  expect(found[2]).toMatchObject({ address: '10.0.0.2', port: 2222, user: 'admin', jump: 'admin@first.example:2200,jump@gate.example:22' });
  expect(found[3]?.ignored).toContain('ProxyCommand');
});

test('nothing of it is run, and what is not followed is named', async () => {
  rmSync(trap, { force: true });
  const [first] = await readSshConfig(text, desktop);
  expect(first?.ignored).toEqual(expect.arrayContaining(['Match exec']));
  expect(first?.user).toBe('root');
  expect(existsSync(trap)).toBe(false);
});

test('a circle of hosts ends', async () => {
  const [first] = await readSshConfig('Host a\n  ProxyJump b\nHost b\n  ProxyJump a\n', desktop);
  expect(first?.jump).toMatch(/b:22$/);
});

test.each([
  ['gate', [{ user: null, address: 'gate', port: 22 }]],
  [
    'joe@gate:2200,10.0.0.1',
    [
      { user: 'joe', address: 'gate', port: 2200 },
      { user: null, address: '10.0.0.1', port: 22 },
    ],
  ],
  ['ssh://joe@[fe80::1]:22', [{ user: 'joe', address: 'fe80::1', port: 22 }]],
  ['-oProxyCommand=x', null],
  ['a b', null],
  ['gate:99999', null],
  ['', null],
])('ProxyJump %j', (given, hops) => {
  expect(readJump(given)).toEqual(hops);
});
