import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { MoveWay } from '../../../../electron/contract/diskTravel.ts';
import { type Problem, problem } from '../../../../electron/contract/problem.ts';
import type { Transport, TransportChoice } from '../../../../electron/contract/transport.ts';
import { guest, host } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** Which way a guest will go: told, with what it costs, and chosen. */

let close = () => {};
afterEach(() => close());

const choice = (is: Transport, more: Partial<TransportChoice> = {}): TransportChoice => ({
  is,
  problem: null,
  bytesPerS: null,
  seconds: null,
  ...more,
});
const way = (bad: Problem | null, more: Partial<MoveWay> = {}): MoveWay => ({
  checks: [{ what: 'type', verdict: bad ? 'bad' : 'good', problem: bad }],
  disks: [],
  transport: 'key',
  transports: [choice('key'), choice('relay')],
  reachAddress: '10.0.0.2',
  expectedSeconds: null,
  expectedPauseMs: null,
  expectedDiskBytesPerS: null,
  ...more,
});
const disk = {
  travels: 'copied',
  vdev: 'xvda',
  path: '/dev/vg0/mail',
  sizeMiB: 8192,
  to: '/dev/vg0/mail',
  as: 'volume',
  place: 'vg:vg0',
  old: false,
} as const;
const stopped = (bad: Problem | null, more: Partial<MoveWay> = {}) =>
  way(bad, { disks: [{ ...disk, how: 'still' }], expectedSeconds: 240, expectedPauseMs: 240_000, ...more });
const live = (bad: Problem | null) => way(bad, { disks: [{ ...disk, how: 'traced' }], expectedSeconds: 60 });
const noShadow = problem('move.pvNoShadow', { host: 'tokyo' });

type Ways = { live: MoveWay; stopped: MoveWay; saved?: MoveWay };
async function openSheet(ways: Ways | ((asked: Transport | null) => Promise<Ways>), language: 'en' | 'ja' = 'en') {
  const page = openPage({
    hosts: [host('tokyo'), host('osaka')],
    guests: [guest('tokyo', 'mail', 'running', 1024)],
    settings: { language },
  });
  close = page.close;
  page.office.answer('migration.check', async ({ transport }) => {
    const both = typeof ways === 'function' ? await ways(transport ?? null) : ways;
    return { live: true, ...both.live, pingAddress: '10.0.0.9', stopped: both.stopped, saved: both.saved ?? null };
  });
  page.office.answer('migration.start', async () => ({ taskId: 't' }));
  (await screen.findByRole('button', { name: /^mail/ })).focus();
  await page.user.keyboard('m');
  const sheet = within(await screen.findByRole('dialog'));
  const choice = within(await sheet.findByRole('radiogroup', { name: language === 'en' ? 'How' : '移し方' }));
  const asked = () => page.office.asked.find((one) => one.name === 'migration.start')?.input;
  return { user: page.user, sheet, choice, asked };
}

test('live where that can be; with a stop by choice, with its cost told before, and a speed limit', async () => {
  const { user, sheet, choice, asked } = await openSheet({ live: live(null), stopped: stopped(null) });
  const stays = choice.getByRole<HTMLInputElement>('radio', { name: /^Live/ });
  const stops = choice.getByRole<HTMLInputElement>('radio', { name: /^With a stop/ });
  expect([stays.checked, stops.checked]).toEqual([true, false]);
  expect(choice.getByText(/8 GiB to copy\. It will be down for about 4 min/)).toBeTruthy();
  expect(sheet.getByRole('textbox', { name: 'Address to ping' })).toBeTruthy();
  await user.click(stops);
  expect(sheet.getByText(/copied while it does not run/)).toBeTruthy();
  expect(sheet.queryByRole('textbox', { name: 'Address to ping' })).toBeNull();
  await user.type(sheet.getByRole('textbox', { name: /Speed limit/ }), '40');
  expect(sheet.queryByRole('button', { name: 'Start migration' })).toBeNull();
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  await waitFor(() => expect(asked()).toMatchObject({ stop: true, limitMiBPerS: 40, targetHostId: 'osaka' }));
});

