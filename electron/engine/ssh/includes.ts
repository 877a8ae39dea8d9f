import { isAbsolute, join, sep } from 'node:path';
import SSHConfig from 'ssh-config';
import type { Desktop } from '../world.ts';
import { expandHome } from './credentials.ts';

/** An ssh_config with all it includes, in ssh's order. What is inside `when` counts only for names that its patterns match. */
export type Part = { is: 'set'; param: string; value: string } | { is: 'when'; patterns: string[]; parts: Part[] };

/** ssh's own limit of files that include each other (READCONF_MAX_DEPTH). */
const DEEPEST = 16;
/** No operator has as many; files that include each other twice would be read 2^16 times. */
const MOST_FILES = 500;
/** Directives that would run something or ask a name server. */
const notFollowed = new Set(['match', 'canonicalizehostname']);

type Files = Pick<Desktop, 'home' | 'readFile' | 'listFolder'>;
interface Reading {
  desktop: Files;
  /** Directives that were left out, by name. */
  ignored: Set<string>;
  files: number;
}

/**
 * Follows every `Include` of a text. `Match` is left out before anything is looked up, with all that stands in it, so that its
 * `exec` is never run. A file that can't be read or understood is left out too, and named in `ignored`.
 */
export async function readParts(text: string, desktop: Files): Promise<{ parts: Part[]; ignored: ReadonlySet<string> }> {
  const reading: Reading = { desktop, ignored: new Set(), files: 0 };
  return { parts: await partsOf(SSHConfig.parse(text), 0, reading), ignored: reading.ignored };
}

async function partsOf(config: SSHConfig, depth: number, reading: Reading): Promise<Part[]> {
  const parts: Part[] = [];
  for (const line of config) {
    if (line.type !== SSHConfig.DIRECTIVE) continue;
    const param = line.param.toLowerCase();
    const words = wordsOf(line.value);
    if (notFollowed.has(param)) reading.ignored.add(nameIgnored(line.param, words));
    else if (param === 'include') for (const pattern of words) parts.push(...(await included(pattern, depth, reading)));
    else if ('config' in line) parts.push({ is: 'when', patterns: words, parts: await partsOf(line.config, depth, reading) });
    else parts.push({ is: 'set', param, value: typeof line.value === 'string' ? line.value : words.join(' ') });
  }
  return parts;
}

async function included(pattern: string, depth: number, reading: Reading): Promise<Part[]> {
  const { home } = reading.desktop;
  const own = expandHome(pattern, reading.desktop);
  const path = isAbsolute(own) ? own : join(home, '.ssh', own);
  if (/[%$]|^~(?![/\\])/.test(pattern)) reading.ignored.add('Include'); // tokens and environment are not known here
  const parts: Part[] = [];
  for (const file of await filesFor(path, reading.desktop)) {
    try {
      const text = await reading.desktop.readFile(file);
      if (text === null) continue; // as in ssh: what is not there is no mistake
      if (depth >= DEEPEST || ++reading.files > MOST_FILES) throw new Error('a circle');
      parts.push(...(await partsOf(SSHConfig.parse(text), depth + 1, reading)));
    } catch {
      reading.ignored.add('Include');
    }
  }
  return parts;
}

/** glob(7): `*`, `?` and `[…]` in each part of a path; names that begin with a dot only where the pattern does. In order of names. */
async function filesFor(path: string, desktop: Pick<Desktop, 'listFolder'>): Promise<string[]> {
  const steps = path.split(sep);
  let found = [steps.shift() + sep];
  for (const step of steps) {
    if (!/[*?[]/.test(step)) {
      found = found.map((folder) => join(folder, step));
      continue;
    }
    const wanted = patternOf(step);
    const lists = await Promise.all(
      found.map(async (folder) => (await desktop.listFolder(folder)).filter((name) => wanted.test(name)).map((name) => join(folder, name))),
    );
    found = lists.flat();
  }
  return found.sort();
}

function patternOf(step: string): RegExp {
  const spelled = step.replace(/\[([!^]?)([^\]]+)\]|[*?]|[^*?[]+|\[/g, (piece, not: string | undefined, inside: string | undefined) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (inside !== undefined) return `[${not ? '^' : ''}${inside.replace(/[\\\]^]/g, '\\$&')}]`;
    return piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  });
  return new RegExp(`^${step.startsWith('.') ? '' : '(?!\\.)'}${spelled}$`);
}

type Value = string | { val: string }[];
const wordsOf = (value: Value): string[] => (typeof value === 'string' ? [value] : value.map((one) => one.val));

/** `Match exec …` is named so, for people who wonder. */
const nameIgnored = (param: string, words: readonly string[]): string =>
  param.toLowerCase() === 'match' && words.some((word) => /^!?exec$/i.test(word)) ? 'Match exec' : param;
