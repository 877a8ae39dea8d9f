import { screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, test } from 'vitest';
import type { DiskTravel } from '../../../../electron/contract/diskTravel.ts';
import type { Plan } from '../../../../electron/contract/plan.ts';
import { madePlan, madeStep } from '../../../../electron/contract/planTest.ts';
import { guest, host, looked } from '../../testing/model.ts';
import { openPage } from '../../testing/open.tsx';

/** What the moves of a plan may take of the line. */

let close = () => {};
afterEach(() => close());

const MIB = 1024 * 1024;
const disk: DiskTravel = {
  travels: 'copied',
  vdev: 'xvda',
  path: '/dev/vg0/x',
  sizeMiB: 8192,
  to: '/dev/vg0/x',
  as: 'volume',
  place: 'vg:vg0',
  old: false,
  how: 'traced',
};
const plan = (more: Partial<Plan> = {}) => madePlan({ steps: [madeStep('mail'), madeStep('web')], ...more });

/** Disks of web are copied, at this many MiB/s so far. */
const office = (speeds: Record<string, number | null>, language: 'en' | 'ja' = 'en') => {
  const own = (name: string) => guest('a', name, 'running', 1024, { guestId: name, key: `a/${name}` });
  const page = openPage({ hosts: [host('a'), host('b')], guests: [own('mail'), own('web')], settings: { language } });
  const { office: engine } = page;
  close = page.close;
  engine.answer('migration.check', async ({ guestId }) => {
    const speed = speeds[guestId];
    return { ...looked, disks: speed === undefined ? [] : [disk], expectedDiskBytesPerS: speed == null ? null : speed * MIB };
  });
  engine.answer('plan.save', async () => ({ planId: 'p' }));
  engine.answer('plan.run', async () => null);
  engine.answer('plan.limit', async ({ limitMiBPerS }) => {
    const now = engine.plans.items.get('p');
    if (now) engine.plans.put({ ...now, limitMiBPerS });
    return null;
  });
  const limits = () => engine.asked.flatMap((one) => (one.name === 'plan.limit' ? [one.input] : []));
  const names = () => engine.asked.map((one) => one.name).filter((name) => /^plan\.(save|limit|run)$/.test(name));
  return { ...page, engine, limits, names };
};
type Page = ReturnType<typeof office>;
const openPlan = async ({ engine, user }: Page, one: Plan, words = { plans: 'Plans', title: 'Empty a' }) => {
  await screen.findByRole('button', { name: /^mail/ });
  engine.plans.put(one);
  await user.click(screen.getByRole('button', { name: words.plans }));
  await user.click(await screen.findByRole('button', { name: new RegExp(`^${words.title}(?! host)`) }));
  await screen.findByRole('heading', { name: words.title });
};

test('a draft that copies disks may be limited, to a share of its slowest line too; the engine has it before it starts', async () => {
  const page = office({ web: 110, mail: 200 });
  const { user } = page;
  await openPlan(page, plan());
  await user.click(await screen.findByRole('radio', { name: 'Leave a share for the office' }));
  const share = screen.getByRole('textbox', { name: 'Left for the office (%)' });
  await waitFor(() => expect(screen.getByText(/as far as is known, 110 MiB\/s/)).toBeTruthy());
  await user.type(share, '160');
  await user.click(screen.getByRole('button', { name: 'Start the plan' }));
  expect(page.names()).not.toContain('plan.run');
  await user.clear(share);
  await user.type(share, '60');
  expect(screen.getByText('Takes at most 44 MiB/s of 110 MiB/s')).toBeTruthy();
  await waitFor(() => expect(page.limits().at(-1)).toEqual({ planId: 'p', limitMiBPerS: 44 }));
  await user.click(screen.getByRole('button', { name: 'Start the plan' }));
  await waitFor(() => expect(page.names().at(-1)).toBe('plan.run'));
});

test('a draft that copies none has no limit', async () => {
  const page = office({});
  await openPlan(page, plan());
  await waitFor(() => expect(screen.getAllByText('checked')).toHaveLength(2));
  expect(screen.queryByRole('textbox', { name: /Speed limit/ })).toBeNull();
});

test('one that runs shows its limit, which can be changed for what has not begun, and taken off; in Japanese', async () => {
  const page = office({}, 'ja');
  await openPlan(page, plan({ state: 'running', limitMiBPerS: 44 }), { plans: '計画', title: 'a を空にする' });
  const field = screen.getByRole<HTMLInputElement>('textbox', { name: '速度の上限（MiB/s）' });
  expect(field.value).toBe('44');
  await page.user.clear(field);
  await waitFor(() => expect(page.limits().at(-1)).toEqual({ planId: 'p', limitMiBPerS: null }));
  await page.user.type(field, '5');
  await waitFor(() => expect(page.limits().at(-1)).toEqual({ planId: 'p', limitMiBPerS: 5 }));
});

test('the sheet for several moves has it where disks are copied', async () => {
  const page = office({ web: null });
  const { user } = page;
  (await screen.findByRole('button', { name: /^mail/ })).focus();
  await user.keyboard('x');
  screen.getByRole('button', { name: /^web/ }).focus();
  await user.keyboard('x {ArrowDown}{Enter}');
  const sheet = within(await screen.findByRole('dialog', { name: 'Migrate 2 machines' }));
  const field = await sheet.findByRole('textbox', { name: 'Speed limit (MiB/s)' });
  await user.type(field, 'fast');
  await user.click(sheet.getByRole('button', { name: /^Migrate 2 machines/ }));
  expect(page.names()).toEqual([]);
  await user.clear(field);
  await user.type(field, '40');
  await user.click(sheet.getByRole('button', { name: /^Migrate 2 machines/ }));
  await waitFor(() => expect(page.names()).toEqual(['plan.save', 'plan.limit', 'plan.run']));
  expect(page.limits()).toEqual([{ planId: 'p', limitMiBPerS: 40 }]);
});
