import { cleanup, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { WayToGo } from '../../../../electron/contract/diskTravel.ts';
import type { Plan, PlanStep, StepState } from '../../../../electron/contract/plan.ts';
import { madePlan, madeStep } from '../../../../electron/contract/planTest.ts';
import { problem } from '../../../../electron/contract/problem.ts';
import { facts, guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

afterEach(() => {
  cleanup();
  for (const left of document.querySelectorAll('[data-announcer]')) left.textContent = '';
});

const said = () => document.querySelector('[data-announcer]')?.textContent ?? '';
const guests = () => [
  guest('a', 'mail', 'running', 4096, { guestId: 'mail', key: 'a/mail' }),
  guest('a', 'web', 'running', 1024, { guestId: 'web', key: 'a/web' }),
  guest('a', 'fax', 'running', 512, { guestId: 'fax', key: 'a/fax', type: 'pv' }),
  guest('b', 'db', 'running', 2048, { guestId: 'db', key: 'b/db' }),
];
const step = (name: string, memoryMiB: number, state: StepState = { is: 'waiting' }) => madeStep(name, { memoryMiB, state });
const plan = (more: Partial<Plan> = {}) =>
  madePlan({
    steps: [step('mail', 4096), step('web', 1024)],
    left: [
      {
        guestId: 'fax',
        name: 'fax',
        hostId: 'a',
        withStop: [
          { hostId: 'b', how: 'saved' },
          { hostId: 'c', how: 'stopped' },
        ],
        reasons: [{ hostId: 'b', because: problem('move.pvNoShadow', { host: 'a' }) }],
      },
    ],
    ...more,
  });
const office = (hosts = [host('a'), host('b'), host('c')]) => {
  const page = openPage({ hosts, guests: guests() });
  page.office.answer('migration.check', async () => looked);
  page.office.answer('plan.save', async () => ({ planId: 'p' }));
  page.office.answer('plan.run', async () => null);
  const asked = (name: string) => page.office.asked.filter((one) => one.name === name).map((one) => one.input);
  return { ...page, asked };
};
const block = (name: string) => screen.findByRole('button', { name: new RegExp(`^${name}, `) });
const openPlan = async ({ office: engine, user }: ReturnType<typeof office>, one: Plan) => {
  await block('mail');
  engine.plans.put(one);
  await user.click(screen.getByRole('button', { name: 'Plans' }));
  await user.click(await screen.findByRole('button', { name: /^Empty a(?! host)/ }));
  await screen.findByRole('heading', { name: 'Empty a' });
};

test('several blocks are selected and carried by the keyboard; a strip says how many fit and why not; the sheet makes a plan and begins', async () => {
  const { office: engine, user, asked } = office();
  (await block('mail')).focus();
  await user.keyboard('x');
  expect(said()).toBe('1 selected');
  (await block('fax')).focus();
  await user.keyboard('x ');
  expect(said()).toMatch(/Lifted 2 machines/);
  await user.keyboard('{ArrowDown}');
  expect(said()).toMatch(/^b: all 2 fit. fax: fits, with a stop. .*shadow paging/);
  await user.keyboard('{Enter}');
  const sheet = await screen.findByRole('dialog', { name: 'Migrate 2 machines' });
  expect(within(sheet).getByText(/^Xen on a was built without shadow paging/)).toBeTruthy();
  expect(asked('plan.save')).toEqual([]);
  // what hinders it only while it runs does not with a stop
  const stop = within(sheet).getByRole('checkbox', { name: 'Save fax here and restore it there; what runs in it goes on' });
  const noRoom = problem('move.saveRoom', { host: 'a', shortMiB: 600 });
  const saved = { ...looked, checks: [{ what: 'disks' as const, verdict: 'bad' as const, problem: noRoom }] };
  engine.answer('migration.check', async ({ guestId }) => (guestId === 'fax' ? { ...looked, stopped: looked, saved } : looked));
  await user.click(stop);
  expect(within(sheet).queryByText(/^Xen on a was built without shadow paging/)).toBeNull();
  // where there is no room for its memory it may be shut down: that is another thing to agree to
  expect(await within(sheet).findByText(/600 MiB/)).toBeTruthy();
  expect(stop).toMatchObject({ checked: false });
  await user.click(within(sheet).getByRole('checkbox', { name: 'Shut fax down here and start it there' }));
  expect(within(sheet).getByRole('button', { name: 'Migrate 2 machines' })).toBeTruthy();
  await user.click(stop);
  await user.click(within(sheet).getByRole('button', { name: 'Migrate one machine' }));
  await waitFor(() => expect(asked('plan.run')).toEqual([{ planId: 'p', typedNames: [] }]));
  expect(asked('plan.save')).toEqual([
    { planId: null, steps: [{ hostId: 'a', guestId: 'mail', targetHostId: 'b', leftOut: false, how: 'straight' }] },
  ]);
  expect(asked('migration.start')).toEqual([]);
});

test('Ctrl with the pointer selects without opening; Ctrl+A takes all of a host; Escape takes none', async () => {
  const { user } = office();
  await user.keyboard('{Control>}');
  await user.click(await block('web'));
  await user.keyboard('{/Control}');
  expect(screen.getByRole('toolbar', { name: '1 selected' })).toBeTruthy();
  expect((await block('web')).getAttribute('aria-pressed')).toBe('false');
  await user.keyboard('{Control>}a{/Control}');
  expect(said()).toBe('3 selected');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('toolbar', { name: /selected/ })).toBeNull();
});

test('a host is emptied from its commands: the engine is asked once, and its plan opens', async () => {
  const { office: engine, user, asked } = office();
  await block('mail');
  engine.answer('plan.empty', async () => {
    engine.plans.put(plan());
    return { planId: 'p' };
  });
  await user.click(screen.getByRole('button', { name: 'Commands of host a' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Empty this host…' }));
  const dialog = await screen.findByRole('dialog', { name: 'Empty a' });
  expect(asked('plan.empty')).toEqual([]);
  await user.click(within(dialog).getByRole('button', { name: 'Make the plan' }));
  expect(await screen.findByRole('heading', { name: 'Empty a' })).toBeTruthy();
  expect(asked('plan.empty')).toEqual([{ hostId: 'a', halted: false, stops: false }]);
  expect(screen.getByRole('heading', { name: 'Can go with a stop' })).toBeTruthy();
  expect(screen.getByText(/shadow paging/)).toBeTruthy();
  expect(asked('plan.run')).toEqual([]);
});

test('a draft is changed: order, left out, target; each place is spoken, and what can’t be done says why', async () => {
  const page = office();
  const { user, asked } = page;
  await openPlan(page, plan());
  expect(screen.getByRole('button', { name: 'mail earlier: It is first already.' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'mail later' }));
  const at = (guestId: string, leftOut = false) => ({ hostId: 'a', guestId, targetHostId: 'b', leftOut, how: 'straight' });
  await waitFor(() => expect(asked('plan.save').at(-1)).toEqual({ planId: 'p', steps: [at('web'), at('mail')] }));
  await waitFor(() => expect(said()).toBe('mail is number 2 of 2.'));
  await user.click(screen.getByRole('button', { name: 'Leave out: web' }));
  await waitFor(() => expect(asked('plan.save').at(-1)).toEqual({ planId: 'p', steps: [at('mail'), at('web', true)] }));
  await user.click(screen.getByRole('button', { name: /Where mail goes/ }));
  await user.click(await screen.findByRole('option', { name: 'c' }));
  await waitFor(() => expect(asked('plan.save').at(-1)).toEqual({ planId: 'p', steps: [{ ...at('mail'), targetHostId: 'c' }, at('web')] }));
});

test('one that no host takes while it runs is taken in saved and restored; its step says so, keeps it when it is changed, and can go another way', async () => {
  const page = office();
  const { office: engine, user, asked } = page;
  await openPlan(page, plan());
  await user.click(screen.getByRole('button', { name: 'Take in, saved and restored: fax' }));
  const at = (guestId: string, how: WayToGo) => ({ hostId: 'a', guestId, targetHostId: 'b', leftOut: false, how });
  const order = [at('mail', 'straight'), at('web', 'straight'), at('fax', 'saved')];
  await waitFor(() => expect(asked('plan.save').at(-1)).toEqual({ planId: 'p', steps: order }));
  engine.answer('migration.check', async () => {
    const shadow = { what: 'type' as const, verdict: 'bad' as const, problem: problem('move.pvNoShadow', { host: 'a' }) };
    return { ...looked, checks: [shadow], stopped: { ...looked, expectedSeconds: 60 }, saved: { ...looked, expectedSeconds: 90 } };
  });
  engine.plans.put(plan({ steps: [step('mail', 4096), step('web', 1024), { ...step('fax', 512), how: 'saved' }], left: [] }));
  const row = () => within(screen.getByText('fax').closest('li') ?? document.body);
  const way = () => row().getByRole('button', { name: /How fax goes/ });
  await waitFor(() => expect(way().textContent).toContain('Saved and restored'));
  // what the hosts say of a live move is not what counts for it
  expect(await row().findByText(/checked/)).toBeTruthy();
  expect(row().queryByText(/shadow paging/)).toBeNull();
  await user.click(screen.getByRole('button', { name: 'fax earlier' }));
  await waitFor(() => expect(asked('plan.save').at(-1)).toEqual({ planId: 'p', steps: [order[0], order[2], order[1]] }));
  await user.click(way());
  const live = await screen.findByRole('option', { name: /^Live/ });
  expect(live.getAttribute('aria-disabled')).toBe('true');
  expect(live.textContent).toMatch(/shadow paging/);
  await user.click(screen.getByRole('option', { name: /^With a stop/ }));
  await waitFor(() => expect(asked('plan.save').at(-1)).toEqual({ planId: 'p', steps: [order[0], order[1], at('fax', 'stopped')] }));
});

test('one that is halted on its way, with a stop, counts at its target', async () => {
  const page = office([host('a'), host('b', { freeMemoryMiB: 4500 })]);
  await block('mail');
  page.office.guests.put(guest('a', 'fax', 'halted', 512, { guestId: 'fax', key: 'a/fax', type: 'pv' }));
  const steps: PlanStep[] = [{ ...step('fax', 512, { is: 'moving', taskId: 't' }), how: 'stopped' }];
  await openPlan(page, plan({ state: 'running', steps, left: [] }));
  expect(screen.getByText('4.4 GiB now → 3.9 GiB after the plan')).toBeTruthy();
});

test('two quick presses don’t undo each other: the second builds on what the first made of the plan', async () => {
  const page = office();
  const { office: engine, user, asked } = page;
  engine.answer('plan.save', async ({ steps }) => {
    const left = new Set(steps.filter((one) => one.leftOut).map((one) => one.guestId));
    engine.plans.put(plan({ steps: plan().steps.map((one) => (left.has(one.guestId) ? { ...one, state: { is: 'skipped' } } : one)) }));
    return { planId: 'p' };
  });
  await openPlan(page, plan());
  const [first, second] = ['mail', 'web'].map((name) => screen.getByRole('button', { name: `Leave out: ${name}` }));
  if (!first || !second) throw new Error('two buttons are needed');
  await user.click(first);
  await user.click(second);
  await waitFor(() => expect(asked('plan.save').at(-1)).toMatchObject({ steps: [{ leftOut: true }, { leftOut: true }] }));
});

test('what will not fit when its turn comes is told before the start', async () => {
  const page = office([host('a'), host('b', { freeMemoryMiB: 4500 })]);
  await openPlan(page, plan());
  expect(await screen.findByText(/short by/)).toBeTruthy();
  expect(screen.getByText(/One machine can’t go as things are/)).toBeTruthy();
});

test('a plan paused by a failure says so everywhere; the failed move is tried again, the others stay as they are', async () => {
  const page = office();
  const { office: engine, user, asked } = page;
  await block('mail');
  const failed: StepState = { is: 'failed', taskId: 't', problem: problem('move.targetFailed', { said: 'no' }) };
  engine.plans.put(plan({ state: 'paused', pausedBy: 'failure', steps: [step('mail', 4096, failed), step('web', 1024)] }));
  expect(await screen.findByText(/“Empty a” is paused because a move failed/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Open the plan' }));
  expect(await screen.findByText(/The target could not take it/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Open the plan' })).toBeNull();
  await user.click(screen.getByRole('button', { name: 'Leave out: web' }));
  await waitFor(() =>
    expect(asked('plan.save').at(-1)).toEqual({
      planId: 'p',
      steps: [{ hostId: 'a', guestId: 'web', targetHostId: 'b', leftOut: true, how: 'straight' }],
    }),
  );
  await user.click(screen.getByRole('button', { name: 'Try again: mail' }));
  await waitFor(() =>
    expect(asked('plan.save').at(-1)).toMatchObject({ steps: [{ guestId: 'mail', leftOut: false }, { guestId: 'web' }] }),
  );
  await user.click(screen.getByRole('button', { name: 'Go on' }));
  await waitFor(() => expect(asked('plan.run')).toEqual([{ planId: 'p', typedNames: [] }]));
});

test('while it runs it can be paused and not thrown away; ended, it can be brought back', async () => {
  const page = office();
  const { office: engine, user, asked } = page;
  engine.answer('plan.pause', async () => null);
  engine.answer('plan.back', async () => ({ planId: 'q' }));
  await openPlan(page, plan({ state: 'running', steps: [step('mail', 4096, { is: 'done', taskId: null }), step('web', 1024)] }));
  await user.click(screen.getByRole('button', { name: 'Pause' }));
  expect(asked('plan.pause')).toEqual([{ planId: 'p' }]);
  await user.click(screen.getByRole('button', { name: /Discard/ }));
  expect(screen.queryByRole('dialog')).toBeNull();
  engine.plans.put(plan({ state: 'ended', steps: [step('mail', 4096, { is: 'done', taskId: null })] }));
  engine.plans.put(plan({ id: 'q', purpose: { is: 'back', of: 'p' }, left: [] }));
  await user.click(await screen.findByRole('button', { name: 'Plan the way back' }));
  expect(await screen.findByRole('heading', { name: 'Bring back to a' })).toBeTruthy();
});

test('one that got to its target and does not run there can be brought back and not be left out; one that failed before is left out', async () => {
  const page = office();
  const why = problem('move.notStarted', { name: 'web', host: 'b', said: '' }, { effect: 'partial' });
  const failed: StepState = { is: 'failed', taskId: 't', problem: why };
  const steps: PlanStep[] = [
    { ...step('web', 1024, failed), how: 'stopped' },
    { ...step('mail', 4096, failed), how: 'stopped' },
  ];
  await openPlan(page, plan({ state: 'paused', pausedBy: 'failure', steps, left: [] }));
  const names = (name: string) => within(screen.getByText(name, { selector: 'strong' }).closest('li') as HTMLElement);
  const buttons = (name: string) =>
    names(name)
      .getAllByRole('button')
      .map((one) => one.textContent);
  // both are at their source: nothing is there to be brought back
  const mayGoBack = () => screen.getByRole('button', { name: 'Plan the way back' }).getAttribute('aria-disabled') === 'false';
  expect(mayGoBack()).toBe(false);
  page.office.guests.drop('a/web');
  page.office.guests.put(guest('b', 'web', 'halted', 1024, { guestId: 'web', uuid: 'web', key: 'b/web' }));
  await waitFor(() => expect(mayGoBack()).toBe(true));
  expect(buttons('web')).toEqual(['Try again']);
  // the way of a step that failed is changed when it waits anew
  expect(screen.queryByRole('button', { name: /^Move without a stop/ })).toBeNull();
  expect(buttons('mail')).toEqual([expect.stringContaining('b'), 'Try again', 'Leave out']);
});

test('on the what-if board nothing is asked of the engine until it becomes a plan; memory follows, and it can be undone and thrown away', async () => {
  const { office: engine, user, asked } = office();
  await block('mail');
  await user.click(screen.getByRole('button', { name: 'Plans' }));
  expect(await screen.findByText(/No plans yet/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Try it on the what-if board' }));
  const board = await screen.findByRole('region', { name: 'What-if board' });
  const strip = (label: string) => within(board).getByRole('region', { name: `Host ${label}` });
  const carry = async (name: string) => {
    within(board)
      .getByRole('button', { name: new RegExp(`^${name}, `) })
      .focus();
    await user.keyboard(' {ArrowDown}{Enter}');
  };
  await carry('mail');
  expect(said()).toBe('Put mail on b, for a try.');
  expect(within(strip('b')).getByRole('button', { name: /^mail, / })).toBeTruthy();
  expect(within(strip('b')).getByText('7.7 GiB free')).toBeTruthy();
  await carry('web');
  await user.click(screen.getByRole('button', { name: 'Undo one' }));
  expect(said()).toBe('Took web back.');
  expect(within(strip('a')).getByRole('button', { name: /^web, / })).toBeTruthy();
  // what no host takes while it runs may go with a stop
  await carry('fax');
  expect(said()).toMatch(/^Put fax on b, for a try. It would be saved here and restored there: .*shadow paging/);
  expect(screen.getAllByText(/^Put fax on b/)).toHaveLength(2); // shown, and spoken
  engine.guests.put(guest('b', 'db', 'paused', 2048, { guestId: 'db', key: 'b/db' }));
  await carry('db');
  expect(said()).toMatch(/^db can’t be put on c/);
  expect(screen.getAllByText(/db can’t be put on c/)).toHaveLength(2);
  expect(asked('plan.save')).toEqual([]);
  await user.click(screen.getByRole('button', { name: 'Make it a plan' }));
  await waitFor(() =>
    expect(asked('plan.save')).toEqual([
      {
        planId: null,
        steps: [
          { guestId: 'mail', hostId: 'a', targetHostId: 'b', leftOut: false, how: 'straight' },
          { guestId: 'fax', hostId: 'a', targetHostId: 'b', leftOut: false, how: 'saved' },
        ],
      },
    ]),
  );
  expect(asked('plan.run')).toEqual([]);
  expect(asked('migration.start')).toEqual([]);
});

test('the board becomes one plan however often that is pressed, and none of guests that went meanwhile', async () => {
  const { office: engine, user, asked } = office();
  await block('mail');
  await user.click(screen.getByRole('button', { name: 'Plans' }));
  await user.click(await screen.findByRole('button', { name: 'Try it on the what-if board' }));
  const board = within(await screen.findByRole('region', { name: 'What-if board' }));
  for (const name of ['web', 'mail']) {
    board.getByRole('button', { name: new RegExp(`^${name}, `) }).focus();
    await user.keyboard(' {ArrowDown}{Enter}');
  }
  expect(screen.getByText(/2 machines moved/)).toBeTruthy();
  engine.guests.drop('a/mail');
  expect(await screen.findByText(/One machine moved/)).toBeTruthy();
  const answer: { give: () => void } = { give: () => {} };
  engine.answer('plan.save', async () => {
    await new Promise<void>((resolve) => {
      answer.give = resolve;
    });
    return { planId: 'p' };
  });
  await user.dblClick(screen.getByRole('button', { name: 'Make it a plan' }));
  await waitFor(() => expect(asked('plan.save')).toMatchObject([{ steps: [{ guestId: 'web' }] }]));
  engine.guests.drop('a/web');
  expect(await screen.findByText(/Nothing moved yet/)).toBeTruthy();
  answer.give();
  expect(asked('plan.save')).toHaveLength(1);
});

test('what is dragged on from where it was only tried is judged from where it is; a stop that is not needed any more is none', async () => {
  const { user, asked } = office([host('a'), host('b', { facts: facts({ hostname: 'b', cpuVendor: 'AuthenticAMD' }) }), host('c')]);
  await block('mail');
  await user.click(screen.getByRole('button', { name: 'Plans' }));
  await user.click(await screen.findByRole('button', { name: 'Try it on the what-if board' }));
  const board = await screen.findByRole('region', { name: 'What-if board' });
  const carry = async (keys: string) => {
    within(board)
      .getByRole('button', { name: /^mail, / })
      .focus();
    await user.keyboard(keys);
  };
  await carry(' {ArrowDown}{Enter}');
  expect(said()).toMatch(/^Put mail on b, for a try. It would be shut down here and started there: .*AMD/);
  await carry(' {ArrowDown}{Enter}');
  expect(said()).toBe('Put mail on c, for a try.');
  await carry(' {ArrowUp}{ArrowUp}');
  expect(said()).toBe('a: fits');
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'Make it a plan' }));
  await waitFor(() => expect(asked('plan.save')).toMatchObject([{ steps: [{ hostId: 'a', targetHostId: 'c', how: 'straight' }] }]));
});

test('one with a stop whose guest stands still meanwhile says that it would not be started', async () => {
  const page = office();
  const steps: PlanStep[] = [
    { ...step('fax', 512), how: 'stopped' },
    { ...step('web', 1024), how: 'stopped' },
  ];
  await openPlan(page, plan({ steps, left: [] }));
  const row = (name: string) => within(screen.getByText(name, { selector: 'strong' }).closest('li') as HTMLElement);
  page.office.guests.put(guest('a', 'fax', 'halted', 512, { guestId: 'fax', key: 'a/fax', type: 'pv' }));
  expect(await row('fax').findByText(/^fax does not run now, and so would not be started at its target/)).toBeTruthy();
  await page.user.click(row('fax').getByRole('button', { name: /How fax goes/ }));
  await page.user.click(await screen.findByRole('option', { name: 'As it is' }));
  await waitFor(() =>
    expect(page.asked('plan.save')).toMatchObject([
      {
        planId: 'p',
        steps: [
          { guestId: 'fax', how: 'straight' },
          { guestId: 'web', how: 'stopped' },
        ],
      },
    ]),
  );
});
