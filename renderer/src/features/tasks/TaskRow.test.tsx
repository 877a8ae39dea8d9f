import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { DiskCopying, Task } from '../../../../electron/contract/task.ts';
import { host, migration, moveTask } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** What the tray says of a move with disks, phase by phase. */

afterEach(cleanup);

const MIB = 1024 * 1024;
const disks: DiskCopying = {
  totalBytes: 1024 * MIB,
  rounds: [1024 * MIB, 96 * MIB],
  copiedBytes: 24 * MIB,
  bytesPerS: 12 * MIB,
  comparing: false,
  pause: false,
  same: false,
};
const moving = migration({ pass: null, sentBytes: 0, memoryBytes: 512 * MIB, bytesPerS: null, transport: 'key', disks });
const task = moveTask({
  phase: 'copyingDisk',
  progress: { done: 24 * MIB, total: 96 * MIB, unit: 'bytes', bytesPerS: 12 * MIB, secondsLeft: 6 },
  migration: moving,
});

test.each([
  {
    language: 'en',
    cancel: 'Cancel',
    round: ['copying disk', 'disks, round 2', '24 MiB of 96 MiB', '12 MiB/s', '6 secs left'],
    comparing: ['comparing both ends'],
    memory: ['copying memory', '256 MiB of 512 MiB', '40 MiB/s', 'pass 2 ≈'],
    pause: ['switching over (paused)', 'last changes 2 MiB'],
    late: /it can’t be cancelled any more/,
  },
  {
    language: 'ja',
    cancel: '中止',
    round: ['ディスクのコピー', 'ディスク 2 周目', '24 MiB / 96 MiB', '12 MiB/s', '残り 6 秒'],
    comparing: ['両側を比較中'],
    memory: ['メモリーの転送', '256 MiB / 512 MiB', '40 MiB/s', '2 周目 ≈'],
    pause: ['切り替え（一時停止）', '最後の変更 2 MiB'],
    late: /もう中止できません/,
  },
] as const)(
  'each phase has its figures, and beyond the point of no return the reason stands where one could cancel ($language)',
  async (words) => {
    const { office } = openPage({ hosts: [host('tokyo'), host('osaka')], settings: { language: words.language } });
    const told = async (more: Partial<Task>, sentences: readonly string[]) => {
      act(() => void office.tasks.put({ ...task, ...more }));
      const row = () => screen.getByText('mail', { selector: 'strong' }).closest('li') as HTMLElement;
      await waitFor(() => {
        for (const one of sentences) expect(row().textContent).toContain(one);
      });
      return row();
    };
    await told({}, words.round);
    expect(screen.getByRole('button', { name: words.cancel })).toBeTruthy();
    await told({ migration: { ...moving, disks: { ...disks, comparing: true } } }, words.comparing);
    const memory = { ...moving, pass: 2, sentBytes: 256 * MIB, bytesPerS: 40 * MIB };
    await told({ phase: 'copyingMemory', progress: null, migration: memory }, words.memory);
    expect(screen.getByRole('button', { name: words.cancel })).toBeTruthy();
    const mayCancel = { may: false, because: { code: 'move.tooLateToCancel', effect: 'none' } } as const;
    const last = { ...moving, disks: { ...disks, rounds: [...disks.rounds, 2 * MIB], pause: true } };
    const row = await told({ phase: 'finalPause', progress: null, migration: last, mayCancel }, words.pause);
    expect(row.textContent).toMatch(words.late);
    expect(screen.queryByRole('button', { name: words.cancel })).toBeNull();
  },
);
