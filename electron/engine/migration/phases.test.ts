import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../contract/task.ts';
import { expectedOf } from './expected.ts';
import { afterBytes, afterLine, afterPhase, moveStart, passOf, progressOf, reasonOf } from './phases.ts';

const captures = fileURLToPath(new URL('../../../tests/transcripts/captures/', import.meta.url));
const linesOf = (name: string) => (readFileSync(`${captures}${name}.txt`, 'utf8').split('--- stderr\n')[1] ?? '').split('\n');
const phasesOf = (lines: readonly string[]) => {
  const seen: string[] = [];
  let state = moveStart;
  for (const line of lines) {
    state = afterLine(state, line);
    if (seen.at(-1) !== state.phase) seen.push(state.phase);
  }
  return seen;
};

describe('phases of xl migrate', () => {
  it.each(['migrate-ok', 'migrate-hvm', 'migrate-nfs', 'migrate-vvv', 'migrate-debug'])('are read from %s', (name) => {
    expect(phasesOf(linesOf(name)).slice(-4)).toEqual(['copyingMemory', 'finalPause', 'resuming', 'tidying']);
  });
  it('end in copying where the target was short of memory', () => {
    expect(phasesOf(linesOf('migrate-fail-memory')).at(-1)).toBe('copyingMemory');
  });
  it('never go back, whatever is said in whatever order', () => {
    const order = ['connecting', 'copyingMemory', 'finalPause', 'resuming', 'tidying'];
    const line = fc.oneof(fc.string(), fc.constantFrom(...linesOf('migrate-ok'), ...linesOf('migrate-fail-name-in-use')));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const at = phasesOf(lines).map((phase) => order.indexOf(phase));
        expect(at).toEqual([...at].sort((a, b) => a - b));
      }),
    );
  });
});

describe('the reason of a failure', () => {
  it.each([
    ['migrate-fail-bridge', 'Could not find bridge device'],
    ['migrate-fail-memory', 'Failed to populate physmap'],
    ['migrate-fail-pv', 'Failed to enable logdirty'],
    ['migrate-fail-name-in-use', 'already exists'],
    ['migrate-fail-host-key', 'Host key verification failed'],
    ['migrate-paused', "didn't acknowledge suspend"],
  ])('is found in %s', (name, telling) => {
    expect(reasonOf(linesOf(name))).toContain(telling);
  });
  it('is something, for every recorded refusal', () => {
    for (const file of readdirSync(captures).filter((name) => /^migrate-fail-(?!.*(list|console|target))/.test(name))) {
      expect(reasonOf(linesOf(file.replace('.txt', ''))), file).not.toBe('');
    }
  });
});

