import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { block, expectAccessible, noBrowser, openPage, startBrowser, strip, type Watched } from './browser.ts';
import { type DemoShell, openDemoShell } from './demoShell.ts';
import { carryOver, dragTo } from './dragging.ts';

describe.skipIf(noBrowser !== null)('moving a guest in the rack', () => {
  let shell: DemoShell;
  let browser: Browser;
  let watched: Watched;
  beforeEach(async () => {
    [shell, browser] = await Promise.all([openDemoShell(), startBrowser()]);
    watched = await openPage(browser, shell.address, 'en-US');
  });
  afterEach(async () => {
    await browser?.close();
    await shell?.close();
  });
  const tray = () => watched.page.getByRole('region', { name: 'Running work' });
  const addressOf = (label: string) => shell.demo.hosts.find((host) => host.label === label)?.address ?? '';
  /** On which simulated hosts a guest of this name runs: the truth, not the page's word. */
  const runsOn = (name: string) =>
    shell.demo.office.hosts
      .filter((host) => [...host.domains.values()].some((domain) => domain.name === name))
      .map((host) => host.about.label);

  test('by pointer: every strip says whether it fits, the sheet what will happen, the tray how it goes', async () => {
    const { page, complaints } = watched;
    await carryOver(page, 'test-tokyo', '大阪');
    await strip(page, '大阪').getByText(/fits/i).first().waitFor();
    await strip(page, '名古屋')
      .getByText(/fits|not/i)
      .first()
      .waitFor();
    await page.mouse.up();
    const sheet = page.getByRole('dialog', { name: /test-tokyo/ });
    await sheet.getByText(/keeps running/).waitFor();
    await expectAccessible(page);
    expect(runsOn('test-tokyo')).toEqual(['東京']);
    await sheet.getByRole('button', { name: 'Start migration' }).click();
    await tray()
      .getByText(/copying memory/)
      .waitFor();
    await expectAccessible(page);
    await tray().getByText(/done/).waitFor();
    await block(page, 'test-tokyo', '大阪').waitFor();
    expect(await block(page, 'test-tokyo', '東京').count()).toBe(0);
    expect(runsOn('test-tokyo')).toEqual(['大阪']);
    await tray()
      .getByText(/downtime/)
      .waitFor();
    await page.getByRole('button', { name: 'History', exact: true }).first().click();
    await page
      .getByRole('main')
      .getByText(/test-tokyo/)
      .first()
      .waitFor();
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });

  test('for the night: the sheet asks when, the guest says where it will go and stays free, and it can be called off', async () => {
    const { page, complaints } = watched;
    await carryOver(page, 'test-tokyo', '大阪');
    await strip(page, '大阪').getByText(/fits/i).first().waitFor();
    await page.mouse.up();
    const sheet = page.getByRole('dialog', { name: /test-tokyo/ });
    await sheet.getByText('At a set time').click();
    await sheet.getByLabel('Begins at').waitFor();
    await expectAccessible(page);
    await sheet.getByRole('button', { name: 'Migrate at that time' }).click();
    await tray()
      .getByText(/waiting for its time/)
      .waitFor();
    await page
      .getByText(/moves to 大阪 at/)
      .first()
      .waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Cancel the move' }).click();
    await tray()
      .getByText(/cancelled/)
      .waitFor();
    expect(runsOn('test-tokyo')).toEqual(['東京']);
    expect(complaints).toEqual([]);
  });

  test('what can’t move live is saved and restored: the sheet says so, the tray how it goes, and it goes on there', async () => {
    const { page, complaints } = watched;
    await carryOver(page, 'fax-gateway', '大阪');
    await strip(page, '大阪').getByText(/fits/i).first().waitFor();
    await page.mouse.up();
    const sheet = page.getByRole('dialog', { name: /fax-gateway/ });
    await sheet
      .getByText(/without shadow paging/)
      .filter({ visible: true })
      .first()
      .waitFor();
    expect(await sheet.getByRole('radio', { name: /^Saved and restored/ }).isChecked()).toBe(true);
    await expectAccessible(page);
    await sheet.getByRole('button', { name: 'Save and migrate' }).click();
    await tray()
      .getByText(/saving its memory|copying disk/)
      .first()
      .waitFor();
    await expectAccessible(page);
    await tray().getByText(/done/).waitFor();
    expect(runsOn('fax-gateway')).toEqual(['大阪']);
    expect(complaints).toEqual([]);
  });

  test('Escape in mid-drag puts it back, and nothing happens', async () => {
    const { page } = watched;
    await carryOver(page, 'web', '大阪');
    await page.keyboard.press('Escape');
    await page.mouse.up();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await block(page, 'web', '東京').waitFor();
    expect(await tray().count()).toBe(0);
  });

  test('where it doesn’t fit, strip and sheet say why, and nothing can be started', async () => {
    const { page } = watched;
    await carryOver(page, 'db', '名古屋');
    await strip(page, '名古屋')
      .getByText(/memory|GiB|MiB/i)
      .last()
      .waitFor();
    await page.mouse.up();
    const sheet = page.getByRole('dialog', { name: /db/ });
    await sheet
      .getByText(/short by/)
      .filter({ visible: true })
      .first()
      .waitFor();
    expect(await sheet.getByRole('button', { name: 'Start migration' }).isDisabled()).toBe(true);
    expect(runsOn('db')).toEqual(['大阪']);
  });

  test('by keyboard, with each step spoken', async () => {
    const { page } = watched;
    await block(page, 'test-tokyo').focus();
    await page.keyboard.press('Space');
    const spoken = page.getByRole('log');
    for (let i = 0; i < 3 && !/大阪/.test((await spoken.allInnerTexts()).join()); i++) {
      await page.keyboard.press('ArrowDown');
      await spoken.getByText(/fits/).first().waitFor();
    }
    await page.keyboard.press('Enter');
    const sheet = page.getByRole('dialog');
    const start = sheet.getByRole('button', { name: 'Start migration' });
    await expect.poll(() => start.isEnabled()).toBe(true);
    await start.focus();
    await page.keyboard.press('Enter');
    await block(page, 'test-tokyo', '大阪').waitFor();
    await expect.poll(() => runsOn('test-tokyo')).toEqual(['大阪']);
  });

  test('cancelled while memory is copied, it runs on at the source', async () => {
    const { page } = watched;
    await dragTo(page, 'files', '大阪');
    await tray()
      .getByText(/copying memory/)
      .waitFor();
    await tray().getByRole('button', { name: 'Cancel' }).click();
    await tray()
      .getByText(/cancelled/i)
      .waitFor();
    expect(runsOn('files')).toEqual(['東京']);
    await expect.poll(() => block(page, 'files', '大阪').count()).toBe(0);
  });

  test('with the links cut in mid-move, the task shows in the end what really happened, and the guest runs once', async () => {
    const { page } = watched;
    await dragTo(page, 'test-tokyo', '大阪');
    await tray()
      .getByText(/copying memory/)
      .waitFor();
    for (const label of ['東京', '大阪']) shell.demo.fault(addressOf(label), { is: 'cutLink' });
    await tray().getByText(/done/).waitFor({ timeout: 60_000 });
    await block(page, 'test-tokyo', '大阪').waitFor();
    expect(runsOn('test-tokyo')).toEqual(['大阪']);
  });

  test('a lost link greys its strip, shows its age, and empties nothing', async () => {
    const { page } = watched;
    await block(page, 'db', '大阪').waitFor();
    shell.demo.fault(addressOf('大阪'), { is: 'power', on: false });
    await strip(page, '大阪').getByText(/lost/i).first().waitFor({ timeout: 60_000 });
    await block(page, 'db', '大阪').waitFor();
    await expectAccessible(page);
    shell.demo.fault(addressOf('大阪'), { is: 'power', on: true });
    await expect.poll(() => strip(page, '大阪').getByText(/lost/i).count(), { timeout: 90_000 }).toBe(0);
  });
});
