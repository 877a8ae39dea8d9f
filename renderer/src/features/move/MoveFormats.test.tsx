import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { InputOf, OutputOf } from '../../../../electron/contract/api.ts';
import type { DiskTravel } from '../../../../electron/contract/diskTravel.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import { facts, guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** Choosing what a copied disk becomes at the target. */

afterEach(cleanup);

const places = [
  { is: 'volumeGroup', name: 'vg0', freeMiB: 51200, totalMiB: 102400, uuid: 'o', extentMiB: 4 },
  { is: 'directory', path: '/srv/img', freeMiB: 20480, totalMiB: 40960, fsType: 'ext4', shared: null },
] as const;

/** The hosts do as asked: where nothing is wished it is a volume, in the folder a raw file. */
function answer({ places: chosen = {}, formats = {} }: InputOf<'migration.check'>): OutputOf<'migration.check'> {
  const as = formats.xvda ?? (chosen.xvda?.startsWith('dir:') ? 'raw' : 'volume');
  const to = as === 'volume' ? '/dev/vg0/mail' : `/srv/img/mail-xvda.${as === 'raw' ? 'img' : as}`;
  const place = as === 'volume' ? 'vg:vg0' : 'dir:/srv/img';
  const copied = { travels: 'copied', vdev: 'xvda', path: '/dev/vg0/mail', sizeMiB: 8192, old: false } as const;
  const disks = (how: 'traced' | 'still'): DiskTravel[] => [{ ...copied, to, as, place, how }];
  const way: OutputOf<'migration.check'> = {
    ...looked,
    checks: [{ what: 'disks', verdict: 'good', problem: null }],
    transports: [{ is: 'key', problem: null, bytesPerS: null, seconds: null }],
    reachAddress: '10.0.0.2',
  };
  return { ...way, disks: disks('traced'), stopped: { ...way, disks: disks('still') } };
}

async function open(language: 'ja' | 'en') {
  const page = openPage({
    hosts: [host('tokyo'), host('osaka', { facts: facts({ hostname: 'osaka', places: [...places] }) })],
    guests: [guest('tokyo', 'mail', 'running', 2048)],
    settings: { language },
  });
  page.office.answer('migration.origins', async () => []);
  page.office.answer('migration.start', async () => ({ taskId: 't' }));
  page.office.answer('migration.check', async (asked) => answer(asked));
  (await screen.findByRole('button', { name: /^mail/ })).focus();
  await page.user.keyboard('m');
  const sheet = within(await screen.findByRole('dialog'));
  const asked = (name: string) => page.office.asked.filter((one) => one.name === name).map((one) => one.input);
  const choose = async (field: RegExp, option: RegExp) => {
    await page.user.click(await sheet.findByRole('button', { name: field }));
    await page.user.click(await screen.findByRole('option', { name: option }));
  };
  return { ...page, sheet, asked, choose };
}

test('in a folder a disk can become qcow2: the hosts are asked again, and it starts so; a volume has no format', async () => {
  const { user, sheet, asked, choose } = await open('en');
  await sheet.findByText(/8 GiB, copied to \/dev\/vg0\/mail/);
  expect(sheet.queryByRole('button', { name: /Format of xvda/ })).toBeNull();
  await choose(/Place of xvda/, /\/srv\/img/);
  expect((await sheet.findByRole('button', { name: /Format of xvda at the target/ })).textContent).toContain('raw');
  await user.click(sheet.getByRole('button', { name: /Format of xvda/ }));
  const option = await screen.findByRole('option', { name: /qcow2/ });
  expect(option.textContent).toContain('served by QEMU');
  await user.click(option);
  expect(await sheet.findByText(/8 GiB, copied to \/srv\/img\/mail-xvda\.qcow2/)).toBeTruthy();
  const wishes = { places: { xvda: 'dir:/srv/img' }, formats: { xvda: 'qcow2' } };
  expect(asked('migration.check').at(-1)).toMatchObject(wishes);
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([wishes]));
});

test('with a stop alike; a volume group chosen after it takes the format back', async () => {
  const { user, sheet, asked, choose } = await open('en');
  await user.click(await sheet.findByRole('radio', { name: /With a stop/ }));
  await choose(/Place of xvda/, /\/srv\/img/);
  await choose(/Format of xvda/, /qcow2/);
  await sheet.findByText(/copied to \/srv\/img\/mail-xvda\.qcow2/);
  await choose(/Place of xvda/, /vg0/);
  await waitFor(() => expect(sheet.queryByRole('button', { name: /Format of xvda/ })).toBeNull());
  await sheet.findByText(/copied to \/dev\/vg0\/mail/);
  await user.click(sheet.getByRole('button', { name: 'Shut down and migrate' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ stop: true, places: { xvda: 'vg:vg0' }, formats: {} }]));
});

test('what the target lacks for it is said, and another format can be chosen', async () => {
  const { office, sheet, choose } = await open('ja');
  const why = problem('move.qcow2Tools', { host: 'osaka', lacks: ['qemu-nbd', 'nbd'], does: 'write', vdevs: ['xvda'] });
  office.answer('migration.check', async (asked) =>
    asked.formats?.xvda === 'qcow2' ? { ...answer(asked), checks: [{ what: 'disks', verdict: 'bad', problem: why }] } : answer(asked),
  );
  await choose(/xvda（8 GiB）の置き場所/, /\/srv\/img/);
  await choose(/xvda の形式/, /qcow2/);
  expect(
    (await sheet.findAllByText(/osaka は、xvda の qcow2 ファイルを作れません。ないもの: qemu-nbd、カーネルモジュール nbd/)).length,
  ).toBeGreaterThan(0);
  await choose(/xvda の形式/, /raw/);
  expect(await sheet.findByText(/\/srv\/img\/mail-xvda\.img へコピー/)).toBeTruthy();
});
