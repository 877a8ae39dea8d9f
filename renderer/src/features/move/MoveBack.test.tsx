import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { OutputOf } from '../../../../electron/contract/api.ts';
import type { DiskTravel } from '../../../../electron/contract/diskTravel.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import { facts, guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** Going back to where a guest's old disks lie, and choosing where copied disks go. */

afterEach(cleanup);

const copied = (more: Partial<Extract<DiskTravel, { travels: 'copied' }>> = {}): DiskTravel => ({
  travels: 'copied',
  vdev: 'xvda',
  path: '/dev/vg0/mail',
  sizeMiB: 8192,
  to: '/dev/vg0/mail',
  as: 'volume',
  place: 'vg:vg0',
  old: false,
  how: 'traced',
  ...more,
});
const answer = (...disks: DiskTravel[]): OutputOf<'migration.check'> => ({
  ...looked,
  checks: [{ what: 'disks', verdict: 'good', problem: null }],
  disks,
  transports: [{ is: 'key', problem: null, bytesPerS: null, seconds: null }],
  reachAddress: '10.0.0.2',
});
const places = [
  { is: 'volumeGroup', name: 'vg0', freeMiB: 51200, totalMiB: 102400, uuid: 'o', extentMiB: 4 },
  { is: 'directory', path: '/srv/img', freeMiB: 20480, totalMiB: 40960, fsType: 'ext4', shared: null },
] as const;

function open(language: 'ja' | 'en', origins: OutputOf<'migration.origins'> = []) {
  const page = openPage({
    hosts: [host('tokyo'), host('osaka', { facts: facts({ hostname: 'osaka', places: [...places] }) })],
    guests: [guest('tokyo', 'mail', 'running', 2048)],
    settings: { language },
  });
  page.office.answer('migration.origins', async () => origins);
  page.office.answer('migration.start', async () => ({ taskId: 't' }));
  const asked = (name: string) => page.office.asked.filter((one) => one.name === name).map((one) => one.input);
  return { ...page, asked };
}
const left = [{ hostId: 'osaka', leftAt: Date.UTC(2026, 9, 1), sizeMiB: 8192 }];

test('a guest that left its disks on another host has a button back: its sheet says what is there already', async () => {
  const { user, office, asked } = open('en', left);
  office.answer('migration.check', async () => answer(copied({ old: true }), copied({ vdev: 'xvdb', sizeMiB: 2048, to: '/srv/img/b' })));
  await user.click(await screen.findByRole('button', { name: /^mail/ }));
  expect(await screen.findByText(/It left osaka on .* still there \(8 GiB\)/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Move back to osaka' }));
  const sheet = within(await screen.findByRole('dialog'));
  expect(await sheet.findByText(/^10 GiB in all; 8 GiB are there already from before\./)).toBeTruthy();
  expect(sheet.getByText(/lies at \/dev\/vg0\/mail already; only what changed is copied/)).toBeTruthy();
  expect(sheet.getByText(/2 GiB, copied to \/srv\/img\/b/)).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ targetHostId: 'osaka', places: {} }]));
});

test('in Japanese too', async () => {
  const { user, office } = open('ja', left);
  office.answer('migration.check', async () => answer(copied({ old: true })));
  await user.click(await screen.findByRole('button', { name: /^mail/ }));
  await user.click(await screen.findByRole('button', { name: 'osaka に戻す' }));
  expect(await screen.findByText(/そのうち 8 GiB は移行先に以前のものが残っています。/)).toBeTruthy();
});

test('a guest that left nothing anywhere has no such button', async () => {
  const { user, asked } = open('en');
  await user.click(await screen.findByRole('button', { name: /^mail/ }));
  await waitFor(() => expect(asked('migration.origins')).toHaveLength(1));
  expect(screen.queryByRole('button', { name: /Move back/ })).toBeNull();
});

test('where a copied disk goes is chosen from the target’s places, with what is free there; the hosts are asked again, and it starts so', async () => {
  const { user, office, asked } = open('en');
  office.answer('migration.check', async ({ places: chosen }) =>
    answer(chosen?.xvda === 'dir:/srv/img' ? copied({ to: '/srv/img/mail-xvda.img', as: 'raw', place: 'dir:/srv/img' }) : copied()),
  );
  (await screen.findByRole('button', { name: /^mail/ })).focus();
  await user.keyboard('m');
  const sheet = within(await screen.findByRole('dialog'));
  await user.click(await sheet.findByRole('button', { name: /Place of xvda \(8 GiB\)/ }));
  const folder = await screen.findByRole('option', { name: /\/srv\/img/ });
  expect(folder.textContent).toContain('20 GiB free');
  await user.click(folder);
  expect(await sheet.findByText(/8 GiB, copied to \/srv\/img\/mail-xvda\.img/)).toBeTruthy();
  expect(asked('migration.check').at(-1)).toMatchObject({ places: { xvda: 'dir:/srv/img' } });
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ places: { xvda: 'dir:/srv/img' } }]));
});

