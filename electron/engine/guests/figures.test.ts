import { expect, it } from 'vitest';
import { capture } from '../remote/programTest.ts';
import { manualClock } from '../testWorld.ts';
import { figuresOf, type RatedSample } from './figures.ts';

const lines = capture('xentop-b').stdout.trimEnd().split('\n');
const [first, second] = [lines.slice(1, 6), lines.slice(7)];

function heard() {
  const clock = manualClock();
  const rated: (RatedSample | null)[] = [];
  const unreadable: string[] = [];
  const figures = figuresOf(clock, { sample: (_lines, one) => rated.push(one), unreadable: (line) => unreadable.push(line) });
  const sample = (text: readonly string[]) => {
    figures.begin();
    for (const line of text) figures.line(line);
  };
  return { clock, rated, unreadable, figures, sample };
}

it('gives rates from the second sample on, as soon as xentop is silent', () => {
  const { clock, rated, sample } = heard();
  sample(first);
  clock.advance(2000);
  sample(second);
  clock.advance(200);
  expect(rated).toHaveLength(2);
  expect(rated[0]).toBeNull();
  expect(rated[1]?.byName.get('tiny1')).toEqual({
    name: 'tiny1',
    cpuPercent: 14.9,
    memoryMiB: 80,
    netRxBytesPerS: 0,
    netTxBytesPerS: 0,
    diskReadBytesPerS: ((1016 - 984) * 512) / 2,
    diskWriteBytesPerS: ((976 - 944) * 512) / 2,
  });
});

it('gives none after xentop began anew, and none below nothing for a domain that did', () => {
  const { clock, rated, figures, sample } = heard();
  sample(second);
  clock.advance(2000);
  sample(first); // counters lower than before: another domain of that name
  clock.advance(200);
  expect(rated[1]?.byName.get('tiny1')?.diskReadBytesPerS).toBe(0);
  figures.anew();
  sample(second);
  clock.advance(200);
  expect(rated[2]).toBeNull();
});

it('tells a line it can not read, and keeps the others', () => {
  const { clock, rated, unreadable, sample } = heard();
  sample(first);
  clock.advance(2000);
  sample(['half a li', ...second]);
  clock.advance(200);
  expect(unreadable).toEqual(['half a li']);
  expect(rated[1]?.byName.size).toBe(5);
});
