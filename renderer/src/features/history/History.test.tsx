import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { Task } from '../../../../electron/contract/task.ts';
import { host, migration, moveTask } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

afterEach(cleanup);

const MIB = 1024 * 1024;
const disks = {
  ...{ totalBytes: 1024 * MIB, rounds: [1024 * MIB, 52 * MIB, MIB], copiedBytes: MIB, bytesPerS: 80 * MIB },
  ...{ comparing: false, pause: true, same: true },
};
const ended = (id: string, endedAt: number, more: Partial<Task>): Task =>
  moveTask({ id, phase: 'ended', outcome: { is: 'done' }, endedAt, guestId: `g-${id}`, ...more });
const live = ended('live', 30_000, {
  guestName: 'mail',
  migration: migration({ sentBytes: 600 * MIB, memoryBytes: 512 * MIB, wallMs: 20_000, downtimeMs: 800, pingFrom: 'osaka', disks }),
  pings: {
    ...{ from: 'osaka', replies: 140, missing: 3, longestGapMs: 800 },
    echoes: [
      [0, 1],
      [200, null],
      [400, null],
      [600, null],
      [800, 2],
    ],
  },
});
const stopped = ended('stopped', 20_000, {
  kind: 'guest.moveStopped',
  guestName: 'files',
  migration: migration({ transport: 'relay', sentBytes: 7 * MIB, memoryBytes: 0, wallMs: 100_000, downtimeMs: 120_000, disks }),
});
const failed = ended('failed', 10_000, {
  guestName: 'web',
  outcome: { is: 'cancelled' },
  migration: migration({ sentBytes: 100 * MIB, memoryBytes: 512 * MIB, wallMs: 5000 }),
});

async function openHistory(language: 'ja' | 'en') {
  const { user, office } = openPage({ hosts: [host('tokyo'), host('osaka')], settings: { language } });
  for (const one of [live, stopped, failed]) office.tasks.put(one);
  await user.click(await screen.findByRole('button', { name: language === 'ja' ? '履歴' : 'History' }));
  return user;
}
const cells = (row: HTMLElement) => within(row).getAllByRole('cell');
const rows = async () => (await screen.findAllByRole('row')).slice(1);

test.each([
  {
    language: 'en',
    figures: '1.5 GiB, 1.6 GiB sent · 84 MiB/s on average',
    strip: 'Replies (ping) from osaka: 140 replies, 3 missing, longest gap 0.8 secs',
  },
  {
    language: 'ja',
    figures: '大きさ 1.5 GiB、転送 1.6 GiB · 平均 84 MiB/s',
    strip: 'osaka からの応答（ping）: 応答 140 回、無応答 3 回、最長の途切れ 0.8 秒',
  },
] as const)('a move stays with its size, its rate and its replies ($language)', async ({ language, figures, strip }) => {
  await openHistory(language);
  const [first, second, third] = await rows();
  expect(first?.textContent).toContain(figures);
  expect(within(first as HTMLElement).getByRole('img', { name: strip })).toBeTruthy();
  const paths = [...(first?.querySelectorAll('svg path') ?? [])].map((one) => one.getAttribute('d')?.split('M').length);
  expect(paths).toEqual([3, 4]);
  expect(within(second as HTMLElement).queryByRole('img')).toBeNull();
  // it did not arrive: what was sent says nothing of a move
  expect(third?.textContent).not.toMatch(/on average|平均/);
});

test('moves that arrived stand below each other to be compared, with the same figures of each', async () => {
  const user = await openHistory('en');
  await user.click(await screen.findByRole('radio', { name: 'Moves, to compare' }));
  const head = screen.getAllByRole('columnheader').map((one) => one.textContent);
  expect(head).toEqual(['When', 'Machine', 'Where', 'What', 'Downtime', 'Size', 'Sent', 'On average', 'Took', 'Replies']);
  const told = (await rows()).map((row) => cells(row).map((one) => one.textContent));
  const rounds = 'disks 1 GiB, 52 MiB · 1 MiB in the pause';
  expect(told.map((one) => one.slice(1))).toEqual([
    ['mail', 'tokyo → osaka', 'Migrate', '0.8 secs', '1.5 GiB', `1.6 GiB${rounds}`, '84 MiB/s', '20 secs', ''],
    ['files', 'tokyo → osaka', 'Migrate with a stopthrough this computer', '2 mins', '1 GiB', `1.1 GiB${rounds}`, '11 MiB/s', '2 mins', ''],
  ]);
});