describe('figures', () => {
  it('count bytes forwards only, and make a rate of the last seconds', () => {
    let state = moveStart;
    for (let second = 0; second < 20; second++) state = afterBytes(state, second * 1000, 100 + second);
    expect(state).toMatchObject({ sentBytes: 19_000, bytesPerS: 1000 });
    expect(afterBytes(state, 5, 121).sentBytes).toBe(19_000);
  });
  it('are never NaN', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat({ max: 1000 }))), (all) => {
        let state = moveStart;
        for (const [bytes, uptime] of all) state = afterBytes(state, bytes, uptime);
        expect(Number.isNaN(state.bytesPerS ?? 0)).toBe(false);
      }),
    );
  });
  it('estimate the pass', () => {
    expect(passOf(0, 100)).toBeNull();
    expect(passOf(50, 100)).toBe(1);
    expect(passOf(110, 100)).toBe(2);
    expect(passOf(10_000, 100)).toBe(6);
  });
  it('expect what earlier moves between the two hosts took', () => {
    const moved = (wallMs: number, hostId: string, targetHostId: string): Task =>
      ({
        kind: 'guest.migrate',
        hostId,
        targetHostId,
        outcome: { is: 'done' },
        migration: { wallMs, memoryBytes: 100 * 1024 * 1024 },
      }) as unknown as Task;
    const history = [moved(10_000, 'a', 'b'), moved(30_000, 'b', 'a'), moved(20_000, 'a', 'b'), moved(1, 'a', 'c')];
    const asked = { live: true, memoryMiB: 200, diskBytes: 0, back: false, from: 'a', to: 'b', transport: 'key' } as const;
    expect(expectedOf(history, asked).seconds).toBe(40);
    // what went through the desktop says nothing of the straight way
    expect(expectedOf(history, { ...asked, transport: 'relay' }).seconds).toBeNull();
    expect(expectedOf(history, { ...asked, transport: 'agent' })).toEqual(expectedOf(history, asked));
    expect(expectedOf([], asked)).toEqual({ seconds: null, pauseMs: null, diskBytesPerS: null });
    // with disks, only what had disks tells
    expect(expectedOf(history, { ...asked, diskBytes: 1 }).seconds).toBeNull();
    const GiB = 1024 ** 3;
    const disks = { totalBytes: 9 * GiB, rounds: [9 * GiB, GiB - 100 * 1024 * 1024], bytesPerS: 100_000_000 };
    const withDisks = { ...moved(100_000, 'a', 'b') };
    withDisks.migration = { ...withDisks.migration, disks, downtimeMs: 900 } as Task['migration'];
    expect(expectedOf([...history, withDisks], { ...asked, memoryMiB: 1024, diskBytes: 19 * GiB })).toEqual({
      seconds: 200,
      pauseMs: 900,
      diskBytesPerS: 100_000_000,
    });
    // one that went back, and sent little, is alike to those that go back, and to no other; its comparison took its time
    const wentBack = { ...moved(50_000, 'b', 'a') };
    const little = { totalBytes: 10 * GiB - 100 * 1024 * 1024, rounds: [GiB], bytesPerS: 1, comparing: false };
    wentBack.migration = { ...wentBack.migration, disks: little, downtimeMs: 300 } as Task['migration'];
    const both = [...history, withDisks, wentBack, wentBack];
    expect(expectedOf(both, { ...asked, memoryMiB: 1024, diskBytes: 19 * GiB }).seconds).toBe(200);
    expect(expectedOf(both, { ...asked, memoryMiB: 1024, diskBytes: 19 * GiB, back: true })).toMatchObject({ seconds: 100, pauseMs: 300 });
    // with a stop its memory stays; how long disks take is known of live moves too, until there was one with a stop
    const stop = { ...asked, live: false, diskBytes: 20 * GiB };
    expect(expectedOf([...history, withDisks], stop)).toEqual({ seconds: 200, pauseMs: 200_000, diskBytesPerS: 100_000_000 });
    const stopped = {
      ...withDisks,
      kind: 'guest.moveStopped',
      migration: { ...withDisks.migration, memoryBytes: 0, wallMs: 50_000 },
    } as Task;
    expect(expectedOf([...history, withDisks, stopped], stop).seconds).toBe(101);
    // of one with shared disks nothing goes
    expect(expectedOf([...history, withDisks, stopped], { ...stop, diskBytes: 0 }).seconds).toBeNull();
    const shared = {
      ...stopped,
      migration: { ...stopped.migration, disks: { totalBytes: 0, rounds: [] }, wallMs: 9500, downtimeMs: 4000 },
    };
    expect(expectedOf([shared as unknown as Task], { ...stop, diskBytes: 0 })).toEqual({ seconds: 10, pauseMs: 4000, diskBytesPerS: null });
  });

  it('of a move with a stop: its own words, and never back', () => {
    const said = ['stopping', 'copying', 'switching'].map((word) => afterPhase(moveStart, word).phase);
    expect(said).toEqual(['shuttingDown', 'connecting', 'writing']);
    const copied = ['disks total 8', 'disks round 1 8', 'disks copied 8'].reduce(afterLine, afterPhase(moveStart, 'stopping'));
    expect(copied).toMatchObject({ phase: 'copyingDisk', disks: { copiedBytes: 8 } });
    const started = ['stopped for 125'].reduce(afterLine, afterPhase(afterPhase(copied, 'switching'), 'starting'));
    expect(started).toMatchObject({ phase: 'starting', stoppedMs: 12_500 });
    expect(afterPhase(started, 'stopping').phase).toBe('starting');
  });

  it('follow the disks: rounds, comparison, the last of it in the pause', () => {
    const after = (...lines: string[]) => lines.reduce(afterLine, moveStart);
    const first = after('disks total 1000', 'disks round 1 1000', 'disks copied 400');
    expect(first).toMatchObject({ phase: 'copyingDisk', disks: { totalBytes: 1000, rounds: [1000], copiedBytes: 400, bytesPerS: null } });
    expect(progressOf(first, 50)).toEqual({ done: 400, total: 1000 });
    const second = ['disks copied 1000', 'disks rate 70', 'disks round 2 100', 'disks rate 30', 'disks comparing'].reduce(afterLine, first);
    expect(second.disks).toMatchObject({ rounds: [1000, 100], copiedBytes: 0, bytesPerS: 70, comparing: true });
    expect(progressOf(second, 50)).toEqual({ done: 0, total: 100 });
    const back = ['disks total 1000', 'disks comparing'].reduce(afterLine, moveStart);
    expect(back.disks).toMatchObject({ comparing: true, rounds: [] });
    expect(afterLine(back, 'disks round 1 20').disks).toMatchObject({ comparing: false, rounds: [20], totalBytes: 1000 });
    const memory = ['disks different 0', 'Saving to migration stream new xl format'].reduce(afterLine, { ...second, sentBytes: 1100 });
    expect(memory).toMatchObject({ phase: 'copyingMemory', sentBytes: 0 });
    expect(progressOf(memory, 50)).toEqual({ done: 0, total: 50 });
    const pause = ['disks last 20', 'disks copied 20', 'disks same'].reduce(afterLine, memory);
    expect(pause).toMatchObject({ phase: 'finalPause', disks: { rounds: [1000, 100, 20], pause: true, same: true, comparing: false } });
    expect(reasonOf(['xc: error: x', 'disks failed link'])).toBe('disks failed link');
  });
});
