import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { askLine, plain, tableOf, widthOf } from './terminal.ts';

test('columns stand under each other, Japanese too', () => {
  expect(widthOf('受付 1')).toBe(6);
  expect(
    tableOf([
      ['名前', 'x'],
      ['web', '大阪'],
      ['受付係', 'y'],
    ]),
  ).toBe('名前    x\nweb     大阪\n受付係  y\n');
});

test('what a server says gives a terminal no orders', () => {
  expect(plain('a\u001b[2Jb\u009b1mc\r\n')).toBe('a\ufffd[2Jb\ufffd1mc\ufffd\n');
  expect(tableOf([['a\nb', 'c']])).toBe('a b  c\n');
});

test.each([true, false])('a line is typed, shown: %s', async (echo) => {
  const input = new PassThrough();
  const output = new PassThrough().setEncoding('utf8');
  let interrupts = 0;
  const ask = () => askLine('Password: ', echo, { input, output, interrupted: () => interrupts++ });
  const first = ask();
  input.write('gehx\u007feim\r');
  expect(await first).toBe('geheim');
  const shown = String(output.read());
  expect(shown.startsWith('Password: ')).toBe(true);
  expect(shown.includes('geh')).toBe(echo);
  const second = ask();
  input.write('half\u0003');
  expect([await second, interrupts]).toEqual([null, 1]);
  const third = ask();
  input.write('\u0004');
  expect([await third, interrupts]).toEqual([null, 1]);
});
