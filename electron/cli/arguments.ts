import { parseArgs } from 'node:util';
import { type CommandName, commands, everywhere } from './commands.ts';
import { refuse } from './refusal.ts';

/** A command line as it was read. Whether its values fit is the engine's to say. */
export interface Asked {
  command: CommandName | 'help';
  /** Its own words: GUEST, HOST … */
  words: string[];
  flags: ReadonlySet<string>;
  values: ReadonlyMap<string, string[]>;
  /** NAME of `--yes-NAME`. */
  yes: string | null;
}

const isCommand = (word: string): word is CommandName => Object.hasOwn(commands, word);

/** Reads a command line. Throws a Refusal. */
export function readArguments(line: readonly string[]): Asked {
  const { rest, yes } = takeYes(line);
  const named = commandIn(rest);
  const known: Record<string, 'flag' | 'value' | 'values'> = { ...everywhere, ...(named ? commands[named].options : {}) };
  const options = Object.fromEntries(
    Object.entries(known).map(([name, kind]) => [
      name,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), ...shortOf(name) },
    ]),
  );
  const { tokens } = parseArgs({ args: rest, options, strict: false, allowPositionals: true, tokens: true });
  const words: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const kind = known[token.name];
    if (!kind)
      return refuse(named || words.length === 0 ? 'unknownOption' : 'unknownCommand', { option: token.rawName, word: words[0] ?? '' });
    if (kind === 'flag' && token.value !== undefined) refuse('valueUnwanted', { option: token.rawName });
    if (kind === 'flag') flags.add(token.name);
    else if (token.value === undefined || token.value === '') refuse('valueMissing', { option: token.rawName });
    else values.set(token.name, kind === 'values' ? [...(values.get(token.name) ?? []), token.value] : [token.value]);
  }
  const command = words.shift();
  const asked = { words, flags, values, yes };
  if (command === undefined || command === 'help' || flags.has('help'))
    return { ...asked, command: 'help', words: named ? [named] : words };
  if (!isCommand(command)) return refuse('unknownCommand', { word: command });
  countWords(command, words);
  return { ...asked, command };
}

/** `--yes-NAME` holds somebody's name, so it is no option of a fixed list. After `--` nothing is an option. */
function takeYes(line: readonly string[]): { rest: string[]; yes: string | null } {
  const end = line.includes('--') ? line.indexOf('--') : line.length;
  const said = line.slice(0, end).filter((word) => word.startsWith('--yes-'));
  const rest = line.filter((word, at) => at >= end || !word.startsWith('--yes-'));
  return { rest, yes: said.at(-1)?.slice('--yes-'.length) ?? null };
}

/** The command that is meant: options before it are those of every command. */
function commandIn(words: readonly string[]): CommandName | null {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--data' || word === '--wait') at += 1;
    else if (!word.startsWith('-') && word !== 'help') return isCommand(word) ? word : null;
  }
  return null;
}

function shortOf(name: string): { short?: string } {
  if (name === 'help') return { short: 'h' };
  return name === 'acpi' ? { short: 'F' } : {}; // xl shutdown -F
}

function countWords(command: CommandName, words: readonly string[]): void {
  const { takes }: { takes: readonly string[] } = commands[command];
  const missing = takes[words.length];
  if (missing && !missing.startsWith('[')) refuse('wordMissing', { command, word: missing });
  const spare = words[takes.length];
  if (spare !== undefined) refuse('wordsTooMany', { command, word: spare });
}

export const textOf = ({ values }: Pick<Asked, 'values'>, name: string): string | undefined => values.get(name)?.[0];

/** A whole number of an option; undefined where it was not said. */
export function numberOf(asked: Pick<Asked, 'values'>, name: string): number | undefined {
  const text = textOf(asked, name);
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : refuse('notANumber', { option: `--${name}`, value: text });
}

const unitsMiB: Record<string, number> = { '': 1, M: 1, G: 1024, T: 1024 * 1024 };

/** A size in MiB: `2048`, `2G`, `1.5T`. */
export function mebibytesOf(asked: Pick<Asked, 'values'>, name: string): number | undefined {
  const text = textOf(asked, name);
  if (text === undefined) return undefined;
  const found = /^(\d{1,9}(?:\.\d{1,3})?) ?([MGT]?)(?:iB)?$/i.exec(text);
  const unit = unitsMiB[found?.[2]?.toUpperCase() ?? ''];
  if (!found || unit === undefined) return refuse('notASize', { option: `--${name}`, value: text });
  return Math.round(Number(found[1]) * unit);
}

/** A time, ms since 1970: `2026-05-09T02:00` (of this computer's clock), or with its own zone (`Z`, `+09:00`). */
export function timeOf(asked: Pick<Asked, 'values'>, name: string): number | undefined {
  const text = textOf(asked, name);
  if (text === undefined) return undefined;
  const at = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(at) ? at : refuse('notATime', { option: `--${name}`, value: text });
}

/** One of a few words. */
export function choiceOf<W extends string>(asked: Pick<Asked, 'values'>, name: string, words: readonly W[]): W | undefined {
  const text = textOf(asked, name);
  if (text === undefined) return undefined;
  return words.find((one) => one === text) ?? refuse('notOneOf', { option: `--${name}`, value: text, words: words.join(', ') });
}

/** What was said of disks, `VDEV=…` each: by vdev. Only of these disks. */
export function ofDisks(asked: Pick<Asked, 'values'>, name: string, vdevs: readonly string[]): Map<string, string> {
  const option = `--${name}`;
  return new Map(
    (asked.values.get(name) ?? []).map((text) => {
      const [, vdev = '', value = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (value === '') return refuse('notOfADisk', { option, value: text });
      if (!vdevs.includes(vdev)) return refuse('notOneOf', { option, value: vdev, words: vdevs.join(', ') });
      return [vdev, value] as const;
    }),
  );
}

/** At most one of these was said: its name. */
export function onlyOneOf({ values, flags }: Pick<Asked, 'values' | 'flags'>, names: readonly string[]): string | undefined {
  const [first, second] = names.filter((name) => values.has(name) || flags.has(name));
  if (first !== undefined && second !== undefined) refuse('optionsApart', { one: `--${first}`, other: `--${second}` });
  return first;
}
