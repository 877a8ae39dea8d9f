import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Drag, type DragEvent, dragStep, idle, SLACK } from './drag.ts';

const point = fc.record({ x: fc.integer({ min: 0, max: 400 }), y: fc.integer({ min: 0, max: 400 }) });
const host = fc.constantFrom('a', 'b', 'c');
const events: fc.Arbitrary<DragEvent> = fc.oneof(
  fc.record({ is: fc.constant('press' as const), keys: fc.constant(['a/1']), homes: fc.constant(['a']), at: point }),
  fc.record({ is: fc.constant('move' as const), at: point, over: fc.option(host) }),
  fc.constant({ is: 'release' } as const),
  fc.constant({ is: 'lift', keys: ['a/1'], homes: ['a'] } as const),
  fc.record({ is: fc.constant('aim' as const), over: host }),
  fc.constant({ is: 'drop' } as const),
  fc.constant({ is: 'cancel' } as const),
  fc.constant({ is: 'taken' } as const),
  fc.constant({ is: 'vanished' } as const),
);
const run = (those: readonly DragEvent[]): Drag => those.reduce(dragStep, idle);

describe('a drag', () => {
  test('cancelled at any moment, it leaves nothing behind', () => {
    fc.assert(
      fc.property(fc.array(events), (before) => {
        expect(dragStep(run(before), { is: 'cancel' })).toEqual(idle);
      }),
    );
  });

  test('drops only on another host, and only from the hand', () => {
    fc.assert(
      fc.property(fc.array(events), events, (before, last) => {
        const was = run(before);
        const now = dragStep(was, last);
        if (now.is !== 'dropped' || was.is === 'dropped') return;
        expect(was.is).toBe('carried');
        expect(now.homes.some((home) => home !== now.onto)).toBe(true);
        expect(['release', 'drop']).toContain(last.is);
      }),
    );
  });

  test('a press that hardly moves is a click', () => {
    const pressed = dragStep(idle, { is: 'press', keys: ['a/1'], homes: ['a'], at: { x: 10, y: 10 } });
    const still = dragStep(pressed, { is: 'move', at: { x: 10 + SLACK - 1, y: 10 }, over: 'b' });
    expect(still.is).toBe('pressed');
    expect(dragStep(still, { is: 'release' })).toEqual(idle);
  });

  test('by pointer: carried over a host and let go there', () => {
    const drag = run([
      { is: 'press', keys: ['a/1'], homes: ['a'], at: { x: 0, y: 0 } },
      { is: 'move', at: { x: 50, y: 0 }, over: null },
      { is: 'move', at: { x: 90, y: 0 }, over: 'b' },
      { is: 'release' },
    ]);
    expect(drag).toEqual({ is: 'dropped', keys: ['a/1'], homes: ['a'], onto: 'b' });
  });

  test('let go over nothing, or where it was: put back', () => {
    for (const over of [null, 'a']) {
      const drag = run([
        { is: 'press', keys: ['a/1'], homes: ['a'], at: { x: 0, y: 0 } },
        { is: 'move', at: { x: 50, y: 0 }, over },
        { is: 'release' },
      ]);
      expect(drag).toEqual(idle);
    }
  });

  test('by keyboard: lifted, aimed, dropped; the pointer does not disturb it', () => {
    const drag = run([
      { is: 'lift', keys: ['a/1'], homes: ['a'] },
      { is: 'aim', over: 'b' },
      { is: 'move', at: { x: 3, y: 3 }, over: 'c' },
      { is: 'drop' },
    ]);
    expect(drag).toEqual({ is: 'dropped', keys: ['a/1'], homes: ['a'], onto: 'b' });
  });

  test('several of two hosts: dropped where one of them is not yet; on the only home of all, put back', () => {
    const mixed = { is: 'lift', keys: ['a/1', 'b/2'], homes: ['a', 'b'] } as const;
    expect(run([mixed, { is: 'aim', over: 'b' }, { is: 'drop' }])).toEqual({
      is: 'dropped',
      keys: ['a/1', 'b/2'],
      homes: ['a', 'b'],
      onto: 'b',
    });
    expect(run([{ is: 'lift', keys: ['a/1', 'a/2'], homes: ['a'] }, { is: 'drop' }])).toEqual(idle);
  });
});
