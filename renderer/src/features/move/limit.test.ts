import { expect, test } from 'vitest';
import { limitOf, noLimit } from './limit.ts';

const MIB = 1024 * 1024;

test('a share is of the line: what is left to others is not used', () => {
  const leaves = (share: string, mib: number | null) => limitOf({ ...noLimit, by: 'share', share }, mib === null ? null : mib * MIB);
  expect(leaves('60', 110)).toBe(44);
  expect(leaves('99', 20)).toBe(1); // never none at all
  expect(leaves('', 110)).toBeNull();
  for (const text of ['0', '100', '60%', '-5', '6.5']) expect([text, leaves(text, 110)]).toEqual([text, 'bad']);
  expect(leaves('60', null)).toBe('bad');
});

test('a rate needs no line that is known; what was typed as the other does not count', () => {
  expect(limitOf({ by: 'rate', rate: ' 40 ', share: '60' }, null)).toBe(40);
  expect(limitOf({ by: 'rate', rate: '', share: '60' }, 110 * MIB)).toBeNull();
  expect(limitOf({ by: 'rate', rate: '0', share: '' }, null)).toBe('bad');
});
