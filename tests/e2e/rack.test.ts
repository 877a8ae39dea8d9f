import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { settings } from '../../electron/contract/app.ts';
import { block, expectAccessible, noBrowser, openPage, startBrowser, strip } from './browser.ts';
import { type DemoShell, openDemoShell } from './demoShell.ts';

describe.skipIf(noBrowser !== null)('the rack in a browser', () => {
  let shell: DemoShell;
  let browser: Browser;
  beforeAll(async () => {
    [shell, browser] = await Promise.all([openDemoShell({ without: ['名古屋'] }), startBrowser()]);
  });
  beforeEach(async () => {
    await shell.engine.handlers['settings.write'](settings.parse({}), new AbortController().signal);
  });
  afterAll(async () => {
    await browser?.close();
    await shell?.close();
  });

  test('shows every guest of every host, in Japanese and in English, without a complaint', async () => {
    for (const [locale, rack] of [
      ['ja-JP', 'ラック'],
      ['en-US', 'Rack'],
    ] as const) {
      const { page, complaints } = await openPage(browser, shell.address, locale);
      await page.getByRole('heading', { name: rack, level: 1 }).waitFor();
      for (const host of ['東京', '大阪']) await strip(page, host).waitFor();
      for (const host of shell.demo.office.hosts.filter((one) => one.about.label !== '名古屋')) {
        for (const { name } of host.domains.values()) if (name !== 'Domain-0') await block(page, name, host.about.label).waitFor();
      }
      await block(page, 'old-intranet', '東京').waitFor();
      await expectAccessible(page);
      expect(complaints).toEqual([]);
      await page.context().close();
    }
  });

  test('changes its language at once', async () => {
    const { page } = await openPage(browser, shell.address, 'en-US');
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await page.getByText('日本語', { exact: true }).click();
    await page.getByRole('heading', { name: '設定', level: 1 }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja');
    await expectAccessible(page);
    await page
      .getByText(/システム/)
      .first()
      .click();
    await page.getByRole('heading', { name: 'Settings', level: 1 }).waitFor();
    await page.context().close();
  });

  test('adds a host: a wrong password beside its field, an unknown key as a question', async () => {
    const { page, complaints } = await openPage(browser, shell.address, 'en-US');
    const host = shell.demo.hosts.find((one) => one.label === '名古屋');
    if (!host) throw new Error('no such host in the demo');
    await page.getByRole('button', { name: 'Add a server' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Address' }).fill(host.address);
    await dialog.getByRole('textbox', { name: 'Name shown' }).fill('名古屋');
    await dialog.getByText('Password', { exact: true }).click();
    await dialog.getByLabel('Password', { exact: true }).last().fill('wrong');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText(host.hostKeyFingerprint).waitFor();
    await page.getByRole('button', { name: /trust/i }).click();
    await dialog
      .getByText(/password/i)
      .filter({ hasText: /refused|wrong|not accepted/i })
      .first()
      .waitFor();
    expect(await strip(page, '名古屋').count()).toBe(0);
    await dialog.getByLabel('Password', { exact: true }).last().fill(host.password);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: /trust/i }).or(strip(page, '名古屋')).first().waitFor();
    const question = page.getByRole('button', { name: /trust/i });
    if (await question.isVisible()) await question.click();
    await block(page, 'backup', '名古屋').waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
