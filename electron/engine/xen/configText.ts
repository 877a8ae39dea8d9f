import { fail } from '../../contract/problem.ts';

/** A value in a guest's config file, as xl.cfg(5) has them. A number is kept as its text: `0x10` stays `0x10`. */
export type ConfigValue = { is: 'text'; text: string } | { is: 'number'; text: string } | { is: 'list'; items: ConfigValue[] };

/** One `name = value` of a config. Offsets are of the value in the text. */
export interface Setting {
  name: string;
  adds: boolean;
  value: ConfigValue;
  line: number;
  from: number;
  to: number;
}

type Token =
  | { is: 'name' | 'number' | 'string'; text: string; from: number; to: number; line: number }
  | { is: '=' | '+=' | '[' | ']' | ',' | 'end'; from: number; to: number; line: number };

/*
 * The grammar is that of libxlu_cfg_l.l and _y.y, tried against the real `xl create -n`:
 * names are lower case; a value stands on the line of its name; a statement ends with a newline, `;` or the file;
 * a list may span lines and end in a comma; \" \' \\ and \a…\v are escapes, numeric ones are broken in xl; a CR is an error.
 */
const tokens: readonly [Token['is'] | 'space', RegExp][] = [
  ['space', /(?:[ \t]+|#[^\n]*)/y],
  ['end', /[\n;]/y],
  ['name', /[a-z_][a-z0-9_]*/y],
  ['number', /0x[0-9a-fA-F]+|[0-9]+/y],
  ['string', /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/y],
  ['+=', /\+=/y],
  ['=', /=/y],
  ['[', /\[/y],
  [']', /\]/y],
  [',', /,/y],
];

const escapes: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '"': '"', "'": "'", '\\': '\\' };

/** Reads a config as xl does. `file` is named in the problem: `config.unreadable` with the line. */
export function readSettings(text: string, file: string): Setting[] {
  const list = tokenize(text, file);
  const settings: Setting[] = [];
  let at = 0;
  const next = (): Token => list[at++] ?? { is: 'end', from: text.length, to: text.length, line: lineAt(text, text.length) };
  const refuse = (token: Token): never => unreadable(text, file, token.from);
  const skipEnds = (): Token => {
    let token = next();
    while (token.is === 'end' && token.from < text.length) token = next();
    return token;
  };
  const value = (token: Token): { value: ConfigValue; to: number } => {
    if (token.is === 'number') return { value: { is: 'number', text: token.text }, to: token.to };
    if (token.is === 'string') return { value: { is: 'text', text: unquote(token.text, () => refuse(token)) }, to: token.to };
    if (token.is !== '[') return refuse(token);
    const items: ConfigValue[] = [];
    for (let one = skipEnds(); ; one = skipEnds()) {
      if (one.is === ']') return { value: { is: 'list', items }, to: one.to };
      items.push(value(one).value);
      const after = skipEnds();
      if (after.is === ']') return { value: { is: 'list', items }, to: after.to };
      if (after.is !== ',') refuse(after);
    }
  };
  while (at < list.length) {
    const token = next();
    if (token.is === 'end') continue;
    if (token.is !== 'name') return refuse(token);
    const operator = next();
    if (operator.is !== '=' && operator.is !== '+=') return refuse(operator);
    const first = next();
    const read = value(first);
    settings.push({ name: token.text, adds: operator.is === '+=', value: read.value, line: token.line, from: first.from, to: read.to });
    const end = next();
    if (end.is !== 'end') refuse(end);
  }
  return settings;
}

/** The values by name: the last one counts, `+=` adds to what stood before. */
export function valuesOf(settings: readonly Setting[]): Map<string, ConfigValue> {
  const values = new Map<string, ConfigValue>();
  for (const { name, adds, value } of settings) {
    const before = adds ? values.get(name) : undefined;
    values.set(name, before ? joined(before, value) : value);
  }
  return values;
}

function joined(before: ConfigValue, added: ConfigValue): ConfigValue {
  if (before.is === 'list') return { is: 'list', items: [...before.items, ...(added.is === 'list' ? added.items : [added])] };
  return { is: 'text', text: before.text + (added.is === 'list' ? '' : added.text) };
}

/** Writes one value. Problem: `command.quoting` for what no config can carry (NUL and other controls). */
export function writeValue(value: ConfigValue): string {
  switch (value.is) {
    case 'number':
      return value.text;
    case 'text':
      return quote(value.text);
    case 'list':
      return `[ ${value.items.map(writeValue).join(', ')} ]`.replace('[  ]', '[ ]');
  }
}

const written: Record<string, string> = Object.fromEntries(Object.entries(escapes).map(([letter, meant]) => [meant, `\\${letter}`]));

function quote(text: string): string {
  const inside = [...text].map((letter) => (letter === "'" ? letter : (written[letter] ?? letter))).join('');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\x00-\x1f\x7f]/.test(inside)) fail('command.quoting', { text });
  return `"${inside}"`;
}

function tokenize(text: string, file: string): Token[] {
  const list: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const found = tokens.find(([, shape]) => {
      shape.lastIndex = at;
      return shape.test(text);
    });
    if (!found) return unreadable(text, file, at);
    const [is, shape] = found;
    const to = shape.lastIndex;
    if (is === 'name' || is === 'number' || is === 'string') list.push({ is, text: text.slice(at, to), from: at, to, line });
    else if (is !== 'space') list.push({ is, from: at, to, line });
    if (text[at] === '\n') line++;
    at = to;
  }
  return list;
}

function unquote(quoted: string, refuse: () => never): string {
  return quoted.slice(1, -1).replace(/\\([^\n])/g, (_all, letter: string) => escapes[letter] ?? refuse());
}

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

function unreadable(text: string, file: string, at: number): never {
  const line = lineAt(text, at);
  return fail('config.unreadable', { file, line, sample: (text.split('\n')[line - 1] ?? '').slice(0, 200) });
}
