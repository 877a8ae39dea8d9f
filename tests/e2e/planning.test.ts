import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { block, expectAccessible, noBrowser, openPage, startBrowser, strip, type Watched } from './browser.ts';
import { type DemoShell, openDemoShell } from './demoShell.ts';
import { carryOver } from './dragging.ts';

describe.skipIf(noBrowser !== null)('many moves as one', () => {
  let shell: DemoShell;
  let browser: Browser;
  let watched: Watched;
  beforeEach(async () => {
    [shell, browser] = await Promise.all([openDemoShell({ speed: 8 }), startBrowser()]);
    watched = await openPage(browser, shell.address, 'en-US');
  });
  afterEach(async () => {
    await browser?.close();
    await shell?.close();
  });
  /** On which simulated hosts a guest of this name runs: the truth, not the page's word. */
  const runsOn = (name: string) =>
    shell.demo.office.hosts
      .filter((host) => [...host.domains.values()].some((domain) => domain.name === name))
      .map((host) => host.about.label);
  const status = (text: string) => watched.page.getByRole('main').getByRole('status').getByText(text, { exact: true });

  test('a selection is dragged with the pointer: each has its verdict, who may go goes one after the other, and is brought back', async () => {
    const { page, complaints } = watched;
    for (const name of ['test-tokyo', '受付', 'fax-gateway']) await block(page, name).click({ modifiers: ['Control'] });
    await page.getByRole('toolbar', { name: '3 selected' }).waitFor();
    await expectAccessible(page);
    await carryOver(page, 'test-tokyo', '大阪');
    await strip(page, '大阪')
      .getByText(/all 3 fit. fax-gateway: fits, with a stop/)
      .waitFor();
    await page.mouse.up();
    const sheet = page.getByRole('dialog', { name: 'Migrate 3 machines' });
    await expect.poll(() => sheet.getByText('checked', { exact: true }).count()).toBe(2);
    await sheet
      .getByText(/built without shadow paging/)
      .filter({ visible: true })
      .last()
      .waitFor();
    await expectAccessible(page);
    expect(runsOn('test-tokyo')).toEqual(['東京']);
    await sheet.getByRole('button', { name: 'Migrate 2 machines' }).click();
    await status('running').waitFor();
    await expectAccessible(page);
    await status('ended').waitFor({ timeout: 60_000 });
    expect([runsOn('test-tokyo'), runsOn('受付'), runsOn('fax-gateway')]).toEqual([['大阪'], ['大阪'], ['東京']]);
    await page.getByRole('button', { name: 'Plan the way back' }).click();
    await page.getByRole('heading', { name: 'Bring 2 machines back' }).waitFor();
    await page.getByRole('button', { name: 'Start the plan' }).click();
    await status('ended').waitFor({ timeout: 60_000 });
    expect([runsOn('test-tokyo'), runsOn('受付')]).toEqual([['東京'], ['東京']]);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  test('a host is emptied from its menu, by a plan that is changed, paused and gone on with', async () => {
    const { page, complaints } = watched;
    await block(page, 'dns2').waitFor();
    await page.getByRole('button', { name: 'Commands of host 東京' }).click();
    await page.getByRole('menuitem', { name: 'Empty this host…' }).click();
    await page.getByRole('button', { name: 'Make the plan' }).click();
    await page.getByRole('heading', { name: 'Empty 東京' }).waitFor();
    await page.getByRole('heading', { name: 'Can go with a stop' }).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Take in, saved and restored: fax-gateway' }).click();
    await page
      .getByRole('button', { name: /How fax-gateway goes/ })
      .getByText('Saved and restored')
      .waitFor();
    await expectAccessible(page);
    for (const name of ['fax-gateway', 'files', 'wiki', 'windows-ad', 'web'])
      await page.getByRole('button', { name: `Leave out: ${name}` }).click();
    await page.getByRole('button', { name: '受付 earlier' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('受付 is number 6 of 8.').waitFor();
    await page.getByRole('button', { name: 'Start the plan' }).click();
    await page.getByText('copying memory').first().waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await status('paused').waitFor();
    await expect.poll(() => runsOn('mail'), { timeout: 60_000 }).toEqual(['大阪']);
    await page.getByText('1 of 3 done').waitFor();
    expect(runsOn('受付')).toEqual(['東京']);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Go on' }).click();
    await status('ended').waitFor({ timeout: 60_000 });
    expect([runsOn('受付'), runsOn('test-tokyo'), runsOn('files')]).toEqual([['大阪'], ['大阪'], ['東京']]);
    expect(complaints).toEqual([]);
  });

  test('with a silent host a plan pauses, names it, and goes on for those whose names are typed; with the keyboard alone', async () => {
    const { page, complaints } = watched;
    for (const name of ['test-tokyo', '受付']) await block(page, name).click({ modifiers: ['Control'] });
    await carryOver(page, 'test-tokyo', '大阪');
    await page.mouse.up();
    const sheet = page.getByRole('dialog', { name: 'Migrate 2 machines' });
    await expect.poll(() => sheet.getByText('checked', { exact: true }).count()).toBe(2);
    await sheet.getByRole('button', { name: 'Migrate 2 machines' }).click();
    shell.demo.fault(shell.demo.hosts[2]?.address ?? '', { is: 'power', on: false });
    await status('paused').waitFor({ timeout: 60_000 });
    await page.getByText(/^Paused before a move began/).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Leave out: 受付' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('button:focus', { hasText: 'Take in' }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('button:focus', { hasText: 'Leave out' }).waitFor();
    // one of them may have gone before it fell silent
    const fields = await page.getByRole('textbox', { name: /^Type “/ }).all();
    for (const field of fields)
      await field.fill((await field.evaluate((one) => one.closest('li')?.querySelector('strong')?.textContent)) ?? '');
    await page.getByRole('button', { name: 'Go on' }).click();
    await status('ended').waitFor({ timeout: 60_000 });
    expect([runsOn('test-tokyo'), runsOn('受付')]).toEqual([['大阪'], ['大阪']]);
    expect(complaints).toEqual([]);
  });

  test('on the what-if board a drag moves nothing; it becomes a plan, or is thrown away', async () => {
    const { page, complaints } = watched;
    await block(page, 'web').waitFor();
    await page.getByRole('button', { name: 'Plans', exact: true }).click();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Try it on the what-if board' }).click();
    await carryOver(page, 'erp', '東京');
    await page.mouse.up();
    await block(page, 'erp', '東京').waitFor();
    await page.getByText(/大阪 free: /).waitFor();
    await expectAccessible(page);
    expect(runsOn('erp')).toEqual(['大阪']);
    await page.getByRole('button', { name: 'Throw away' }).click();
    await block(page, 'erp', '大阪').waitFor();
    await carryOver(page, 'dns2', '大阪');
    await page.mouse.up();
    await page
      .getByRole('main')
      .getByText(/^Put dns2 on 大阪, for a try. It would be shut down here/)
      .waitFor();
    await expectAccessible(page);
    await carryOver(page, 'db', '名古屋');
    await page.mouse.up();
    await page
      .getByRole('main')
      .getByText(/db can’t be put on 名古屋/)
      .waitFor();
    await carryOver(page, 'test-tokyo', '大阪');
    await page.mouse.up();
    await page.getByRole('button', { name: 'Make it a plan' }).click();
    await page.getByRole('heading', { name: '2 moves' }).waitFor();
    await page
      .getByRole('button', { name: /How dns2 goes/ })
      .getByText('With a stop')
      .waitFor();
    expect(runsOn('test-tokyo')).toEqual(['東京']);
    await page.getByRole('button', { name: 'Start the plan' }).click();
    await status('ended').waitFor({ timeout: 60_000 });
    expect([runsOn('test-tokyo'), runsOn('dns2')]).toEqual([['大阪'], ['大阪']]);
    expect(complaints).toEqual([]);
  });
});
