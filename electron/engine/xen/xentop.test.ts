import { expect, it } from 'vitest';
import { readTopLine } from './xentop.ts';

it('reads a domain that is still being built: its disks count nothing yet', () => {
  // xentop -b -f of Xen 4.17, seconds after `xl create`
  const line =
    '     c-one ----p-          0    0.0      81988    3.9      82944       4.0     1    0        0        0    1        -        -        -          -          -    0';
  expect(readTopLine(line)).toMatchObject({ name: 'c-one', paused: true, readSectors: 0, writtenSectors: 0 });
});
