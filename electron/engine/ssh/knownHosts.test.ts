import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { algorithmsKnown, judgeKey, knownLine, knownName, namesHost, parseKnownHosts } from './knownHosts.ts';
import { fingerprintOf, wireBytes } from './wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'xenferry-known-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newKey = (): Buffer => {
  const { x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return Buffer.concat([wireBytes('ssh-ed25519'), wireBytes(Buffer.from(x ?? '', 'base64url'))]);
};
const [key, other] = [newKey(), newKey()];
const rsaKey = Buffer.concat([wireBytes('ssh-rsa'), wireBytes('e'), wireBytes('n')]);
const at = { address: 'Xen1.example', port: 22 };
const judge = (text: string, where = at, shown: Buffer = key) => judgeKey([parseKnownHosts(text, 'file')], where, shown);

test('a key is known, unknown or changed', () => {
  expect(judge(knownLine('xen1.example', 22, key))).toEqual({ is: 'known' });
  expect(judge(knownLine('xen2.example', 22, key))).toEqual({ is: 'unknown' });
  expect(judge(`# comment\n\n${knownLine('xen1.example', 22, other)}`)).toEqual({
    is: 'changed',
    known: [fingerprintOf(other)],
    where: 'file:3',
  });
  expect(judge(knownLine('xen1.example', 22, rsaKey))).toMatchObject({ is: 'changed' });
  expect(judge(knownLine('xen1.example', 22, other) + knownLine('xen1.example', 22, key))).toEqual({ is: 'known' });
});

test('on another port a plain line may vouch, but not accuse', () => {
  const there = { ...at, port: 2222 };
  expect(judge(knownLine('xen1.example', 22, key), there)).toEqual({ is: 'known' });
  expect(judge(knownLine('xen1.example', 22, other), there)).toEqual({ is: 'unknown' });
  expect(judge(knownLine('xen1.example', 2222, other), there)).toMatchObject({ is: 'changed' });
  expect(judge(knownLine('xen1.example', 2222, key))).toEqual({ is: 'unknown' });
});

test('a revoked key is revoked wherever it says so; a certificate authority vouches for no plain key', () => {
  const line = knownLine('xen1.example', 22, key);
  const ours = parseKnownHosts(line, 'ours');
  const theirs = parseKnownHosts(`@revoked * ${line.split(' ').slice(1).join(' ')}`, 'theirs');
  expect(judgeKey([ours, theirs], at, key)).toEqual({ is: 'revoked' });
  expect(judge(`@cert-authority ${line}`)).toEqual({ is: 'unknown' });
  expect(judge(`@strange ${line}`)).toEqual({ is: 'unknown' });
});

test('our own file decides before the operator’s', () => {
  const lists = [
    parseKnownHosts(knownLine('xen1.example', 22, key), 'ours'),
    parseKnownHosts(knownLine('xen1.example', 22, other), 'theirs'),
  ];
  expect(judgeKey(lists, at, key)).toEqual({ is: 'known' });
  expect(judgeKey(lists, at, other)).toMatchObject({ is: 'changed', where: 'ours:1' });
});

test('patterns', () => {
  expect(namesHost('*.example,!xen2.example', 'xen1.example')).toBe(true);
  expect(namesHost('*.example,!xen2.example', 'xen2.example')).toBe(false);
  expect(namesHost('10.0.0.?', '10.0.0.1')).toBe(true);
  expect(namesHost('10.0.0.?', '10.0.0.11')).toBe(false);
  expect(namesHost('[a.b]:22', '[axb]:22')).toBe(false);
});

test('known kinds of key are asked for first', () => {
  const text = knownLine('xen1.example', 22, rsaKey) + knownLine('xen1.example', 22, key);
  expect(algorithmsKnown([parseKnownHosts(text, 'f')], at)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  expect(algorithmsKnown([[]], at)).toEqual([]);
});

test('damage anywhere in a file never throws, and never makes a key known', () => {
  const text = knownLine('xen1.example', 22, other) + knownLine('xen2.example', 22, key);
  fc.assert(
    fc.property(fc.nat(text.length), fc.string({ maxLength: 20 }), (where, what) => {
      const { is } = judge(text.slice(0, where) + what + text.slice(where + what.length), { address: 'xen3.example', port: 22 });
      return is === 'unknown';
    }),
  );
});

test('plain and hashed names are found as ssh-keygen -F finds them', () => {
  const file = join(folder, 'known_hosts');
  const names = ['xen1.example', '10.0.0.1', 'fe80::1', 'host-2'];
  const lines = names.flatMap((name) => [knownLine(name, 22, newKey()), knownLine(name, 2222, newKey())]);
  writeFileSync(file, lines.join(''));
  for (const hashed of [false, true]) {
    if (hashed) execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const list = parseKnownHosts(readFileSync(file, 'utf8'), file);
    expect(list).toHaveLength(8);
    for (const address of [...names, 'nobody', 'xen1']) {
      for (const port of [22, 2222]) {
        const name = knownName(address, port);
        const ours = list.filter((one) => namesHost(one.names, name)).map((one) => one.key.toString('base64'));
        expect(ours).toEqual(sshKeygenFinds(name, file));
      }
    }
  }
});

function sshKeygenFinds(name: string, file: string): string[] {
  try {
    const found = execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
    return found.split('\n').flatMap((line) => (line && !line.startsWith('#') ? [line.split(' ')[2] ?? ''] : []));
  } catch {
    return []; // it exits with 1
  }
}
