import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { fail } from '../../../../electron/contract/problem.ts';
import { host, trashed } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

afterEach(cleanup);

const disk = { from: '/dev/vg0/mail', at: '/dev/vg0/xenferry-trash-x-mail', vdev: 'xvda', sizeMiB: 8192, whole: true };
const entry = trashed({ disks: [disk] });

test.each([
  {
    language: 'en',
    menu: 'Commands of host tokyo',
    trash: 'Trash',
    way: 'Let go for good…',
    title: /what is left of mail/,
    does: 'Delete for good',
    says: /one disk \(8 GiB\)/,
  },
  {
    language: 'ja',
    menu: 'ホスト tokyo の操作',
    trash: 'ゴミ箱',
    way: '完全に手放す…',
    title: /mail の残り/,
    does: '完全に削除',
    says: /ディスク 1 台（8 GiB）/,
  },
] as const)('what lies in the trash goes for good only with its name typed ($language)', async (words) => {
  const { user, office } = openPage({ hosts: [host('tokyo')], guests: [], settings: { language: words.language } });
  office.answer('trash.list', async () => [entry]);
  office.answer('trash.letGo', async () => fail('disk.inUse', { path: disk.at }));
  const asked = () => office.asked.filter((one) => one.name === 'trash.letGo').map((one) => one.input);
  await user.click(await screen.findByRole('button', { name: words.menu }));
  await user.click(await screen.findByRole('menuitem', { name: words.trash }));
  await user.click(await screen.findByRole('button', { name: words.way }));
  const dialog = await screen.findByRole('dialog', { name: words.title });
  expect(within(dialog).getByText(words.says)).toBeTruthy();
  const press = () => user.click(within(dialog).getByRole('button', { name: words.does }));
  await user.type(within(dialog).getByRole('textbox'), 'mai');
  await press();
  expect(asked()).toEqual([]);
  await user.type(within(dialog).getByRole('textbox'), 'l');
  await press();
  await waitFor(() => expect(asked()).toEqual([{ hostId: 'tokyo', trashId: 'x', typedName: 'mail' }]));
  // refused: it says why, and what was typed stays
  expect((await within(dialog).findAllByText(new RegExp(disk.at))).length).toBeGreaterThan(0);
  expect((within(dialog).getByRole('textbox') as HTMLInputElement).value).toBe('mail');
  office.answer('trash.letGo', async () => ({ taskId: 't' }));
  await press();
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(asked()).toHaveLength(2);
});
