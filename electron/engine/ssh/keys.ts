import { createPrivateKey, type KeyObject } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { fail, ProblemError } from '../../contract/problem.ts';
import { wireBytes, wireNumber } from './wire.ts';

// ssh2 is CommonJS whose names Node can't see beforehand
const { utils } = ssh2;

/** A private key as it stands in a file. Problems: `auth.passphraseNeeded`, `auth.passphraseWrong`, `auth.keyUnsupported`. */
export function readPrivateKey(text: string, passphrase: string | null, path: string): ParsedKey {
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1] ?? '';
  if (label.includes('PUBLIC') || /^(ssh-|ecdsa-|sk-)/.test(text)) return fail('auth.keyUnsupported', { path, format: 'public key' });
  if (label === 'PRIVATE KEY' || label === 'ENCRYPTED PRIVATE KEY') return parse(ofPkcs8(text, passphrase, path), null, path);
  if (label === '' && !text.startsWith('PuTTY-User-Key-File')) return fail('auth.keyUnsupported', { path, format: 'unknown' });
  const version = /^PuTTY-User-Key-File-(\d)/.exec(text)?.[1];
  if (version === '3') return fail('auth.keyUnsupported', { path, format: 'PuTTY PPK 3' });
  return parse(text, passphrase, path);
}

function parse(text: string, passphrase: string | null, path: string): ParsedKey {
  const key = utils.parseKey(text, passphrase ?? undefined);
  if (!(key instanceof Error)) {
    // an encrypted file may hold a list; we ask for one key
    const one = Array.isArray(key) ? (key[0] as ParsedKey | undefined) : key;
    return one?.isPrivateKey() ? one : fail('auth.keyUnsupported', { path, format: one?.type ?? 'unknown' });
  }
  const said = key.message;
  if (/no passphrase given/i.test(said)) return fail('auth.passphraseNeeded', { path });
  if (passphrase !== null && /integrity check failed|bad decrypt|bad passphrase|Malformed|decrypt/i.test(said)) {
    return fail('auth.passphraseWrong', { path }, { detail: said });
  }
  const type = /Unsupported .*?(?:type|cipher.*?|kdf name.*?|OID): ?(\S+)/.exec(said)?.[1];
  return fail('auth.keyUnsupported', { path, format: type ?? 'unknown' }, { detail: said });
}

/** ssh2 takes no PKCS#8: what is inside is written in the form it takes. */
function ofPkcs8(text: string, passphrase: string | null, path: string): string {
  if (text.includes('BEGIN ENCRYPTED') && passphrase === null) fail('auth.passphraseNeeded', { path });
  try {
    const key = createPrivateKey({ key: text, format: 'pem', ...(passphrase === null ? {} : { passphrase }) });
    switch (key.asymmetricKeyType) {
      case 'rsa':
        return key.export({ type: 'pkcs1', format: 'pem' }).toString();
      case 'ec':
        return key.export({ type: 'sec1', format: 'pem' }).toString();
      case 'ed25519':
        return opensshEd25519(key);
      default:
        return fail('auth.keyUnsupported', { path, format: key.asymmetricKeyType ?? 'unknown' });
    }
  } catch (thrown) {
    if (thrown instanceof ProblemError) throw thrown;
    const detail = String(thrown);
    if (text.includes('BEGIN ENCRYPTED')) return fail('auth.passphraseWrong', { path }, { detail });
    return fail('auth.keyUnsupported', { path, format: 'PKCS#8' }, { detail });
  }
}

/** An Ed25519 key in OpenSSH's own form, unencrypted (PROTOCOL.key of OpenSSH). */
export function opensshEd25519(key: KeyObject, comment = ''): string {
  const { d, x } = key.export({ format: 'jwk' });
  const seed = Buffer.from(d ?? '', 'base64url');
  const point = Buffer.from(x ?? '', 'base64url');
  const type = wireBytes('ssh-ed25519');
  const publicPart = Buffer.concat([type, wireBytes(point)]);
  const check = wireNumber(0x78656e66); // twice the same number: how a reader tells a right passphrase from a wrong one
  const secret = Buffer.concat([check, check, publicPart, wireBytes(Buffer.concat([seed, point])), wireBytes(comment)]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1));
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    wireBytes('none'),
    wireBytes('none'),
    wireBytes(''),
    wireNumber(1),
    wireBytes(publicPart),
    wireBytes(Buffer.concat([secret, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
