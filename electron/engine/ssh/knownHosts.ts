import { createHmac } from 'node:crypto';
import { fingerprintOf, keyTypeOf } from './wire.ts';

/** One line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export interface KnownKey {
  marker: 'revoked' | 'cert-authority' | null;
  /** Names and patterns with commas, or a hash of one name. */
  names: string;
  type: string;
  key: Buffer;
  /** File and line, for people. */
  where: string;
}

/** What a key is to us. */
export type Trust =
  | { is: 'known' }
  | { is: 'unknown' }
  | { is: 'changed'; known: string[]; where: string }
  /** A line says never to trust this key. */
  | { is: 'revoked' };

/** Reads a known_hosts file; lines that are not understood are passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownKey[] {
  return text.split('\n').flatMap((line, at) => {
    const words = line.trim().split(/[ \t]+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : null;
    const [names, type, base64] = words;
    if (!names || names.startsWith('#') || !type || !base64) return [];
    if (marker && marker !== '@revoked' && marker !== '@cert-authority') return [];
    const key = Buffer.from(base64, 'base64');
    if (keyTypeOf(key) !== type) return [];
    const found: KnownKey = {
      marker: marker === '@revoked' ? 'revoked' : marker ? 'cert-authority' : null,
      names,
      type,
      key,
      where: `${file}:${at + 1}`,
    };
    return [found];
  });
}

/** How a host is called in a known_hosts file. */
export const knownName = (address: string, port: number): string =>
  port === 22 ? address.toLowerCase() : `[${address.toLowerCase()}]:${port}`;

/** A line of our own making. */
export const knownLine = (address: string, port: number, key: Uint8Array): string =>
  `${knownName(address, port)} ${keyTypeOf(key)} ${Buffer.from(key).toString('base64')}\n`;

/** Whether a line speaks of this name. */
export function namesHost(names: string, name: string): boolean {
  if (names.startsWith('|')) {
    const [, kind, salt, hash] = names.split('|');
    if (kind !== '1' || !salt || !hash) return false;
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  let found = false;
  for (const pattern of names.toLowerCase().split(',')) {
    const not = pattern.startsWith('!');
    if (!fits(not ? pattern.slice(1) : pattern, name)) continue;
    if (not) return false;
    found = true;
  }
  return found;
}

/** `*` and `?` are the only special characters; brackets stand for themselves. */
function fits(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

/**
 * Judges the key a host shows. `lists`: our own file first, then the operator's; the first that knows the host decides,
 * but a revoked key is revoked wherever it says so. A key of a kind not seen before counts as changed: the known kinds
 * are asked for first, so the host would have had to lose them.
 */
export function judgeKey(lists: readonly (readonly KnownKey[])[], at: { address: string; port: number }, key: Uint8Array): Trust {
  const name = knownName(at.address, at.port);
  const same = (one: KnownKey) => one.key.equals(Buffer.from(key));
  const plain = at.address.toLowerCase();
  const concerns = (one: KnownKey) => namesHost(one.names, name) || namesHost(one.names, plain);
  if (lists.some((list) => list.some((one) => one.marker === 'revoked' && same(one) && concerns(one)))) return { is: 'revoked' };
  for (const list of lists) {
    const keys = list.filter((one) => one.marker === null && namesHost(one.names, name));
    if (keys.some(same)) return { is: 'known' };
    const [first] = keys;
    if (first) return { is: 'changed', known: keys.map((one) => fingerprintOf(one.key)), where: first.where };
  }
  // as ssh does: on another port, a line without port may vouch for the key, but not against it
  const vouched = lists.some((list) => list.some((one) => one.marker === null && namesHost(one.names, plain) && same(one)));
  return vouched ? { is: 'known' } : { is: 'unknown' };
}

/** Signature algorithms to ask for first, from the kinds of key that are known of a host. */
export function algorithmsKnown(lists: readonly (readonly KnownKey[])[], at: { address: string; port: number }): string[] {
  const name = knownName(at.address, at.port);
  const list = lists.find((keys) => keys.some((one) => one.marker === null && namesHost(one.names, name))) ?? [];
  const types = new Set(list.filter((one) => one.marker === null && namesHost(one.names, name)).map((one) => one.type));
  return [...types].flatMap((type) => ALGORITHMS[type] ?? []);
}

/** Those ssh2 has on every crypto library it runs on. */
const ALGORITHMS: Record<string, string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
};
