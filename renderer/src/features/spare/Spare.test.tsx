import { cleanup, screen, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { facts, guest, host } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

afterEach(cleanup);

const pvOnly = facts({ types: ['pv'] });
const hosts = [
  host('tokyo', { freeMemoryMiB: 1000 }),
  host('osaka', { freeMemoryMiB: 3000, facts: pvOnly }),
  host('kyoto', { freeMemoryMiB: 2500, facts: pvOnly }),
];
const guests = [
  guest('tokyo', 'mail', 'running', 2000, { type: 'pv' }),
  guest('tokyo', 'web', 'running', 1000),
  guest('tokyo', 'big', 'blocked', 4096, { type: 'pv' }),
  guest('osaka', 'dns', 'running', 256, { type: 'pv' }),
];

test('a faceplate says whether the guests fit elsewhere; its host says who does not, and why', async () => {
  const { user } = openPage({ hosts, guests });
  const mark = await screen.findByRole('button', {
    name: /If it fails: big, web would not fit elsewhere|If it fails: big and web would not/,
  });
  expect(within(await screen.findByRole('region', { name: 'Host osaka' })).getByText(/its machines fit elsewhere/)).toBeTruthy();
  expect(within(await screen.findByRole('region', { name: 'Host kyoto' })).getByText(/no machine runs on it/)).toBeTruthy();
  await user.click(mark);
  const report = within(await screen.findByRole('region', { name: 'If this host fails' }));
  expect(report.getByText(/^2 machines do not fit on the other hosts: .* of memory is missing in all\.$/)).toBeTruthy();
  expect(report.getByText('big: 1.6 GiB of memory missing')).toBeTruthy();
  expect(report.getByText('web: no other host runs PVH')).toBeTruthy();
});

test('in Japanese, and with a link lost', async () => {
  const lost = host('osaka', { link: { is: 'closed' } });
  openPage({
    hosts: [host('tokyo'), lost],
    guests: [guest('tokyo', 'mail', 'running', 10), guest('osaka', 'dns', 'running', 10)],
    settings: { language: 'ja' },
  });
  const tokyo = within(await screen.findByRole('region', { name: 'ホスト tokyo' }));
  expect(await tokyo.findByRole('button', { name: '故障時: ほかに接続中のホストがありません' })).toBeTruthy();
  const osaka = within(await screen.findByRole('region', { name: 'ホスト osaka' }));
  expect(await osaka.findByRole('button', { name: '故障時: ほかのホストに収まります' })).toBeTruthy();
});
