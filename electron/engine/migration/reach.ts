import reachText from '../remote/programs/move-reach.sh?raw';
import serverText from '../remote/programs/move-server.sh?raw';
import type { Remote } from '../remote/remote.ts';
import { linesOf, unreadable } from '../remote/said.ts';

/** How one host reaches another one's sshd. The desktop's address for it is one guess among several. */

export const reachPrograms = {
  server: { name: 'move-server', text: serverText },
  reach: { name: 'move-reach', text: reachText },
} as const;

/** What a host says of its own sshd. */
export interface SshServer {
  ports: number[];
  /** PermitRootLogin. */
  permitRoot: string;
  /** root's authorized_keys; null: keys in files are switched off. */
  keysFile: string | null;
  hostKeys: { type: string; blob: string }[];
  addresses: string[];
}

/** Where the source reaches the target, and from which of its own addresses. */
export interface Way {
  address: string;
  port: number;
  from: string | null;
}

/** Asks a host about its sshd. */
export async function readServer(remote: Remote): Promise<SshServer> {
  return parseServer(linesOf('move-server', await remote.program(reachPrograms.server, [])));
}

/** The answer of move-server. */
export function parseServer(lines: readonly string[]): SshServer {
  const server: SshServer = { ports: [], permitRoot: 'unknown', keysFile: null, hostKeys: [], addresses: [] };
  for (const line of lines) {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'port' && /^\d+$/.test(first)) server.ports.push(Number(first));
    else if (word === 'permit') server.permitRoot = first;
    else if (word === 'keys') server.keysFile = first === 'none' ? null : line.slice('keys '.length);
    else if (word === 'key' && second) server.hostKeys.push({ type: first, blob: second });
    else if (word === 'address' && first) server.addresses.push(first);
    else throw unreadable('move-server', line);
  }
  return server;
}

/**
 * The ways from the source to the target that answer with one of the target's own keys, best first.
 * `desktop`: where the desktop reaches it, with that port; the others use the port its sshd listens on.
 */
export async function waysTo(
  source: Remote,
  server: SshServer,
  desktop: { address: string; port: number },
  seconds: number,
): Promise<{ ways: Way[]; tried: string[] }> {
  const type = preferredType(server);
  const byPort = candidates(server, desktop);
  const tried = [...byPort].flatMap(([port, addresses]) => addresses.map((one) => (port === 22 ? one : `${one}:${port}`)));
  if (!type) return { ways: [], tried };
  const found = await Promise.all(
    [...byPort].map(async ([port, addresses]) => {
      const ran = await source.program(reachPrograms.reach, [String(seconds), type, String(port), ...addresses]);
      return parseReach(linesOf('move-reach', ran), server, port);
    }),
  );
  return { ways: found.flat(), tried };
}

/** The answer of move-reach: only what shows one of the target's own keys counts. */
export function parseReach(lines: readonly string[], server: SshServer, port: number): Way[] {
  const blobs = new Set(server.hostKeys.map((key) => key.blob));
  const sources = new Map(lines.flatMap((line) => pairOf(line, 'from')));
  return lines
    .flatMap((line) => {
      const [word, address = '', , blob = ''] = line.split(' ');
      return word === 'at' && blobs.has(blob) ? [{ address, port, from: sources.get(address) ?? null }] : [];
    })
    .filter((way, at, all) => all.findIndex((other) => other.address === way.address) === at);
}

function pairOf(line: string, wanted: string): [string, string][] {
  const [word, key = '', value = ''] = line.split(' ');
  return word === wanted ? [[key, value]] : [];
}

/** Addresses to try, by port: the target's own with its sshd's ports, and the desktop's. Loopback leads nowhere. */
function candidates(server: SshServer, desktop: { address: string; port: number }): Map<number, string[]> {
  const byPort = new Map<number, string[]>();
  const add = (port: number, address: string) => {
    const list = byPort.get(port) ?? [];
    if (!list.includes(address)) byPort.set(port, [...list, address]);
  };
  const own = server.addresses.filter((address) => !/^(127\.|::1$|fe80:)/i.test(address));
  const ipv4First = [...own.filter((one) => !one.includes(':')), ...own.filter((one) => one.includes(':'))];
  for (const port of server.ports.length > 0 ? server.ports : [22]) for (const address of ipv4First) add(port, address);
  if (!/^(127\.|::1$|localhost$)/i.test(desktop.address)) add(desktop.port, desktop.address);
  return byPort;
}

/** One kind of key is enough to recognise the host; the quickest to check first. */
export function preferredType(server: SshServer): string | null {
  const types = ['ed25519', 'ecdsa', 'rsa'] as const;
  return types.find((type) => server.hostKeys.some((key) => key.type.includes(type))) ?? null;
}

/** The pinned keys as a known_hosts file, for `HostKeyAlias=xenferry-target`. */
export function knownHostsOf(server: SshServer): string {
  return server.hostKeys.map((key) => `xenferry-target ${key.type} ${key.blob}\n`).join('');
}
