import { join } from 'node:path';
import { type Problem, problem } from '../../contract/problem.ts';
import { algorithmsKnown, judgeKey, type KnownKey, knownLine, knownName, parseKnownHosts } from '../ssh/knownHosts.ts';
import { fingerprintOf, keyTypeOf } from '../ssh/wire.ts';
import type { World } from '../world.ts';

const OWN = 'known_hosts';

interface Address {
  address: string;
  port: number;
}

/** The host keys that are trusted: ours, and those of the operator's own ssh. Theirs is never written. */
export interface Trust {
  /** A look at the files, for one attempt to connect. */
  look(): Promise<Look>;
  /** From now on until the program ends, this key may be used at this address: the operator said so. */
  accept(at: Address, fingerprint: string): void;
  /** Writes it down, instead of any other for this address. */
  store(at: Address, key: Uint8Array): Promise<void>;
}

export interface Look {
  /** null: go on. Problems: `hostKey.unknown`, `hostKey.changed`, `hostKey.revoked`. */
  judge(at: Address, key: Uint8Array): Problem | null;
  algorithms(at: Address): string[];
}

export function createTrust(world: World): Trust {
  const accepted = new Set<string>();
  /** The file is read and written anew for each key: one after the other, or of two hosts added at once one would be forgotten. */
  let stored: Promise<void> = Promise.resolve();
  const own = async (): Promise<string> => (await world.files.read(OWN)) ?? '';
  const write = async ({ address, port }: Address, key: Uint8Array): Promise<void> => {
    const name = knownName(address, port);
    const line = knownLine(address, port, key);
    const before = await own();
    if (before.split('\n').includes(line.trim())) return;
    const kept = before.split('\n').filter((one) => one.trim() !== '' && !one.startsWith(`${name} `));
    await world.files.write(OWN, [...kept, line].join('\n'));
  };
  const theirs = async (path: string): Promise<KnownKey[]> => {
    try {
      return parseKnownHosts((await world.desktop.readFile(path)) ?? '', path);
    } catch {
      return []; // not ours to read: then it says nothing
    }
  };
  return {
    async look() {
      const lists = [
        parseKnownHosts(await own(), 'XenFerry'),
        await theirs(join(world.desktop.home, '.ssh', 'known_hosts')),
        await theirs('/etc/ssh/ssh_known_hosts'),
      ];
      return {
        algorithms: (at) => algorithmsKnown(lists, at),
        judge(at, key) {
          const { address, port } = at;
          const shown = fingerprintOf(key);
          const type = keyTypeOf(key);
          const trust = judgeKey(lists, at, key);
          if (trust.is === 'revoked') return problem('hostKey.revoked', { address, fingerprint: shown });
          if (trust.is === 'known' || accepted.has(`${knownName(address, port)} ${shown}`)) return null;
          if (trust.is === 'unknown') return problem('hostKey.unknown', { address, port, type, fingerprint: shown });
          return problem('hostKey.changed', { address, port, type, known: trust.known, shown, where: trust.where });
        },
      };
    },
    accept: ({ address, port }, fingerprint) => void accepted.add(`${knownName(address, port)} ${fingerprint}`),
    store(at, key) {
      const mine = stored.then(() => write(at, key));
      stored = mine.catch(() => {}); // whoever asked for it hears why
      return mine;
    },
  };
}
