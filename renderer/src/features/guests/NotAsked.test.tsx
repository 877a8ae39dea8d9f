import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { fail, problem } from '../../../../electron/contract/problem.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import { guest, host, looked, trashed } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

let close = () => {};
afterEach(() => close());

const why = { name: 'mail', hosts: ['osaka', 'nagoya'], lastSeen: 'osaka' };
const page = () => {
  const opened = openPage({ hosts: [host('tokyo')], guests: [guest('tokyo', 'mail', 'halted', 1024)], settings: { language: 'en' } });
  close = opened.close;
  return opened;
};
const start = async ({ user }: ReturnType<typeof page>) => {
  await user.pointer({ keys: '[MouseRight]', target: await screen.findByRole('button', { name: /^mail, halted/ }) });
  await user.click(await screen.findByRole('menuitem', { name: 'Start' }));
};

test('a start that is held up names the hosts, and goes on with the name typed as it is', async () => {
  const opened = page();
  const { office, user } = opened;
  office.answer('guest.start', async ({ typedName }) => (typedName === null ? fail('guard.notAsked', why) : { taskId: 't' }));
  await start(opened);
  const dialog = await screen.findByRole('dialog', { name: /Start mail/ });
  expect(within(dialog).getByText(/osaka.*nagoya/)).toBeTruthy();
  expect(within(dialog).getByText(/was running on osaka/)).toBeTruthy();
  const starts = () => office.asked.filter((one) => one.name === 'guest.start');
  await user.type(within(dialog).getByRole('textbox'), 'mai');
  await user.click(within(dialog).getByRole('button', { name: 'Start it' }));
  expect(starts()).toHaveLength(1);
  await user.type(within(dialog).getByRole('textbox'), 'l');
  await user.click(within(dialog).getByRole('button', { name: 'Start it' }));
  await waitFor(() => expect(starts().at(-1)?.input).toMatchObject({ typedName: 'mail' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});

test('so does one that only its task finds, by a lease of an unknown host', async () => {
  const opened = page();
  const { office } = opened;
  office.answer('guest.start', async ({ hostId, guestId }) => {
    const task = {
      id: 't',
      kind: 'guest.start',
      hostId,
      guestId,
      targetHostId: null,
      guestName: 'mail',
      phase: 'ended',
      progress: null,
    } as const;
    const ended: Task = {
      ...task,
      migration: null,
      startedAt: 0,
      endedAt: 1,
      outcome: { is: 'failed', problem: problem('guard.notAsked', { ...why, hosts: ['far-away'], lastSeen: null }) },
      mayCancel: { may: true },
      foreign: false,
      log: [],
    };
    setTimeout(() => office.tasks.put(ended), 20);
    return { taskId: 't' };
  });
  await start(opened);
  const dialog = await screen.findByRole('dialog', { name: /Start mail/ });
  expect(within(dialog).getByText('far-away')).toBeTruthy();
});

test('where every host answers nothing is asked', async () => {
  const opened = page();
  opened.office.answer('guest.start', async () => ({ taskId: 't' }));
  await start(opened);
  await waitFor(() => expect(opened.office.asked.some((one) => one.name === 'guest.start')).toBe(true));
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('what a move left in the trash says where the guest is now, and comes back with the name typed', async () => {
  const opened = page();
  const { office, user } = opened;
  office.answer('trash.list', async () => [trashed()]);
  const elsewhere = { name: 'mail', where: 'nagoya' };
  office.answer('trash.putBack', async ({ typedName }) => (typedName === null ? fail('guard.livesElsewhere', elsewhere) : { taskId: 't' }));
  await user.click(await screen.findByRole('button', { name: 'Commands of host tokyo' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Trash' }));
  await user.click(await screen.findByRole('button', { name: 'Put back' }));
  const dialog = await screen.findByRole('dialog', { name: /Put back mail, which is on another host/ });
  expect(within(dialog).getByText(/is on nagoya now/)).toBeTruthy();
  expect(within(dialog).queryByText(/could not be asked/)).toBeNull();
  await user.type(within(dialog).getByRole('textbox'), 'mail');
  await user.click(within(dialog).getByRole('button', { name: 'Put it back' }));
  await waitFor(() => expect(office.asked.findLast((one) => one.name === 'trash.putBack')?.input).toMatchObject({ typedName: 'mail' }));
});

test('a move asks for the name in its sheet', async () => {
  const {
    office,
    user,
    close: end,
  } = openPage({
    hosts: [host('tokyo'), host('osaka')],
    guests: [guest('tokyo', 'mail', 'running', 1024)],
    settings: { language: 'en' },
  });
  close = end;
  office.answer('migration.check', async () => ({
    ...looked,
    checks: [{ what: 'others', verdict: 'warning', problem: problem('guard.notAsked', { ...why, hosts: ['nagoya'] }) }],
  }));
  office.answer('migration.start', async () => ({ taskId: 't' }));
  (await screen.findByRole('button', { name: /^mail, running/ })).focus();
  await user.keyboard('m');
  const dialog = await screen.findByRole('dialog', { name: 'Migrate mail' });
  const field = await within(dialog).findByRole('textbox', { name: /Type “mail”/ });
  await user.click(within(dialog).getByRole('button', { name: 'Start migration' }));
  expect(office.asked.some((one) => one.name === 'migration.start')).toBe(false);
  await user.type(field, 'mail');
  await user.click(within(dialog).getByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(office.asked.find((one) => one.name === 'migration.start')?.input).toMatchObject({ typedName: 'mail' }));
});

test('a guest that runs twice says so where it is looked at', async () => {
  const twice = problem('guard.twice', { name: 'mail', other: 'mail', where: 'osaka' });
  const { user, close: end } = openPage({
    hosts: [host('tokyo')],
    guests: [guest('tokyo', 'mail', 'running', 1024, { warning: twice })],
    settings: { language: 'en' },
  });
  close = end;
  await user.click(await screen.findByRole('button', { name: /^mail, running/ }));
  expect(await screen.findByText(/osaka runs mail from the same disk/)).toBeTruthy();
});
