import { fail } from '../../contract/problem.ts';

declare const quoted: unique symbol;
/** A line that is safe to hand to a POSIX shell. Only this file makes one. */
export type ShellLine = string & { readonly [quoted]: true };

/** A word that no POSIX shell reads anything into; `=`, `~` and `!` are left to the quotes. */
const PLAIN = /^[A-Za-z0-9_/.:@%+,-]+$/;

/**
 * Makes a shell line of a list of words: the one quoting function. NUL and newline are refused (`command.quoting`);
 * what has several lines travels on standard input, or is the text of a program of ours (`programWords`).
 */
export function shellWords(argv: readonly string[]): ShellLine {
  return argv.map((word) => quoteWord(word, false)).join(' ') as ShellLine; // made of quoted words only
}

/** The line that runs a program: `sh -c TEXT NAME ARG…`, with `before` in front (sudo). Only TEXT may have several lines. */
export function programWords(program: { name: string; text: string }, args: readonly string[], before: readonly string[] = []): ShellLine {
  const head = [...before, 'sh', '-c'].map((word) => quoteWord(word, false));
  const tail = [program.name, ...args].map((word) => quoteWord(word, false));
  return [...head, quoteWord(program.text, true), ...tail].join(' ') as ShellLine; // made of quoted words only
}

function quoteWord(word: string, severalLines: boolean): string {
  if (word.includes('\0') || (!severalLines && word.includes('\n'))) fail('command.quoting', { text: word.slice(0, 200) });
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
