import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import type { AppInfo } from '../../../electron/contract/app.ts';
import type { Task } from '../../../electron/contract/task.ts';
import { host, migration, moveTask } from '../testing/model.ts';
import { openPage } from '../testing/open.tsx';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const move = (transport: 'key' | 'relay' | 'agent', more: Partial<Task> = {}): Task =>
  moveTask({ migration: migration({ transport }), ...more });

/** Whether the page let its window go. */
const unloads = () => {
  const event = new Event('beforeunload', { cancelable: true });
  act(() => void window.dispatchEvent(event));
  return !event.defaultPrevented;
};

async function open(language: 'ja' | 'en', shell: AppInfo['shell'], task: Task) {
  const page = openPage({ hosts: [host('tokyo'), host('osaka')], settings: { language } });
  page.office.answer('app.info', async () => ({ version: '0', shell, demo: false, secrets: 'memory', platform: 'linux' }));
  page.office.tasks.put(task);
  await screen.findAllByText(/mail/);
  return page;
}

test.each([
  { language: 'en', title: 'A move needs this computer', stay: 'Stay', leave: 'Close anyway' },
  { language: 'ja', title: 'このパソコンが必要な移行があります', stay: '閉じない', leave: 'それでも閉じる' },
] as const)('while a move goes through this desktop its window asks before it closes ($language)', async (words) => {
  const close = vi.spyOn(window, 'close').mockImplementation(() => {});
  const { user, office } = await open(words.language, 'electron', move('relay'));
  expect(unloads()).toBe(false);
  expect(await screen.findByRole('dialog', { name: words.title })).toBeTruthy();
  await user.click(screen.getAllByRole('button', { name: words.stay })[0] as HTMLElement);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(unloads()).toBe(false);
  await user.click(await screen.findByRole('button', { name: words.leave }));
  expect(close).toHaveBeenCalledOnce();
  expect(unloads()).toBe(true);
  office.tasks.drop('t');
});

test.each([
  { what: 'goes from host to host', shell: 'electron', task: move('key') },
  {
    what: 'is past its point of no return',
    shell: 'electron',
    task: move('relay', { mayCancel: { may: false, because: { code: 'move.tooLateToCancel', effect: 'none' } } }),
  },
  { what: 'has connected by the agent', shell: 'electron', task: move('agent') },
  {
    what: 'has connected by the agent, stopped',
    shell: 'electron',
    task: move('agent', { kind: 'guest.moveStopped', phase: 'copyingDisk' }),
  },
  { what: 'is of another desktop', shell: 'electron', task: move('relay', { foreign: true }) },
  { what: 'goes on without the page', shell: 'server', task: move('relay') },
] as const)('a move that $what holds no window back', async ({ shell, task }) => {
  await open('en', shell, task);
  expect(unloads()).toBe(true);
  expect(screen.queryByRole('dialog')).toBeNull();
});

test.each(['connecting', 'copyingDisk'] as const)(
  'by the agent, %s, it still holds the window back: memory has no connection yet',
  async (phase) => {
    await open('en', 'electron', move('agent', { phase }));
    expect(unloads()).toBe(false);
  },
);
