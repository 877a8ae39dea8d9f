import { glob } from 'ssh-config';
import type { HostSuggestion } from '../../contract/host.ts';
import type { Desktop } from '../world.ts';
import { expandHome } from './credentials.ts';
import { type Part, readParts } from './includes.ts';
import { readJump } from './jump.ts';

/** What a name means in an ssh_config, as far as we follow it: the first value of each directive. */
type Meaning = Partial<Record<'hostname' | 'port' | 'user' | 'identityfile' | 'proxyjump' | 'proxycommand', string>>;

/** Reads the hosts an ssh_config and the files it includes name. Nothing of it is run. */
export async function readSshConfig(
  text: string,
  desktop: Pick<Desktop, 'home' | 'user' | 'readFile' | 'listFolder'>,
): Promise<HostSuggestion[]> {
  const { parts, ignored } = await readParts(text, desktop);
  const meaningOf = (name: string): Meaning => meaningIn(parts, name);
  return [...new Set(namesIn(parts))].map((name) => suggest(name, meaningOf, ignored, desktop));
}

/** The names that stand there; those of a file included under a `Host` only if that matches them too. */
function namesIn(parts: readonly Part[]): string[] {
  return parts.flatMap((part) => {
    if (part.is === 'set') return [];
    const own = part.patterns.filter((name) => !/[*?!]/.test(name) && glob(part.patterns, name));
    return [...own, ...namesIn(part.parts).filter((name) => glob(part.patterns, name))];
  });
}

function meaningIn(parts: readonly Part[], name: string): Meaning {
  const meaning: Record<string, string> = {};
  for (const part of parts) {
    if (part.is === 'set') meaning[part.param] ??= part.value;
    else if (glob(part.patterns, name)) Object.assign(meaning, { ...meaningIn(part.parts, name), ...meaning });
  }
  return meaning;
}

function suggest(
  name: string,
  meaningOf: (name: string) => Meaning,
  ignored: ReadonlySet<string>,
  desktop: Pick<Desktop, 'home' | 'user'>,
): HostSuggestion {
  const meaning = meaningOf(name);
  const address = fill(meaning.hostname ?? name, { h: name });
  const user = meaning.user ?? null;
  const key = meaning.identityfile;
  const jump = jumpOf(meaning.proxyjump, meaningOf, 5);
  const own = new Set(ignored);
  if (meaning.proxycommand && meaning.proxycommand.toLowerCase() !== 'none') own.add('ProxyCommand');
  if (meaning.proxyjump && jump === null && meaning.proxyjump.toLowerCase() !== 'none') own.add('ProxyJump');
  const tokens = { h: address, r: user ?? desktop.user, u: desktop.user, d: desktop.home, p: meaning.port ?? '22' };
  return {
    name,
    address,
    port: Number(meaning.port) || 22,
    user,
    keyPath: key && key.toLowerCase() !== 'none' ? expandHome(fill(key, tokens), desktop) : null,
    jump,
    ignored: [...own],
  };
}

/** Each host on the way, its own names and ways looked up too. `depth` ends a circle. */
function jumpOf(text: string | undefined, meaningOf: (name: string) => Meaning, depth: number): string | null {
  if (!text || text.toLowerCase() === 'none' || depth === 0) return null;
  const hops = readJump(text);
  if (!hops) return null;
  const spelled = hops.map((hop, at) => {
    const meaning = meaningOf(hop.address);
    const address = fill(meaning.hostname ?? hop.address, { h: hop.address });
    const port = hop.port === 22 ? Number(meaning.port) || 22 : hop.port;
    const user = hop.user ?? meaning.user;
    const before = at === 0 ? jumpOf(meaning.proxyjump, meaningOf, depth - 1) : null;
    const shown = address.includes(':') ? `[${address}]` : address;
    return `${before ? `${before},` : ''}${user ? `${user}@` : ''}${shown}:${port}`;
  });
  return spelled.join(',');
}

/** ssh_config(5), TOKENS. */
const fill = (text: string, tokens: Record<string, string>): string =>
  text.replace(/%(.)/g, (whole, letter: string) => (letter === '%' ? '%' : (tokens[letter] ?? whole)));
