import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { OutputOf } from '../../../../electron/contract/api.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import type { Transport, TransportChoice } from '../../../../electron/contract/transport.ts';
import { guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

afterEach(cleanup);

const unreachable = problem('move.unreachable', { from: 'tokyo', to: 'osaka', tried: ['10.0.0.2'] });
const relayed = problem('move.relayed', { from: 'tokyo', to: 'osaka' });
const choice = (is: Transport, more: Partial<TransportChoice> = {}): TransportChoice => ({
  is,
  problem: null,
  bytesPerS: null,
  seconds: null,
  ...more,
});

function answer(transport: Transport | null, transports: TransportChoice[], checks: OutputOf<'migration.check'>['checks']) {
  return {
    ...looked,
    checks,
    transport,
    transports,
    reachAddress: transport === 'key' ? '10.0.0.2' : null,
  };
}

async function openSheet(language: 'ja' | 'en', check: (asked: Transport | null) => OutputOf<'migration.check'>) {
  const page = openPage({
    hosts: [host('tokyo'), host('osaka')],
    guests: [guest('tokyo', 'mail', 'running', 2048)],
    settings: { language },
  });
  page.office.answer('migration.check', async ({ transport }) => check(transport ?? null));
  page.office.answer('migration.start', async () => ({ taskId: 't' }));
  const block = await screen.findByRole('button', { name: /^mail/ });
  block.focus();
  await page.user.keyboard('m');
  const asked = (name: string) => page.office.asked.filter((one) => one.name === name).map((one) => one.input);
  return { ...page, asked, sheet: within(await screen.findByRole('dialog')) };
}

const overHere = (): OutputOf<'migration.check'> =>
  answer(
    'relay',
    [choice('key', { problem: unreachable }), choice('relay', { bytesPerS: 11 * 1024 * 1024, seconds: 186 })],
    [{ what: 'reach', verdict: 'warning', problem: relayed }],
  );

test('where the hosts can’t reach each other, this computer is chosen: how fast, how long, and that it must stay, before the button', async () => {
  const { user, asked, sheet } = await openSheet('en', overHere);
  expect(await sheet.findByText(/this computer passes it on\. Keep it on and connected to both until the end/)).toBeTruthy();
  expect(sheet.getByRole('button', { name: /Through this computer/ })).toBeTruthy();
  expect(sheet.getByText('11 MiB/s, about 3 mins for memory and disks once')).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ transport: null }]));
});

test('in Japanese too', async () => {
  const { sheet } = await openSheet('ja', overHere);
  expect(await sheet.findByText(/このコンピューターが中継します。/)).toBeTruthy();
  expect(sheet.getByText(/^11 MiB\/s、メモリーとディスクを 1 回送るのに約 3 分/)).toBeTruthy();
});

test('the way that does not go can’t be chosen, and says why', async () => {
  const { user, sheet } = await openSheet('en', overHere);
  await user.click(await sheet.findByRole('button', { name: /Through this computer/ }));
  const straight = await screen.findByRole('option', { name: /Straight from the source/ });
  expect(straight.getAttribute('aria-disabled')).toBe('true');
  expect(straight.textContent).toMatch(/No address leads from tokyo to osaka/);
});

test('who wants it goes through this computer: it is looked at and measured again, and started so', async () => {
  const straight = answer('key', [choice('key'), choice('relay')], [{ what: 'reach', verdict: 'good', problem: null }]);
  const { user, asked, sheet } = await openSheet('en', (wanted) => (wanted === 'relay' ? overHere() : straight));
  await user.click(await sheet.findByRole('button', { name: /Straight from the source/ }));
  await user.click(await screen.findByRole('option', { name: /Through this computer/ }));
  expect(await sheet.findByText(/11 MiB\/s/)).toBeTruthy();
  expect(asked('migration.check')).toMatchObject([{ transport: null }, { transport: 'relay' }]);
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ transport: 'relay' }]));
});

test('no way at all: both reasons are told, and nothing can be started', async () => {
  const refused = problem('move.relayRefused', { host: 'osaka' });
  const { user, asked, sheet } = await openSheet('en', () =>
    answer(
      null,
      [choice('key', { problem: unreachable }), choice('relay', { problem: refused })],
      [
        { what: 'reach', verdict: 'bad', problem: unreachable },
        { what: 'reach', verdict: 'bad', problem: refused },
      ],
    ),
  );
  expect((await sheet.findAllByText(/No address leads from tokyo to osaka/)).length).toBeGreaterThan(0);
  expect(sheet.getAllByText(/AllowTcpForwarding yes/).length).toBeGreaterThan(0);
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  expect(asked('migration.start')).toEqual([]);
});

const byAgent = problem('move.byAgent', { from: 'tokyo', to: 'osaka' });
const keyless = problem('move.rootLoginRefused', { host: 'osaka' });
const agentTold = (agent: Partial<TransportChoice> = {}): TransportChoice[] => [
  choice('key', { problem: keyless }),
  choice('relay', { problem: keyless }),
  choice('agent', agent),
];
const onlyAgent = (wanted: Transport | null): OutputOf<'migration.check'> =>
  wanted === 'agent'
    ? answer('agent', agentTold(), [{ what: 'reach', verdict: 'warning', problem: byAgent }])
    : answer(null, agentTold(), [{ what: 'reach', verdict: 'bad', problem: keyless }]);

test('where no key can be written, the SSH agent can be chosen: what that means is told before the button, and it is started so', async () => {
  const { user, asked, sheet } = await openSheet('en', onlyAgent);
  expect(await sheet.findByText(/lets no other server in as root/)).toBeTruthy();
  await user.click(sheet.getByRole('button', { name: /No way leads there/ }));
  await user.click(await screen.findByRole('option', { name: /By your SSH agent/ }));
  expect(await sheet.findByText(/whoever is root on tokyo could log in with that key/)).toBeTruthy();
  expect(asked('migration.check')).toMatchObject([{ transport: null }, { transport: 'agent' }]);
  await user.click(sheet.getByRole('button', { name: 'Start migration' }));
  await waitFor(() => expect(asked('migration.start')).toMatchObject([{ transport: 'agent' }]));
});

test('in Japanese too, and it can’t be made to wait', async () => {
  const { user, sheet } = await openSheet('ja', onlyAgent);
  await user.click(await sheet.findByRole('button', { name: /使える経路がありません/ }));
  await user.click(await screen.findByRole('option', { name: /SSH エージェントで接続/ }));
  expect(await sheet.findByText(/あなたの SSH エージェントの鍵で osaka に接続します/)).toBeTruthy();
  expect(sheet.getByText(/SSH エージェントを使う移行は予約できません/)).toBeTruthy();
});

test('without an agent it can’t be chosen, and says why', async () => {
  const none = choice('agent', { problem: problem('auth.agentMissing', {}) });
  const { user, sheet } = await openSheet('en', () =>
    answer('key', [choice('key'), choice('relay'), none], [{ what: 'reach', verdict: 'good', problem: null }]),
  );
  await user.click(await sheet.findByRole('button', { name: /Straight from the source/ }));
  const option = await screen.findByRole('option', { name: /By your SSH agent/ });
  expect(option.getAttribute('aria-disabled')).toBe('true');
  expect(option.textContent).toMatch(/No SSH agent is running/);
});
