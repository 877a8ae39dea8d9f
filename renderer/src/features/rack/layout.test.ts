import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layBay, MIN_PX, rackScale } from './layout.ts';

const block = (key: string, memoryMiB: number) => ({ key, memoryMiB });

describe('the layout of a bay', () => {
  test('large blocks are to scale, and what is free is free', () => {
    const bay = layBay({ bayPx: 1000, totalMiB: 10_000, dom0MiB: 1000, blocks: [block('a', 3000), block('b', 2000)] });
    expect(bay.dom0Px).toBe(100);
    expect(bay.columns).toEqual([
      { px: 300, keys: ['a'] },
      { px: 200, keys: ['b'] },
    ]);
    expect(bay.freePx).toBe(400);
  });

  test('very small blocks stay readable, above each other', () => {
    const bay = layBay({ bayPx: 1000, totalMiB: 100_000, dom0MiB: 1000, blocks: [block('a', 100), block('b', 80)] });
    expect(bay.columns).toEqual([{ px: MIN_PX, keys: ['a', 'b'] }]);
  });

  test('whatever stands in it: every block once, nothing beyond the bay, the order kept', () => {
    const input = fc.record({
      bayPx: fc.integer({ min: 60, max: 2000 }),
      totalMiB: fc.integer({ min: 512, max: 4_000_000 }),
      dom0MiB: fc.integer({ min: 0, max: 8192 }),
      sizes: fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(input, ({ sizes, ...bay }) => {
        const blocks = sizes.map((memoryMiB, at) => block(`g${at}`, memoryMiB));
        const laid = layBay({ ...bay, blocks });
        const used = laid.columns.reduce((sum, one) => sum + one.px, 0);
        expect(laid.dom0Px + used + laid.freePx).toBeLessThanOrEqual(bay.bayPx + 0.01);
        expect([...laid.columns.flatMap((one) => one.keys)].sort()).toEqual(blocks.map((one) => one.key).sort());
        expect(laid.freePx).toBeGreaterThanOrEqual(0);
        for (const column of laid.columns) expect(column.px).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('the scale of the rack', () => {
  const host = (totalMemoryMiB: number) => ({ facts: { totalMemoryMiB } });

  test('the largest host fills the width', () => {
    const { plate, scale, strip } = rackScale(1200, [host(65_536), host(16_384), { facts: null }]);
    expect(strip).toBe(1200);
    expect(plate + 65_536 * scale).toBeLessThan(1200);
  });

  test('where there is little room, the rack grows so that a small host can still be read, but not without end', () => {
    const small = rackScale(520, [host(65_536), host(16_384)]);
    expect(16_384 * small.scale).toBeGreaterThanOrEqual(112);
    const tiny = rackScale(520, [host(1_048_576), host(1024)]);
    expect(tiny.strip).toBeLessThan(520 * 2.5);
  });
});
