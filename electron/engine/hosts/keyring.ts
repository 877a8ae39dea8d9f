import type { HostInput } from '../../contract/host.ts';
import type { Secrets } from '../world.ts';

/** Secrets of a host that are kept. */
export type SecretKind = 'password' | 'passphrase' | 'sudo';
export type HostSecrets = Partial<Record<SecretKind, string>>;

const kinds: readonly SecretKind[] = ['password', 'passphrase', 'sudo'];

/** What the operator typed that is secret. */
export function secretsOf(input: HostInput): HostSecrets {
  const { auth, sudoPassword } = input;
  return {
    ...(auth.by === 'password' && auth.password ? { password: auth.password } : {}),
    ...(auth.by === 'key' && auth.passphrase ? { passphrase: auth.passphrase } : {}),
    ...(sudoPassword ? { sudo: sudoPassword } : {}),
  };
}

/** The secrets of hosts: in the shell's keyring, or in memory for those that are not to be remembered. */
export interface Keyring {
  read(hostId: string): Promise<HostSecrets>;
  /** Problems: `secrets.unsafeStore`. */
  write(hostId: string, secrets: HostSecrets, how: { remember: boolean; insist: boolean }): Promise<void>;
  remove(hostId: string): Promise<void>;
}

export function createKeyring(secrets: Secrets): Keyring {
  const memory = new Map<string, HostSecrets>();
  const nameOf = (hostId: string, kind: SecretKind) => `host.${hostId}.${kind}`;
  const forget = async (hostId: string) => {
    for (const kind of kinds) await secrets.remove(nameOf(hostId, kind));
  };
  return {
    async read(hostId) {
      const found: HostSecrets = {};
      for (const kind of kinds) {
        const secret = await secrets.read(nameOf(hostId, kind));
        if (secret !== null) found[kind] = secret;
      }
      return { ...found, ...memory.get(hostId) };
    },
    async write(hostId, given, { remember, insist }) {
      if (!remember) {
        memory.set(hostId, given);
        return await forget(hostId);
      }
      for (const kind of kinds) {
        const secret = given[kind];
        if (secret !== undefined) await secrets.write(nameOf(hostId, kind), secret, insist);
        else await secrets.remove(nameOf(hostId, kind));
      }
      memory.delete(hostId);
    },
    async remove(hostId) {
      memory.delete(hostId);
      await forget(hostId);
    },
  };
}
