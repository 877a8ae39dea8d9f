import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problem.ts';
import { programWords, shellWords } from './quote.ts';

const word = fc.string({ unit: 'binary', maxLength: 300 }).filter((text) => !/[\0\n\p{Surrogate}]/u.test(text));
const nasty = fc.constantFrom(
  '$(touch /tmp/x)',
  '`id`',
  "a'b",
  '"',
  '\\',
  '*',
  '~',
  '!x',
  '-n',
  'A=b',
  ';',
  '&',
  '',
  ' ',
  '日本語',
  '\t',
  '#',
);
const shells: { shell: [string, ...string[]] }[] = [{ shell: ['dash'] }, { shell: ['busybox', 'sh'] }];

/** What a real shell makes of the line: its words, NUL-separated. */
function readBack([shell, ...first]: readonly [string, ...string[]], line: string): string[] {
  const out = execFileSync(shell, [...first, '-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}

describe.each(shells)('$shell', ({ shell }) => {
  test('reads every word back as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(word, nasty), { minLength: 1, maxLength: 6 }), (argv) => {
        expect(readBack(shell, shellWords(argv))).toEqual(argv);
      }),
      { numRuns: 60 },
    );
  });

  test('runs a program with its name and arguments', () => {
    const line = programWords({ name: 'hello', text: 'printf "%s\\0" "$0" "$@"\n# it\'s a comment\n' }, ['a b', "c'd", '$HOME']);
    const [name, ...rest] = shell;
    const out = execFileSync(name, [...rest, '-c', line], { encoding: 'utf8' });
    expect(out.split('\0').slice(0, -1)).toEqual(['hello', 'a b', "c'd", '$HOME']);
  });
});

test.each(['a\nb', 'a\r\nb', 'a\0b'])('refuses %j', (text) => {
  const why = new ProblemError({ code: 'command.quoting', effect: 'none', text });
  expect(() => shellWords(['echo', text])).toThrow(why);
  expect(() => programWords({ name: 'p', text: 'true\n' }, [text])).toThrow(why);
});

test('refuses NUL in the text of a program', () => {
  expect(() => programWords({ name: 'p', text: 'true\0' }, [])).toThrow(ProblemError);
});
