import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { Plan, StepState } from '../../../../electron/contract/plan.ts';
import { madePlan, madeStep } from '../../../../electron/contract/planTest.ts';
import { type ProblemOf, problem } from '../../../../electron/contract/problem.ts';
import { guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** Plans while a saved host is silent: hosts are named, and going on without them needs names. */

let close = () => {};
afterEach(() => close());

const notAsked = (name: string) => problem('guard.notAsked', { name, hosts: ['kyoto'], lastSeen: null }) as ProblemOf<'guard.notAsked'>;
const step = (name: string, state: StepState = { is: 'waiting' }) => madeStep(name, { state });
const plan = (more: Partial<Plan> = {}) =>
  madePlan({
    state: 'paused',
    steps: [step('mail', { is: 'waiting', notAsked: notAsked('mail') }), step('web')],
    pausedBy: 'notAsked',
    ...more,
  });
const lost = { is: 'closed' } as const;
const office = (language: 'en' | 'ja' = 'en', third = host('kyoto', { link: lost })) => {
  const own = (name: string) => guest('a', name, 'running', 1024, { guestId: name, key: `a/${name}` });
  const page = openPage({ hosts: [host('a'), host('b'), third], guests: [own('mail'), own('web')], settings: { language } });
  close = page.close;
  page.office.answer('migration.check', async () => looked);
  page.office.answer('plan.save', async () => ({ planId: 'p' }));
  page.office.answer('plan.run', async () => null);
  return { ...page, runs: () => page.office.asked.flatMap((one) => (one.name === 'plan.run' ? [one.input] : [])) };
};
type Page = ReturnType<typeof office>;
const openPlan = async (page: Page, one: Plan, open: string) => {
  await screen.findByRole('button', { name: /^mail/ });
  page.office.plans.put(one);
  await page.user.click(await screen.findByRole('button', { name: open }));
};
const row = (name: string) => within(screen.getByText(name, { selector: 'strong' }).closest('li') as HTMLElement);

test('a plan that was paused by a silent host names it, and goes on for those whose names are typed', async () => {
  const page = office();
  const { user } = page;
  await screen.findByRole('button', { name: /^mail/ });
  page.office.plans.put(plan());
  expect(await screen.findByText('The plan “Empty a” is paused because hosts could not be asked who runs there.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Open the plan' }));
  expect(await screen.findByText(/^Paused before a move began.*its disks are destroyed.*type the names below/)).toBeTruthy();
  expect(row('mail').getByText(/could not be asked whether mail is running there: kyoto/)).toBeTruthy();
  // its turn will come too, and its host is silent for it as well
  expect(row('web').getByText(/could not be asked whether web is running there: kyoto/)).toBeTruthy();
  const field = row('mail').getByRole('textbox', { name: 'Type “mail” to confirm' });
  await user.type(field, 'mali');
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  expect(page.runs()).toEqual([]);
  await user.clear(field);
  await user.type(field, 'mail');
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  await waitFor(() =>
    expect(page.runs()).toEqual([{ planId: 'p', typedNames: [{ guestId: 'mail', typedName: 'mail', hosts: ['kyoto'] }] }]),
  );
});

test('with nothing typed it is let go on too: the hosts are asked once more', async () => {
  const page = office('en', host('kyoto'));
  await openPlan(page, plan(), 'Open the plan');
  await row('mail').findByRole('textbox', { name: 'Type “mail” to confirm' });
  expect(row('web').queryByRole('textbox')).toBeNull();
  await page.user.click(screen.getByRole('button', { name: 'Go on' }));
  await waitFor(() => expect(page.runs()).toEqual([{ planId: 'p', typedNames: [] }]));
});

test('in Japanese', async () => {
  const page = office('ja');
  await screen.findByRole('button', { name: /^mail/ });
  page.office.plans.put(plan());
  expect(await screen.findByText(/^計画「a を空にする」は、動いていないかを確かめられなかったホストがあるため/)).toBeTruthy();
  await page.user.click(screen.getByRole('button', { name: '計画を開く' }));
  expect(await screen.findByText(/^動いていないかを確かめられなかったホストがあるため、移行を始めずに一時停止しました/)).toBeTruthy();
  expect(row('mail').getByText(/mail が動いていないかを確かめられなかったホストがあります: kyoto/)).toBeTruthy();
  await page.user.type(row('mail').getByRole('textbox', { name: '確認のため「mail」と入力してください' }), 'mail');
  await page.user.click(screen.getByRole('button', { name: '続ける' }));
  await waitFor(() => expect(page.runs()).toMatchObject([{ typedNames: [{ typedName: 'mail' }] }]));
});

test('a draft says beforehand where it would pause, and takes the names at its start', async () => {
  const page = office('en', host('kyoto'));
  const { user, office: engine } = page;
  // a host that is connected and did not answer in time: only the look knows
  engine.answer('migration.check', async ({ guestId }) => ({
    ...looked,
    checks: guestId === 'mail' ? [{ what: 'others', verdict: 'warning', problem: notAsked('mail') }] : [],
  }));
  await screen.findByRole('button', { name: /^mail/ });
  engine.plans.put(plan({ state: 'draft', pausedBy: null, steps: [step('mail'), step('web')] }));
  await user.click(screen.getByRole('button', { name: 'Plans' }));
  await user.click(await screen.findByRole('button', { name: /^Empty a(?! host)/ }));
  expect(await screen.findByText(/At the turn of one without its name, the plan pauses/)).toBeTruthy();
  expect(row('web').queryByRole('textbox')).toBeNull();
  await user.type(row('mail').getByRole('textbox', { name: 'Type “mail” to confirm' }), 'mail');
  await user.click(screen.getByRole('button', { name: 'Start the plan' }));
  await waitFor(() =>
    expect(page.runs()).toEqual([{ planId: 'p', typedNames: [{ guestId: 'mail', typedName: 'mail', hosts: ['kyoto'] }] }]),
  );
});

test('the sheet for several moves asks for the names before it begins', async () => {
  const page = office();
  const { user, office: engine } = page;
  engine.answer('migration.check', async ({ guestId }) => ({
    ...looked,
    checks: [{ what: 'others', verdict: 'warning', problem: notAsked(guestId) }],
  }));
  (await screen.findByRole('button', { name: /^mail/ })).focus();
  await user.keyboard('x');
  screen.getByRole('button', { name: /^web/ }).focus();
  await user.keyboard('x {ArrowDown}{Enter}');
  const sheet = within(await screen.findByRole('dialog', { name: 'Migrate 2 machines' }));
  await user.type(await sheet.findByRole('textbox', { name: 'Type “mail” to confirm' }), 'mail');
  const web = await sheet.findByRole('textbox', { name: 'Type “web” to confirm' });
  await user.click(sheet.getByRole('button', { name: /^Migrate 2 machines/ }));
  expect(page.runs()).toEqual([]);
  await user.type(web, 'web');
  await user.click(sheet.getByRole('button', { name: /^Migrate 2 machines/ }));
  const typed = (name: string) => ({ guestId: name, typedName: name, hosts: ['kyoto'] });
  await waitFor(() => expect(page.runs()).toEqual([{ planId: 'p', typedNames: expect.arrayContaining([typed('mail'), typed('web')]) }]));
});