test.each([
  { language: 'en', name: 'Expected pause', live: 'about 1.5 secs (from past moves)', stop: 'about 4 mins (from past moves)' },
  { language: 'ja', name: '予想停止時間', live: '約 1.5 秒（過去の移行から）', stop: '約 4 分（過去の移行から）' },
] as const)('the expected pause is that of the way that is chosen ($language)', async ({ language, name, live: still, stop }) => {
  const ways = { live: { ...live(null), expectedPauseMs: 1500 }, stopped: stopped(null) };
  const { user, sheet, choice } = await openSheet(ways, language);
  const told = () => sheet.getByText(name).nextElementSibling?.textContent;
  expect(told()).toBe(still);
  await user.click(choice.getAllByRole('radio')[1] as HTMLElement);
  expect(told()).toBe(stop);
});

test('where no move tells it, no pause is expected', async () => {
  const { sheet } = await openSheet({ live: live(null), stopped: stopped(null) });
  expect(sheet.getByText('Expected time')).toBeTruthy();
  expect(sheet.queryByText('Expected pause')).toBeNull();
});

test('where the speed of the line is known a share of it can be left to others, and what that comes to is told', async () => {
  const known = { expectedDiskBytesPerS: 110 * 1024 * 1024 };
  const { user, sheet, asked } = await openSheet({ live: live(null), stopped: stopped(null, known) });
  // of the live way nothing is known
  expect(sheet.queryByRole('radiogroup', { name: 'Speed limit' })).toBeNull();
  await user.click(sheet.getByRole('radio', { name: /^With a stop/ }));
  await user.click(sheet.getByRole('radio', { name: 'Leave a share for the office' }));
  const share = sheet.getByRole('textbox', { name: 'Left for the office (%)' });
  await user.type(share, '160');
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  expect(asked()).toBeUndefined();
  expect(sheet.getByText('A whole number from 1 to 99')).toBeTruthy();
  await user.clear(share);
  await user.type(share, '60');
  expect(sheet.getByText('Takes at most 44 MiB/s of 110 MiB/s')).toBeTruthy();
  // it is not taken for anything else where the speed is not known
  await user.click(sheet.getByRole('radio', { name: /^Live/ }));
  expect(sheet.getByText(/isn’t known yet/)).toBeTruthy();
  await user.click(sheet.getByRole('radio', { name: /^With a stop/ }));
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  await waitFor(() => expect(asked()).toMatchObject({ stop: true, limitMiBPerS: 44 }));
});

test('the share is offered in Japanese too, of what was measured just now', async () => {
  const measured = { transports: [choice('key', { bytesPerS: 50 * 1024 * 1024 })], expectedDiskBytesPerS: 110 * 1024 * 1024 };
  const { user, sheet, asked } = await openSheet({ live: { ...live(null), ...measured }, stopped: stopped(null) }, 'ja');
  await user.click(sheet.getByRole('radio', { name: '回線の一部を業務用に残す' }));
  await user.type(sheet.getByRole('textbox', { name: '業務用に残す割合（%）' }), '60');
  expect(sheet.getByText('50 MiB/s のうち、20 MiB/s までを使います')).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: '移行を始める' }));
  await waitFor(() => expect(asked()).toMatchObject({ limitMiBPerS: 20 }));
});

test('what can not move live is offered with a stop, and says why not live', async () => {
  const { user, sheet, choice, asked } = await openSheet({ live: way(noShadow), stopped: stopped(null, { expectedPauseMs: null }) });
  const stays = choice.getByRole<HTMLInputElement>('radio', { name: /^Live/ });
  expect([stays.disabled, choice.getByRole<HTMLInputElement>('radio', { name: /^With a stop/ }).checked]).toEqual([true, true]);
  expect(choice.getByText(/without shadow paging/)).toBeTruthy();
  expect(choice.getByText(/How long it will be down is not known/)).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  await waitFor(() => expect(asked()).toMatchObject({ stop: true, limitMiBPerS: null }));
});

