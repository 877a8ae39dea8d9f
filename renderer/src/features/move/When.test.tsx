import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { OutputOf } from '../../../../electron/contract/api.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import type { Transport } from '../../../../electron/contract/transport.ts';
import { guest, host, looked, moveTask } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';
import { nightAfter, timeOf } from './when.ts';

afterEach(cleanup);

function open(language: 'ja' | 'en', tasks: Task[] = []) {
  const page = openPage({
    hosts: [host('tokyo'), host('osaka')],
    guests: [guest('tokyo', 'mail', 'running', 2048)],
    settings: { language },
  });
  for (const task of tasks) page.office.tasks.put(task);
  const asked = (name: string) => page.office.asked.filter((one) => one.name === name).map((one) => one.input);
  return { ...page, asked };
}

async function openSheet(language: 'ja' | 'en', transport: Transport) {
  const page = open(language);
  const way = {
    ...looked,
    transport,
    transports: [
      { is: 'key', problem: null, bytesPerS: null, seconds: null },
      { is: 'relay', problem: null, bytesPerS: null, seconds: null },
    ],
  } satisfies OutputOf<'migration.check'>;
  page.office.answer('migration.check', async () => ({ ...way, stopped: way }));
  page.office.answer('migration.start', async () => ({ taskId: 't' }));
  const block = await screen.findByRole('button', { name: /^mail/ });
  block.focus();
  await page.user.keyboard('m');
  return { ...page, sheet: within(await screen.findByRole('dialog')) };
}

test('a move begins now unless a time is chosen', async () => {
  const { user, asked, sheet } = await openSheet('en', 'key');
  await user.click(await sheet.findByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ at: null }]));
});

test('the next night is offered, by this computer’s clock; another time can be set, and only one that can be waited for', async () => {
  const { user, asked, sheet } = await openSheet('en', 'key');
  await user.click(await sheet.findByRole('radio', { name: /At a set time/ }));
  expect(sheet.getByText(/this computer may be off then/)).toBeTruthy();
  expect(sheet.getByText(`By this computer’s clock (${Intl.DateTimeFormat().resolvedOptions().timeZone})`)).toBeTruthy();
  const field = sheet.getByLabelText('Begins at');
  expect(field).toMatchObject({ value: nightAfter(Date.now()) });
  fireEvent.change(field, { target: { value: '2001-01-01T02:00' } });
  expect(await sheet.findByText('A time between a minute and a week from now')).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: 'Migrate at that time' }));
  expect(asked('migration.start')).toEqual([]);
  const tomorrow = new Date(Date.now() + 24 * 3600 * 1000);
  tomorrow.setHours(3, 30, 0, 0);
  const two = (value: number) => String(value).padStart(2, '0');
  const text = `${tomorrow.getFullYear()}-${two(tomorrow.getMonth() + 1)}-${two(tomorrow.getDate())}T03:30`;
  fireEvent.change(field, { target: { value: text } });
  await user.click(sheet.getByRole('button', { name: 'Migrate at that time' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ at: tomorrow.getTime() }]));
});

test('through this computer nothing can wait, and that is said', async () => {
  const { sheet } = await openSheet('ja', 'relay');
  const later = await sheet.findByRole('radio', { name: /時刻を決める/ });
  await waitFor(() => expect(later).toHaveProperty('disabled', true));
  expect(sheet.getByText(/このコンピューターを通る移行は予約できません/)).toBeTruthy();
});

test('with a stop nothing waits: no time is offered, and one chosen before does not count', async () => {
  const { user, asked, sheet } = await openSheet('en', 'key');
  await user.click(await sheet.findByRole('radio', { name: /At a set time/ }));
  await user.click(sheet.getByRole('radio', { name: /With a stop/ }));
  expect(sheet.queryByRole('radio', { name: /At a set time/ })).toBeNull();
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ stop: true, at: null }]));
});

const at = new Date(2026, 4, 9, 2, 0).getTime();
const waiting = (more: Partial<Task> = {}): Task =>
  moveTask({
    id: 't1',
    guestId: guest('tokyo', 'mail', 'running', 2048).guestId,
    phase: 'scheduled',
    migration: null,
    startedAt: at - 3_600_000,
    startsAt: at,
    ...more,
  });

test('a guest whose move waits says where and when it goes, is not busy, and the move can be called off there', async () => {
  const { user, asked, office } = open('en', [waiting()]);
  office.answer('task.cancel', async () => null);
  const block = await screen.findByRole('button', { name: /^mail.*moves to osaka at 9 May 2026, 02:00/ });
  expect(screen.queryByText('arriving')).toBeNull();
  await user.click(block);
  await user.click(await screen.findByRole('button', { name: 'Cancel the move' }));
  await waitFor(() => expect(asked('task.cancel')).toEqual([{ taskId: 't1' }]));
});

test('one that went in the night is told in the morning, until it is put away', async () => {
  const done = waiting({ phase: 'ended', outcome: { is: 'done' }, endedAt: at + 180_000 });
  const figures = { pass: null, sentBytes: 0, memoryBytes: 1, bytesPerS: null, downtimeMs: null, wallMs: 170_000 };
  open('en', [{ ...done, migration: { ...figures, pingFrom: null, pingAddress: null, disks: null } }]);
  expect(await screen.findByText('had waited until 9 May 2026, 02:00; ended 9 May 2026, 02:03')).toBeTruthy();
  expect(screen.getByText('downtime unknown')).toBeTruthy();
});

test('the next night is today’s when it is still to come, else tomorrow’s', () => {
  expect(nightAfter(new Date(2026, 11, 31, 1, 0).getTime())).toBe('2026-12-31T02:00');
  expect(nightAfter(new Date(2026, 11, 31, 2, 0).getTime())).toBe('2027-01-01T02:00');
  const now = new Date(2026, 4, 8, 12, 0).getTime();
  expect(timeOf('2026-05-09T02:00', now)).toBe(at);
  expect([timeOf('', now), timeOf('2026-05-08T11:00', now), timeOf('2026-06-08T12:00', now)]).toEqual([null, null, null]);
});
