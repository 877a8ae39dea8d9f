import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { Check } from '../../../../electron/contract/creation.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import type { Task } from '../../../../electron/contract/task.ts';
import { facts, guest, host } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

afterEach(cleanup);

const kernel = { path: '/boot/vmlinuz', initrds: ['/boot/initrd'] };
const hosts = [host('a', { facts: facts({ types: ['pvh'], kernels: [kernel] }) })];
const good: Check[] = [
  { what: 'name', verdict: 'good', problem: null },
  { what: 'memory', verdict: 'good', problem: null },
];

async function openWizard(checks: Check[], on = hosts) {
  const { office, user } = openPage({ hosts: on });
  office.answer('creation.preview', async () => ({ text: 'name    = "vm-1"\nmemory  = 512\n' }));
  office.answer('creation.check', async () => ({ text: '', checks }));
  await user.click(await screen.findByRole('button', { name: 'New machine' }));
  const dialog = await screen.findByRole('dialog');
  const foot = () => within(dialog).getByRole('button', { name: 'Cancel' }).parentElement ?? dialog;
  return { office, user, foot };
}
const press = (foot: HTMLElement, name: string) => within(foot).getByRole('button', { name });
const task = (more: Partial<Task>): Task => ({
  id: 't1',
  kind: 'guest.create',
  hostId: 'a',
  targetHostId: null,
  guestId: 'g-new',
  guestName: 'web',
  phase: 'writing',
  progress: null,
  migration: null,
  startedAt: 0,
  endedAt: null,
  outcome: null,
  mayCancel: { may: true },
  foreign: false,
  log: [],
  ...more,
});

it('asks three questions, checks, creates, and opens the console', async () => {
  const { office, user, foot } = await openWizard(good);
  const name = screen.getByRole('textbox', { name: 'Name' });
  await user.clear(name);
  // what is missing is said beside the button, which can still be reached
  expect(screen.getByText('Type a name to go on.')).toBeTruthy();
  expect(press(foot(), 'Next').getAttribute('aria-disabled')).toBe('true');
  await user.type(name, 'web');
  for (const step of ['Where', 'How much', 'Summary']) {
    await user.click(press(foot(), 'Next'));
    expect(screen.getByRole('heading', { name: step })).toBeTruthy();
    if (step === 'Where') expect(screen.getByText(/no other server is connected to take over/)).toBeTruthy();
  }
  expect(screen.getByRole('button', { name: /Name\s*web\s*changed/ })).toBeTruthy();
  await user.click(press(foot(), 'Check'));
  office.answer('creation.create', async () => ({ taskId: 't1' }));
  await waitFor(() => expect(press(foot(), 'Create').getAttribute('aria-disabled')).toBe('false'));
  await user.click(press(foot(), 'Create'));
  office.tasks.put(task({}));
  expect(await screen.findByText('Being created on the server.')).toBeTruthy();
  const asked = office.asked.find((one) => one.name === 'creation.create');
  expect(asked?.input).toMatchObject({ hostId: 'a', spec: { name: 'web', type: 'pvh', source: { is: 'kernel', kernel: kernel.path } } });
  office.tasks.put(task({ phase: 'ended', outcome: { is: 'done' } }));
  office.guests.put(guest('a', 'web', 'running', 512, { key: 'a/g-new', guestId: 'g-new' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect((await screen.findByRole('tab', { name: 'Console' })).getAttribute('aria-selected')).toBe('true');
}, 20_000);

it('says what stands against it, writes nothing, and keeps all values after a failure', async () => {
  const bad: Check = { what: 'disk', verdict: 'bad', problem: problem('disk.exists', { path: '/dev/vg0/web' }) };
  const { office, user, foot } = await openWizard([...good, bad]);
  await user.click(press(foot(), 'Finish with recommended values'));
  expect(await screen.findByText(/\/dev\/vg0\/web/)).toBeTruthy();
  await user.click(press(foot(), 'Create'));
  expect(office.asked.some((one) => one.name === 'creation.create')).toBe(false);

  office.answer('creation.check', async () => ({ text: '', checks: good }));
  office.answer('creation.create', async () => ({ taskId: 't1' }));
  await user.click(press(foot(), 'Back'));
  await user.click(press(foot(), 'Check'));
  await waitFor(() => expect(press(foot(), 'Create').getAttribute('aria-disabled')).toBe('false'));
  await user.click(press(foot(), 'Create'));
  const undone = ['/dev/vg0/vm-1', '/etc/xen/vm-1.cfg'];
  const why = problem('create.stepFailed', { step: 'start', said: 'Out of memory', undone, left: [] });
  office.tasks.put(task({ phase: 'ended', outcome: { is: 'failed', problem: why } }));
  const dialog = screen.getByRole('dialog');
  expect(await within(dialog).findByText(/Undone:.*vm-1\.cfg/)).toBeTruthy();
  await user.click(within(dialog).getByRole('button', { name: 'Change values and try again' }));
  expect(within(dialog).getByRole('button', { name: /Name\s*vm-1/ })).toBeTruthy();
}, 20_000);

it('a copy of what hosts could not be asked about needs the name of the new machine', async () => {
  const image = { path: '/srv/golden.img', sizeMiB: 1024, format: 'raw' as const };
  const why = problem('guard.notAsked', { name: 'web', hosts: ['b'], lastSeen: null, copyOf: image.path });
  const { office, user, foot } = await openWizard(
    [...good, { what: 'others', verdict: 'warning', problem: why }],
    [host('a', { facts: facts({ types: ['pvh'], kernels: [kernel], images: [image] }) })],
  );
  office.answer('creation.create', async () => ({ taskId: 't1' }));
  const name = screen.getByRole('textbox', { name: 'Name' });
  await user.clear(name);
  await user.type(name, 'web');
  await user.click(screen.getByRole('radio', { name: /^Copy of an image/ }));
  await user.click(press(foot(), 'Finish with recommended values'));
  expect(await screen.findByText(/whether anything there writes to \/srv\/golden\.img: b/)).toBeTruthy();
  await user.click(press(foot(), 'Create'));
  expect(office.asked.some((one) => one.name === 'creation.create')).toBe(false);
  await user.type(screen.getByRole('textbox', { name: 'Type “web” to confirm' }), 'web');
  await user.click(press(foot(), 'Create'));
  await waitFor(() => expect(office.asked.find((one) => one.name === 'creation.create')?.input).toMatchObject({ typedName: 'web' }));
}, 20_000);

it('without one, the hosts that could not be asked are named and nothing is typed', async () => {
  const why = problem('guard.notAsked', { name: 'web', hosts: ['b'], lastSeen: null });
  const { user, foot } = await openWizard([...good, { what: 'others', verdict: 'warning', problem: why }]);
  await user.click(press(foot(), 'Finish with recommended values'));
  await waitFor(() => expect(press(foot(), 'Create').getAttribute('aria-disabled')).toBe('false'));
  expect(screen.queryByRole('textbox', { name: /to confirm/ })).toBeNull();
}, 20_000);
