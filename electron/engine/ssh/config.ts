import SSHConfig from 'ssh-config';
import type { HostSuggestion } from '../../contract/host.ts';
import type { Desktop } from '../world.ts';
import { expandHome } from './credentials.ts';
import { readJump } from './jump.ts';

/** What a name means in an ssh_config, as far as we follow it. */
interface Meaning {
  hostname?: string;
  port?: string;
  user?: string;
  identityfile?: string | string[];
  proxyjump?: string;
  proxycommand?: string;
}

/** Directives that would run something, ask a name server, or read another file. */
const notFollowed = new Set(['match', 'canonicalizehostname', 'include']);

/** Reads the hosts an ssh_config names. `Match` is left out before anything is looked up, so that its `exec` is never run. */
export function readSshConfig(text: string, desktop: Pick<Desktop, 'home' | 'user'>): HostSuggestion[] {
  const whole = SSHConfig.parse(text);
  const ignored = new Set<string>();
  const safe = new SSHConfig();
  for (const line of whole) {
    if (line.type !== SSHConfig.DIRECTIVE) continue;
    if (notFollowed.has(line.param.toLowerCase())) {
      ignored.add(nameIgnored(line.param, line.value));
      continue;
    }
    if ('config' in line) {
      for (const inner of [...line.config]) {
        if (inner.type === SSHConfig.DIRECTIVE && notFollowed.has(inner.param.toLowerCase())) {
          ignored.add(nameIgnored(inner.param, inner.value));
          line.config.splice(line.config.indexOf(inner), 1);
        }
      }
    }
    safe.push(line);
  }
  const meaningOf = (name: string): Meaning => safe.compute(name, { ignoreCase: true, matchExec: false }) as Meaning; // keys as ssh_config(5) has them
  return namesIn(safe).map((name) => suggest(name, meaningOf, ignored, desktop));
}

function namesIn(config: SSHConfig): string[] {
  const names = new Set<string>();
  for (const line of config) {
    if (line.type !== SSHConfig.DIRECTIVE || line.param.toLowerCase() !== 'host') continue;
    for (const name of wordsOf(line.value)) if (!/[*?!]/.test(name)) names.add(name);
  }
  return [...names];
}

type Value = string | { val: string }[];
const wordsOf = (value: Value): string[] => (typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : value.map((one) => one.val));

/** `Match exec …` is named so, for people who wonder. */
const nameIgnored = (param: string, value: Value): string =>
  param.toLowerCase() === 'match' && wordsOf(value).some((word) => /^!?exec$/i.test(word)) ? 'Match exec' : param;

function suggest(
  name: string,
  meaningOf: (name: string) => Meaning,
  ignored: ReadonlySet<string>,
  desktop: Pick<Desktop, 'home' | 'user'>,
): HostSuggestion {
  const meaning = meaningOf(name);
  const address = fill(meaning.hostname ?? name, { h: name });
  const user = meaning.user ?? null;
  const [key] = [meaning.identityfile ?? []].flat();
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