test('a place that is too small says so beside the checks, and another one can be chosen', async () => {
  const { user, office } = open('en');
  office.answer('migration.check', async ({ places: chosen }) =>
    chosen?.xvda === 'dir:/srv/img'
      ? { ...answer(), checks: [{ what: 'disks', verdict: 'bad', problem: problem('space.short', { place: '/srv/img', shortMiB: 512 }) }] }
      : answer(copied()),
  );
  (await screen.findByRole('button', { name: /^mail/ })).focus();
  await user.keyboard('m');
  const sheet = within(await screen.findByRole('dialog'));
  await user.click(await sheet.findByRole('button', { name: /Place of xvda/ }));
  await user.click(await screen.findByRole('option', { name: /\/srv\/img/ }));
  expect((await sheet.findAllByText(/512 MiB/)).length).toBeGreaterThan(0);
  const field = sheet.getByRole('button', { name: /Place of xvda/ });
  expect(field.textContent).toContain('/srv/img');
  await user.click(field);
  await user.click(await screen.findByRole('option', { name: /vg0/ }));
  expect(await sheet.findByText(/8 GiB, copied to \/dev\/vg0\/mail/)).toBeTruthy();
});

test('with a stop it goes back and chooses places alike; the choice tells that only what changed goes', async () => {
  const { user, office, asked } = open('en', left);
  const still = copied({ old: true, how: 'still' });
  const {
    live: _live,
    pingAddress: _ping,
    stopped: _none,
    ...stopped
  } = answer(still, copied({ vdev: 'xvdb', sizeMiB: 2048, how: 'still' }));
  office.answer('migration.check', async () => ({ ...answer(copied({ old: true }), copied({ vdev: 'xvdb', sizeMiB: 2048 })), stopped }));
  await user.click(await screen.findByRole('button', { name: /^mail/ }));
  await user.click(await screen.findByRole('button', { name: 'Move back to osaka' }));
  const sheet = within(await screen.findByRole('dialog'));
  const choice = await sheet.findByRole('radio', { name: /With a stop.*10 GiB in all; 8 GiB are there already/ });
  await user.click(choice);
  await user.click(sheet.getByRole('button', { name: /Place of xvdb/ }));
  await user.click(await screen.findByRole('option', { name: /\/srv\/img/ }));
  await user.click(await sheet.findByRole('button', { name: 'Shut down and migrate' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ stop: true, places: { xvdb: 'dir:/srv/img' } }]));
});

test('a halted guest has the button too', async () => {
  const page = openPage({
    hosts: [host('tokyo'), host('osaka')],
    guests: [guest('tokyo', 'mail', 'halted', 2048)],
    settings: { language: 'en' },
  });
  page.office.answer('migration.origins', async () => left);
  await page.user.click(await screen.findByRole('button', { name: /^mail/ }));
  expect(await screen.findByRole('button', { name: 'Move back to osaka' })).toBeTruthy();
});

test('what a move back began to write over can’t be put back, and says why', async () => {
  const { user, office, asked } = open('en');
  const disk = { from: '/dev/vg0/mail', at: '/dev/vg0/xenferry-trash-x-mail', vdev: 'xvda', sizeMiB: 8192, whole: false };
  office.answer('trash.list', async () => [
    { trashId: 'x', name: 'mail', uuid: 'u', removedAt: 0, movedTo: 'osaka', configFile: '/etc/xen/mail.cfg', configAt: '', disks: [disk] },
  ]);
  await user.click(await screen.findByRole('button', { name: 'Commands of host tokyo' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Trash' }));
  const button = await screen.findByRole('button', { name: /Put back/ });
  await user.click(button);
  expect(asked('trash.putBack')).toEqual([]);
  expect((await screen.findAllByText(/A move back began to write over these disks/)).length).toBeGreaterThan(0);
  expect(screen.queryByText(/Its disks as they were before/)).toBeNull();
});