const saved = (bad: Problem | null, more: Partial<MoveWay> = {}) =>
  way(bad, { disks: [{ ...disk, how: 'still' }], expectedSeconds: 300, expectedPauseMs: 300_000, ...more });

test('what can not move live is saved rather than shut down where that can be: what runs in it goes on', async () => {
  const { user, sheet, choice, asked } = await openSheet({ live: way(noShadow), stopped: stopped(null), saved: saved(null) });
  expect(choice.getByRole<HTMLInputElement>('radio', { name: /^Saved and restored/ }).checked).toBe(true);
  // its disk and its memory
  expect(choice.getByText(/It stands still: .*9 GiB to copy\. It will be down for about 5 min/)).toBeTruthy();
  expect(sheet.queryByRole('textbox', { name: 'Address to ping' })).toBeNull();
  await user.click(sheet.getByRole('button', { name: 'Save and migrate' }));
  await waitFor(() => expect(asked()).toMatchObject({ stop: true, save: true }));
});

test('where its memory does not fit it is shut down, and that is said; in Japanese too', async () => {
  const room = problem('move.saveRoom', { host: 'osaka', shortMiB: 512 });
  const { user, sheet, choice, asked } = await openSheet({ live: way(noShadow), stopped: stopped(null), saved: saved(room) }, 'ja');
  expect(choice.getByRole<HTMLInputElement>('radio', { name: /^保存して移す/ }).disabled).toBe(true);
  expect(choice.getByText(/osaka に、メモリーを保存する場所がありません/)).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: '停止して移行を始める' }));
  await waitFor(() => expect(asked()).toMatchObject({ stop: true, save: false }));
});

test('neither way: both say why, and nothing begins', async () => {
  const short = problem('space.short', { place: 'osaka', shortMiB: 512 });
  const { user, sheet, choice, asked } = await openSheet({ live: way(noShadow), stopped: stopped(short) });
  for (const one of choice.getAllByRole<HTMLInputElement>('radio')) expect(one.disabled).toBe(true);
  expect(choice.getByText(/osaka.*512/)).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  expect(asked()).toBeUndefined();
});

test('by default it goes live, and says so; in Japanese too', async () => {
  const { user, sheet, choice, asked } = await openSheet({ live: live(null), stopped: stopped(null) }, 'ja');
  expect(choice.getByRole('radio', { name: /^動いたまま/ })).toBeTruthy();
  expect(choice.getByText(/ここでシャットダウンし.*止まる時間は約 4 分 です/)).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: '移行を始める' }));
  await waitFor(() => expect(asked()).toMatchObject({ stop: false }));
});

test('the way through this computer is offered for a stop too, measured when it is chosen, and what was chosen before stays', async () => {
  const relay = (seconds: number): Partial<MoveWay> => ({
    transport: 'relay',
    transports: [choice('key'), choice('relay', { bytesPerS: 11 * 1024 * 1024, seconds })],
    reachAddress: null,
  });
  const measured = { done: () => {} };
  const {
    user,
    sheet,
    choice: how,
    asked,
  } = await openSheet(async (wanted) => {
    if (wanted !== 'relay') return { live: live(null), stopped: stopped(null) };
    await new Promise<void>((resolve) => {
      measured.done = resolve;
    });
    return { live: { ...live(null), ...relay(838) }, stopped: stopped(null, relay(745)) };
  });
  await user.click(how.getByRole('radio', { name: /^With a stop/ }));
  await user.click(sheet.getByRole('button', { name: /Straight from the source/ }));
  await user.click(await screen.findByRole('option', { name: /Through this computer/ }));
  // while the hosts are asked anew
  expect(how.getByRole<HTMLInputElement>('radio', { name: /^With a stop/ }).checked).toBe(true);
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  expect(asked()).toBeUndefined();
  measured.done();
  expect(await sheet.findByText('11 MiB/s, about 12 mins for the disks')).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  await waitFor(() => expect(asked()).toMatchObject({ stop: true, transport: 'relay' }));
});
