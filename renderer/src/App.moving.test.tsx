import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { Guest } from '../../electron/contract/guest.ts';
import type { Task } from '../../electron/contract/task.ts';
import { guest, host, migration, moveTask } from './testing/model.ts';
import { openPage } from './testing/open.tsx';

afterEach(cleanup);

const file = '/etc/xen/mail.cfg';
/** A guest without `uuid` in its config, as the engine names it on a host. */
function unnamed(hostId: string, state: 'running' | 'halted', more: Partial<Guest> = {}): Guest {
  const plain = guest(hostId, 'mail', state, 1024);
  const config = plain.config && { ...plain.config, file, hasUuid: false };
  const guestId = `${hostId}:${file}`;
  return { ...plain, config, guestId, key: `${hostId}/${guestId}`, uuid: state === 'halted' ? null : 'u', ...more };
}
/** Its domain on a host where its config isn't. */
const bare = (hostId: string, more: Partial<Guest> = {}): Guest =>
  unnamed(hostId, 'running', { guestId: 'u', key: `${hostId}/u`, config: null, ...more });

const move: Task = moveTask({ guestId: `tokyo:${file}`, migration: migration({ pingAddress: '10.0.0.9' }) });

const inspector = async () => within(await screen.findByRole('region', { name: 'Inspector' }));

test('the inspector stays with a running guest without uuid, step by step of its move, and so do its pings and its history', async () => {
  const there = unnamed('tokyo', 'running');
  const { office, user } = openPage({ hosts: [host('tokyo'), host('osaka')], guests: [there] });
  await user.click(await screen.findByRole('button', { name: /^mail, running/ }));
  office.tasks.put(move);
  const pane = await inspector();
  await pane.findByRole('region', { name: 'Replies (ping)' });
  const steps: (() => void)[] = [
    () => office.guests.put(bare('osaka', { name: 'mail--incoming', leftover: 'incoming', state: 'paused' })),
    () => {
      office.guests.drop(there.key);
      office.guests.put(bare('tokyo', { name: 'mail--migratedaway', leftover: 'migratedaway', state: 'shutdown' }));
    },
    () => office.guests.put(bare('osaka')),
    () => office.guests.drop('tokyo/u'),
    () => {
      office.guests.drop('osaka/u');
      office.guests.put(unnamed('osaka', 'running'));
    },
    () => office.tasks.put({ ...move, phase: 'ended', outcome: { is: 'done' }, endedAt: 9 }),
  ];
  for (const [at, step] of steps.entries()) {
    step();
    office.guests.put(guest('osaka', `after-step-${at}`, 'halted', 1)); // what is seen of it came after the step
    await screen.findByRole('button', { name: new RegExp(`^after-step-${at},`) });
    expect(pane.queryByText(/not there any more/)).toBeNull();
    expect(pane.getByRole('region', { name: 'Replies (ping)' })).toBeTruthy();
  }
  const strip = within(await screen.findByRole('region', { name: 'Host osaka' }));
  expect(strip.getByRole('button', { name: /^mail, running/ }).getAttribute('aria-pressed')).toBe('true');
  await user.click(pane.getByRole('tab', { name: 'History' }));
  expect(await pane.findByText('tokyo → osaka')).toBeTruthy();
});

test('also where the source shows its config without its domain for a moment', async () => {
  const there = unnamed('tokyo', 'running');
  const { office, user } = openPage({ hosts: [host('tokyo'), host('osaka')], guests: [there] });
  await user.click(await screen.findByRole('button', { name: /^mail, running/ }));
  office.guests.put(unnamed('tokyo', 'halted'));
  const pane = await inspector();
  await waitFor(() => expect(pane.getByText('halted')).toBeTruthy());
  office.guests.put(bare('osaka'));
  office.guests.drop(there.key);
  await waitFor(() => expect(pane.getAllByText('osaka').length).toBeGreaterThan(0));
  expect(pane.queryByText(/not there any more/)).toBeNull();
});

test('a halted guest without uuid is followed by its config', async () => {
  const there = unnamed('tokyo', 'halted');
  const { office, user } = openPage({ hosts: [host('tokyo'), host('osaka')], guests: [there] });
  await user.click(await screen.findByRole('button', { name: /^mail, halted/ }));
  office.guests.drop(there.key);
  const pane = await inspector();
  expect(await pane.findByText(/not there any more/)).toBeTruthy();
  office.guests.put(unnamed('osaka', 'halted'));
  await waitFor(() => expect(pane.queryByText(/not there any more/)).toBeNull());
  expect(pane.getAllByText('osaka').length).toBeGreaterThan(0);
});

test('another guest does not take the place of one that is gone', async () => {
  const there = unnamed('tokyo', 'running');
  const { office, user } = openPage({ hosts: [host('tokyo'), host('osaka')], guests: [there] });
  await user.click(await screen.findByRole('button', { name: /^mail, running/ }));
  office.guests.put(unnamed('osaka', 'running', { uuid: 'another' }));
  office.guests.drop(there.key);
  expect(await (await inspector()).findByText(/not there any more/)).toBeTruthy();
});
