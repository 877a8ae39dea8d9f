import { createHash } from 'node:crypto';

/** A string of the SSH protocol: its length, then its bytes (RFC 4251, section 5). */
export function wireBytes(what: string | Uint8Array): Buffer {
  const bytes = typeof what === 'string' ? Buffer.from(what, 'utf8') : Buffer.from(what);
  return Buffer.concat([wireNumber(bytes.length), bytes]);
}

/** A uint32 of the SSH protocol. */
export function wireNumber(what: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(what);
  return bytes;
}

/** Reads what was written so, from the beginning. Each answers null where the bytes don't have it (any more). */
export function wireReader(bytes: Uint8Array) {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  const number = (): number | null => {
    if (all.length - at < 4) return null;
    at += 4;
    return all.readUInt32BE(at - 4);
  };
  return {
    number,
    byte: (): number | null => all[at++] ?? null,
    bytes(): Buffer | null {
      const length = number();
      if (length === null || all.length - at < length) return null;
      at += length;
      return all.subarray(at - length, at);
    },
    isAtEnd: () => at === all.length,
  };
}

/** The first string of a key in wire format is its type. */
export function keyTypeOf(key: Uint8Array): string {
  const bytes = Buffer.from(key);
  if (bytes.length < 4) return '';
  return bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1');
}

/** A key's fingerprint as OpenSSH shows it: SHA256:…. */
export const fingerprintOf = (key: Uint8Array): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
