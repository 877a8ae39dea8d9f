import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWords } from '../../engine/ssh/quote.ts';
import { NotWords, readWords } from './words.ts';

test('what the engine quotes is read back as it was', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'grapheme' }).filter((one) => !/[\0\n]/.test(one)),
        { minLength: 1 },
      ),
      (words) => {
        expect(readWords(shellWords(words))).toEqual(words);
      },
    ),
  );
});

test('plain, single, double and backslash quoting are read as sh reads them', () => {
  const piece = fc.constantFrom(
    'a',
    'B9',
    '-n',
    "'x y'",
    '"x y"',
    '"a\\"b"',
    '"\\\\"',
    "\\'",
    '\\ ',
    ' ',
    '  ',
    '/',
    '=',
    "''",
    '""',
    '日本',
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
      const line = pieces.join('');
      const said = execFileSync('sh', ['-c', `set -- ${line}; for one; do printf '%s\\0' "$one"; done`]).toString();
      expect(readWords(line)).toEqual(said === '' ? [] : said.slice(0, -1).split('\0'));
    }),
    { numRuns: 40 },
  );
});

test('what a shell would act on is refused', () => {
  for (const line of ['xl list | cat', 'a; b', 'a $(b)', 'a `b`', 'a > b', 'a && b', '"$HOME"', "it's", 'a *', 'a\nb']) {
    expect(() => readWords(line)).toThrow(NotWords);
  }
});
