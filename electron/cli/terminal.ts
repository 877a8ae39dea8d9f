import { createInterface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';

/** The streams a command speaks on: answers go out, everything said on the way to them goes to the other. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Somebody sits there: questions can be asked. */
  asks: boolean;
  /** A line that somebody types; without `echo` it is not shown. null: they would not. One question at a time. */
  ask(question: string, echo: boolean): Promise<string | null>;
  /** All of standard input, once. */
  readAll(): Promise<string>;
  /** The next line of standard input; null at its end. */
  readLine(): Promise<string | null>;
}

export function processTerminal(interrupted: () => void): Terminal {
  const { stdin, stdout, stderr } = process;
  // `xenferry list | head`: the reader has what it wanted
  stdout.on('error', () => process.exit(0));
  let queue: Promise<unknown> = Promise.resolve();
  let input: Promise<string> | null = null;
  const readAll = () => {
    input ??= readStream();
    return input;
  };
  let lines: string[] | null = null;
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    asks: stdin.isTTY === true && stderr.isTTY === true,
    ask(question, echo) {
      const mine = queue.then(() => askLine(question, echo, { input: stdin, output: stderr, interrupted }));
      queue = mine;
      return mine;
    },
    readAll,
    async readLine() {
      lines ??= (await readAll()).split('\n').map((line) => line.replace(/\r$/, ''));
      const line = lines.shift();
      return line === undefined || (line === '' && lines.length === 0) ? null : line;
    },
  };
}

async function readStream(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

/** Asks on these streams for one line; null: they would not (Ctrl-D, Ctrl-C). */
export function askLine(
  question: string,
  echo: boolean,
  on: { input: Readable; output: Writable; interrupted(): void },
): Promise<string | null> {
  return new Promise((resolve) => {
    on.output.write(question);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const reader = createInterface({ input: on.input, output: echo ? on.output : nowhere, terminal: true });
    let answer: string | null = null;
    reader.once('line', (line) => {
      answer = line;
      reader.close();
    });
    reader.once('SIGINT', () => {
      reader.close();
      on.interrupted();
    });
    reader.once('close', () => {
      if (!echo || answer === null) on.output.write('\n');
      resolve(answer);
    });
  });
}

/** Text of others (names, what a server said) without what a terminal would obey. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

// East Asian wide and full-width forms stand on two columns.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/gu;
const none = /\p{Mn}/gu;

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  return [...text].length + (text.match(wide)?.length ?? 0) - (text.match(none)?.length ?? 0);
}

/** Rows under their heads, columns aligned. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map((cell) => plain(cell).replaceAll('\n', ' ')));
  const widths = (clean[0] ?? []).map((_cell, at) => Math.max(...clean.map((row) => widthOf(row[at] ?? ''))));
  const lineOf = (row: readonly string[]) => row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell))).join('  ');
  return clean.map((row) => `${lineOf(row).trimEnd()}\n`).join('');
}
