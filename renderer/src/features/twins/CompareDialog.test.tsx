import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import { fail, problem } from '../../../../electron/contract/problem.ts';
import type { FixPreview, TwinReport } from '../../../../electron/contract/twin.ts';
import { facts, guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

afterEach(cleanup);

const report: TwinReport = {
  sides: [
    { hostId: 'a', features: 80, keymaps: ['ja'], network: 'ifupdown' },
    { hostId: 'b', features: null, keymaps: null, network: 'netplan' },
  ],
  findings: [
    { what: 'version', verdict: 'good', to: null, problem: null },
    { what: 'features', verdict: 'warning', to: null, problem: problem('twin.policyUnknown', { hosts: ['b'] }) },
    { what: 'bridge', verdict: 'bad', to: 'b', problem: problem('bridge.missing', { bridge: 'br1', where: 'b' }) },
    { what: 'storage', verdict: 'bad', to: 'a', problem: problem('twin.groupMissing', { group: 'vg9', guests: ['x'], host: 'a' }) },
  ],
};
const preview = (port: string | null): FixPreview => ({
  commands: ['ip link add name br1 type bridge', ...(port ? [`ip link set dev ${port} master br1`] : []), 'ip link set dev br1 up'],
  files: [],
  lasting: false,
  network: 'netplan',
  ports: [
    { name: 'eno1', refusal: problem('fix.portUnfit', { port: 'eno1', unfit: 'address', host: 'b' }) },
    { name: 'eno2', refusal: null },
  ],
  refusal: null,
  shown: `shown for ${port}`,
});

/** Opens the page with two hosts whose report is that above; `made`: what was asked to be made. */
function open() {
  const page = openPage({ hosts: [host('a'), host('b', { facts: facts({ bridges: [] }) })], guests: [guest('a', 'web', 'running', 512)] });
  const made: unknown[] = [];
  page.office.answer('twin.check', async () => report);
  page.office.answer('fix.preview', async ({ fix }) => preview(fix.is === 'bridge' ? fix.port : null));
  page.office.answer('fix.make', async (input) => {
    made.push(input);
    return null;
  });
  return { ...page, made };
}

/** By the keyboard alone: the field that finds commands. */
async function compare(user: ReturnType<typeof open>['user']) {
  await screen.findByText('web');
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox').catch(() => screen.getByRole('searchbox')), 'a: compare');
  await user.keyboard('{Enter}');
  return screen.findByRole('table', { name: 'a and b compared' });
}

test('both side by side: values, ticks and sentences with their direction; what XenFerry can make is offered, and no more', async () => {
  const { user } = open();
  const table = await compare(user);
  const rows = within(table)
    .getAllByRole('row')
    .map((one) => one.textContent);
  expect(rows).toContain('Xen version (good)4.17.54.17.5');
  expect(rows).toContain('CPU features (note)80can’t be told');
  const missing = within(table).getByText('The bridge br1 is missing on b.').closest('li');
  expect(missing?.textContent).toContain('a → b');
  expect(
    within(table)
      .getAllByRole('button')
      .map((one) => one.textContent),
  ).toEqual(['Make it on b…']);
  expect(screen.getByText('2 things hinder, 1 note.')).toBeTruthy();
});

test('what would be run is shown, for the port that is chosen; made, the report comes again and is asked anew', async () => {
  const { user, office, made } = open();
  await compare(user);
  await user.click(screen.getByRole('button', { name: 'Make it on b…' }));
  const sheet = await screen.findByRole('dialog', { name: 'Make the bridge br1 on b' });
  expect(await within(sheet).findByText(/ip link add name br1 type bridge\s+ip link set dev br1 up/)).toBeTruthy();
  expect(within(sheet).getByText(/until the next reboot only.*netplan/)).toBeTruthy();
  await user.click(within(sheet).getByRole('button', { name: /Port/ }));
  expect((await screen.findByRole('option', { name: /eno1/ })).getAttribute('aria-disabled')).toBe('true');
  await user.click(screen.getByRole('option', { name: /eno2/ }));
  await within(sheet).findByText(/ip link set dev eno2 master br1/);
  const asked = office.asked.filter((one) => one.name === 'twin.check').length;
  await user.click(within(sheet).getByRole('button', { name: 'Make it' }));
  await screen.findByRole('table', { name: 'a and b compared' });
  expect(made).toEqual([{ hostId: 'b', fix: { is: 'bridge', name: 'br1', port: 'eno2' }, shown: 'shown for eno2' }]);
  await waitFor(() => expect(office.asked.filter((one) => one.name === 'twin.check').length).toBe(asked + 1));
});

test.each([
  ['leads out of the other server: the one port that could join it is chosen', ['eno5'], 'eno2'],
  ['is an inner one there too: none is', [], null],
])('a bridge that %s; another choice stays', async (_what, ports, port) => {
  const { user, office } = open();
  office.hosts.put(host('a', { facts: facts({ bridges: [{ name: 'br1', up: true, ports }] }) }));
  await compare(user);
  await user.click(screen.getByRole('button', { name: 'Make it on b…' }));
  const sheet = await screen.findByRole('dialog', { name: 'Make the bridge br1 on b' });
  const field = await within(sheet).findByRole('button', { name: /Port/ });
  await waitFor(() => expect(field.textContent).toContain(port ?? 'None'));
  if (port === null) return;
  await within(sheet).findByText(/ip link set dev eno2 master br1/);
  await user.click(field);
  await user.click(screen.getByRole('option', { name: /None/ }));
  await waitFor(() => expect(within(sheet).queryByText(/master br1/)).toBeNull());
  expect(field.textContent).toContain('None');
});

test('a refusal is told in that dialog, which stays', async () => {
  const { user, office } = open();
  await compare(user);
  office.answer('fix.make', async () => fail('fix.failed', { thing: 'br1', said: 'RTNETLINK answers: no', left: [] }));
  await user.click(screen.getByRole('button', { name: 'Make it on b…' }));
  const sheet = await screen.findByRole('dialog', { name: 'Make the bridge br1 on b' });
  await within(sheet).findByText(/ip link add/);
  await user.click(within(sheet).getByRole('button', { name: 'Make it' }));
  expect((await within(sheet).findByRole('alert')).textContent).toMatch(/br1 could not be made.*Nothing was changed.*RTNETLINK/);
  await user.click(within(sheet).getByRole('button', { name: 'Cancel' }));
  await screen.findByRole('table', { name: 'a and b compared' });
});

test('the sheet of a move offers the missing bridge, and comes again when it is made', async () => {
  const { user, office } = open();
  office.answer('migration.check', async () => ({
    ...looked,
    checks: [{ what: 'bridge', verdict: 'bad', problem: problem('bridge.missing', { bridge: 'br1', where: 'b' }) }],
  }));
  await user.click(await screen.findByText('web'));
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('combobox').catch(() => screen.getByRole('searchbox')), 'web: migrate');
  await user.keyboard('{Enter}');
  await user.click(await screen.findByRole('button', { name: 'Make it on b…' }));
  const sheet = await screen.findByRole('dialog', { name: 'Make the bridge br1 on b' });
  await within(sheet).findByText(/ip link add/);
  await user.click(within(sheet).getByRole('button', { name: 'Make it' }));
  expect(await screen.findByRole('dialog', { name: 'Migrate web' })).toBeTruthy();
  expect(office.asked.filter((one) => one.name === 'migration.check')).toHaveLength(2);
});
