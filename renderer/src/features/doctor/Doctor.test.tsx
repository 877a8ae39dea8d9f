import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { DoctorReport, Finding } from '../../../../electron/contract/doctor.ts';
import { fail } from '../../../../electron/contract/problem.ts';
import { host } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

let page: ReturnType<typeof openPage>;
afterEach(() => page.close());

const copy = { hostId: 'b', domid: 9, name: 'web--incoming', state: '--p---', seconds: 0 };
const living = { hostId: 'a', domid: 3, name: 'web', state: '-b----', seconds: 41 };
const half: Finding = {
  id: 'incoming b web',
  version: 'v1',
  kind: 'incoming',
  weight: 'attention',
  hostId: 'b',
  guest: { name: 'web', uuid: 'u' },
  alive: living,
  because: [
    { is: 'copy', copy: living, as: 'runs' },
    { is: 'copy', copy, as: 'neverStarted' },
    { is: 'noMover', hostId: 'b' },
  ],
  things: ['web--incoming'],
  action: { is: 'end', copy, uuid: 'u', how: 'incoming' },
  typed: false,
  none: null,
};
const report = (findings: Finding[], more: Partial<DoctorReport> = {}): DoctorReport => ({
  at: 1,
  byItself: false,
  findings,
  asked: ['a', 'b'],
  notAsked: [],
  ...more,
});

/** The page, with a doctor that says these reports one after the other. */
function open(first: DoctorReport, saidAtOnce: DoctorReport | null = null, language: 'ja' | 'en' = 'en') {
  page = openPage({ settings: { language }, hosts: [host('a', { label: 'xen1' }), host('b', { label: 'xen2' })] });
  let say: (one: DoctorReport | null) => void = () => {};
  page.office.answer('doctor.watch', (_input, heard) => {
    say = heard;
    heard(saidAtOnce);
    return () => {};
  });
  page.office.answer('doctor.look', async () => {
    say(first);
    return first;
  });
  return { say: (one: DoctorReport) => say(one) };
}
const go = async () => page.user.click(await screen.findByRole('button', { name: 'Doctor' }));

test('a finding tells which copy is alive, why, and what its one button will do; pressed, that version is mended', async () => {
  open(report([half]));
  await go();
  expect(await screen.findByText('A move of web broke off; a half that came is left on xen2')).toBeTruthy();
  expect(screen.getByText('web on xen1')).toBeTruthy();
  expect(screen.getByText('xen2: web--incoming has never run (state --p---, 0 s of CPU time)')).toBeTruthy();
  expect(screen.getByText('Ends web--incoming on xen2. The living copy is not touched.')).toBeTruthy();
  page.office.answer('doctor.mend', async () => fail('doctor.stale', {}));
  await page.user.click(screen.getByRole('button', { name: 'End this copy' }));
  expect(await screen.findByText('Things are no longer as they were when this was found.')).toBeTruthy();
  const asked = page.office.asked.find((one) => one.name === 'doctor.mend');
  expect(asked?.input).toEqual({ findingId: 'incoming b web', version: 'v1', typedName: '' });
});

test('where memory is given up, nothing is asked before the name is typed', async () => {
  open(report([{ ...half, alive: null, typed: true }]));
  page.office.answer('doctor.mend', async () => ({ taskId: 't1' }));
  await go();
  await page.user.click(await screen.findByRole('button', { name: 'End this copy' }));
  const dialog = await screen.findByRole('dialog');
  await page.user.type(within(dialog).getByRole('textbox'), 'we');
  await page.user.keyboard('{Enter}');
  expect(page.office.asked.some((one) => one.name === 'doctor.mend')).toBe(false);
  await page.user.type(within(dialog).getByRole('textbox'), 'b{Enter}');
  await waitFor(() => expect(page.office.asked.find((one) => one.name === 'doctor.mend')?.input).toMatchObject({ typedName: 'web' }));
});

const old: Finding = {
  ...half,
  id: 'oldDisk b m1',
  kind: 'oldDisk',
  because: [
    { is: 'movedTo', hostId: 'b', label: 'xen1' },
    { is: 'copy', copy: living, as: 'runs' },
  ],
  things: ['/srv/web.img'],
  action: { is: 'setAside', trashId: 'm1', disks: ['/srv/web.img'] },
};
test.each([
  {
    language: 'en' as const,
    doctor: 'Doctor',
    says: [
      'An old disk of web, which moved away, is still in its place on xen2',
      'xen2: it moved to xen1 from here, and this disk could not be set aside then',
      'It goes to the trash of xen2, to what else the machine left there; from there it can come back.',
    ],
    button: 'Set it aside',
    refused: 'Something uses this disk, so it stays where it is: a machine, or somebody who mounted it.',
  },
  {
    language: 'ja' as const,
    doctor: '診断',
    says: [
      '移行済みの web の元のディスクが、xen2 の元の場所に残っています',
      'xen2: ここから xen1 へ移行しましたが、このディスクはゴミ箱に移せませんでした',
      'xen2 のゴミ箱に、この仮想マシンのほかの元のディスクと一緒に置きます。戻せます。',
    ],
    button: 'ゴミ箱へ',
    refused: 'このディスクは使用中（仮想マシン、またはマウント）なので、動かしていません。',
  },
])('an old disk that stayed is named with its path, and set aside unless something uses it ($language)', async (one) => {
  open(report([old]), null, one.language);
  page.office.answer('doctor.mend', async () => fail('doctor.refused', { why: 'inuse', said: 'inuse /srv/web.img' }));
  await page.user.click(await screen.findByRole('button', { name: one.doctor }));
  for (const words of [...one.says, '/srv/web.img']) expect(await screen.findByText(words)).toBeTruthy();
  await page.user.click(screen.getByRole('button', { name: one.button }));
  expect(await screen.findByText(one.refused)).toBeTruthy();
});

test('without an action there is no button, and whom it needs is named', async () => {
  open(
    report([{ ...half, alive: null, action: null, none: { is: 'notAsked', hostIds: ['b'], others: ['xen9'] } }], {
      asked: ['a'],
      notAsked: [{ hostId: 'b', problem: null }],
    }),
  );
  await go();
  expect(await screen.findByText('xen2 and xen9 can’t be asked, and it may run there. Wait until they are back.')).toBeTruthy();
  expect(screen.getByText('can’t be told yet')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'End this copy' })).toBeNull();
  expect(screen.getByText('Could not be asked: xen2. It looks again by itself when they are back.')).toBeTruthy();
});

test('where nobody could be asked, nothing is said to be in order', async () => {
  open(report([], { asked: [], notAsked: [{ hostId: 'b', problem: null }] }));
  await go();
  expect(await screen.findByText(/^Could not be asked: xen2/)).toBeTruthy();
  expect(screen.queryByText('Everything is in order')).toBeNull();
});

test('everything in order: said only of those that were asked', async () => {
  open(report([], { asked: ['a'], notAsked: [{ hostId: 'b', problem: null }] }));
  await go();
  expect(await screen.findByText('Everything is in order')).toBeTruthy();
  expect(screen.getByText('Asked: xen1')).toBeTruthy();
  expect(screen.getByText(/^Could not be asked: xen2/)).toBeTruthy();
});

test('found by itself: a quiet notice leads there, once', async () => {
  open(report([half]), report([half], { byItself: true }));
  expect(await screen.findByText(/The doctor found one thing\. A move of web broke off/)).toBeTruthy();
  await page.user.click(screen.getByRole('button', { name: 'Dismiss' }));
  expect(screen.queryByText(/The doctor found/)).toBeNull();
});
