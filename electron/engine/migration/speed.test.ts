import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MadeUpHost, madeUpHost, shells } from '../remote/programTest.ts';
import { linesOf } from '../remote/said.ts';
import { speedProgram } from './speed.ts';

describe.each(shells.map((words) => ({ name: words.join(' '), words })))('move-speed under $name', ({ words }) => {
  let host: MadeUpHost;
  beforeEach(() => {
    host = madeUpHost();
  });
  afterEach(() => host.remove());
  const run = (args: string[], stdin = '') => host.run(words, speedProgram, { args, stdin });

  it('gives exactly what was asked for, in one line, never the same', async () => {
    const [one, other] = [await run(['out', '100000']), await run(['out', '100000'])];
    const bytesOf = (lines: string[]) => Buffer.from((lines[0] ?? '').slice('bytes '.length), 'base64');
    const [first, second] = [bytesOf(linesOf('move-speed', one)), bytesOf(linesOf('move-speed', other))];
    expect([first.length, second.length]).toEqual([100_000, 100_000]);
    expect(first.equals(second)).toBe(false);
    expect(linesOf('move-speed', await run(['out', '0']))).toEqual(['bytes ']);
  });
  it('takes what comes to its end', async () => {
    expect(linesOf('move-speed', await run(['in'], 'x'.repeat(300_000)))).toEqual([]);
  });
  it('knows nothing else', async () => {
    expect((await run(['both'])).stdout).toBe('failed input\n');
  });
});
