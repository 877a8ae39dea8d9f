import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problem.ts';
import { opensshEd25519, readPrivateKey } from './keys.ts';
import { fingerprintOf } from './wire.ts';

const folder = mkdtempSync(join(tmpdir(), 'xenferry-keys-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let counter = 0;
/** Writes a key file; what OpenSSH says its fingerprint is. */
function file(text: string): string {
  const path = join(folder, `key${counter++}`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
const opensshSays = (path: string, passphrase = ''): string => {
  const line = execFileSync('ssh-keygen', ['-y', '-P', passphrase, '-f', path], { encoding: 'utf8' });
  return fingerprintOf(Buffer.from(line.split(' ')[1] ?? '', 'base64'));
};
const weSay = (text: string, passphrase: string | null = null): string =>
  fingerprintOf(readPrivateKey(text, passphrase, 'k').getPublicSSH());
const why = (text: string, passphrase: string | null = null): unknown => {
  try {
    readPrivateKey(text, passphrase, '/k');
    return null;
  } catch (thrown) {
    return thrown instanceof ProblemError ? thrown.problem : thrown;
  }
};

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const ed = generateKeyPairSync('ed25519').privateKey;
const pem = (key: KeyObject, type: 'pkcs1' | 'sec1' | 'pkcs8', passphrase?: string): string =>
  key.export({ type, format: 'pem', ...(passphrase ? { cipher: 'aes-256-cbc', passphrase } : {}) }).toString();

describe.each([
  ['PKCS#1 RSA', pem(rsa, 'pkcs1'), null],
  ['PKCS#1 RSA with passphrase', pem(rsa, 'pkcs1', 'open'), 'open'],
  ['SEC1 ECDSA', pem(ec, 'sec1'), null],
  ['SEC1 ECDSA with passphrase', pem(ec, 'sec1', 'open'), 'open'],
  ['PKCS#8 RSA', pem(rsa, 'pkcs8'), null],
  ['PKCS#8 ECDSA', pem(ec, 'pkcs8'), null],
  ['PKCS#8 RSA with passphrase', pem(rsa, 'pkcs8', 'open'), 'open'],
  ['PKCS#8 ECDSA with passphrase', pem(ec, 'pkcs8', 'open'), 'open'],
])('%s', (_title, text, passphrase) => {
  test('is the key OpenSSH reads there, and signs', () => {
    expect(weSay(text, passphrase)).toBe(opensshSays(file(text), passphrase ?? ''));
    expect(readPrivateKey(text, passphrase, 'k').sign('data')).toBeInstanceOf(Buffer);
  });
});

test('PKCS#8 Ed25519, with and without passphrase, becomes a file that OpenSSH reads as the same key', () => {
  const path = file(opensshEd25519(ed, 'a comment'));
  const x = ed.export({ format: 'jwk' }).x ?? '';
  const wire = Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20', 'latin1'), Buffer.from(x, 'base64url')]);
  expect(opensshSays(path)).toBe(fingerprintOf(wire));
  expect(weSay(pem(ed, 'pkcs8'))).toBe(fingerprintOf(wire));
  expect(weSay(pem(ed, 'pkcs8', 'open'), 'open')).toBe(fingerprintOf(wire));
});

describe.each(['ed25519', 'rsa', 'ecdsa'])('made by ssh-keygen: %s', (type) => {
  test('with and without passphrase', () => {
    for (const passphrase of ['', 'open']) {
      const path = join(folder, `made${counter++}`);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'c', '-f', path]);
      const text = readFileSync(path, 'utf8');
      expect(weSay(text, passphrase || null)).toBe(opensshSays(path, passphrase));
      if (!passphrase) continue;
      expect(why(text)).toMatchObject({ code: 'auth.passphraseNeeded', path: '/k' });
      expect(why(text, 'wrong')).toMatchObject({ code: 'auth.passphraseWrong', path: '/k' });
    }
  });
});

test.each([
  ['PKCS#1', pem(rsa, 'pkcs1', 'open')],
  ['SEC1', pem(ec, 'sec1', 'open')],
  ['PKCS#8', pem(ed, 'pkcs8', 'open')],
])('%s with a missing or wrong passphrase', (_title, text) => {
  expect(why(text)).toMatchObject({ code: 'auth.passphraseNeeded' });
  // a wrong passphrase now and then decrypts to something: that is no key either
  expect(why(text, 'wrong')).toMatchObject({ code: 'auth.passphraseWrong' });
});

test.each([
  ['public key', 'ssh-ed25519 AAAA me@here\n'],
  ['public key', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
  ['unknown', 'hello\n'],
  ['PuTTY PPK 3', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n'],
  ['ed448', generateKeyPairSync('ed448').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
])('unsupported: %s', (format, text) => {
  expect(why(text)).toMatchObject({ code: 'auth.keyUnsupported', format });
});

test('a file with damage in it', () => {
  const text = opensshEd25519(createPrivateKey(pem(ed, 'pkcs8')));
  expect(why(text.replace(/.{40}\n/, '\n'))).toMatchObject({ code: 'auth.keyUnsupported' });
});
