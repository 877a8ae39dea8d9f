import ssh2, { type ParsedKey } from 'ssh2';

export interface KeyPair {
  public: string;
  private: string;
  parsed: ParsedKey;
}

/**
 * A new ed25519 pair. One in 256 that ssh2 1.17 makes it can't read itself ("Malformed OpenSSH public key": a byte is lost):
 * of 200 servers every second run would have one, so such a pair is thrown away.
 */
export function newKeyPair(): KeyPair {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519');
    const parsed = ssh2.utils.parseKey(key.public);
    if (parsed instanceof Error || ssh2.utils.parseKey(key.private) instanceof Error) continue;
    return { public: key.public, private: key.private, parsed };
  }
}
