import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineSplitter } from './lines.ts';

test('however bytes arrive, the same whole lines come out, and a cut last line never', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 8 }), fc.array(fc.nat(200)), (texts, cuts) => {
      const lines = texts.map((text) => text.replaceAll('\n', ' '));
      const bytes = Buffer.from([...lines, 'half a li'].join('\n'));
      const heard: string[] = [];
      const take = lineSplitter((line) => heard.push(line));
      const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
      edges.slice(1).forEach((edge, at) => void take(bytes.subarray(edges[at], edge)));
      expect(heard).toEqual(lines);
    }),
  );
});

test('a line without end does not fill the memory, and what follows it is heard', () => {
  const heard: string[] = [];
  const take = lineSplitter((line) => heard.push(line.slice(0, 10)));
  for (let at = 0; at < 20; at++) take(Buffer.alloc(1024 * 1024, 'x'));
  take(Buffer.from('\nnext\n'));
  expect(heard).toEqual(['next']);
});
