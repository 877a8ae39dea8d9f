import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { block, expectAccessible, noBrowser, openPage, startBrowser } from './browser.ts';
import { type DemoShell, openDemoShell } from './demoShell.ts';

describe.skipIf(noBrowser !== null)('a new guest from the wizard', () => {
  let shell: DemoShell;
  let browser: Browser;
  beforeAll(async () => {
    [shell, browser] = await Promise.all([openDemoShell(), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await shell?.close();
  });

  test('is asked about in three questions, checked on the host, made, and its console opened', async () => {
    const { page, complaints } = await openPage(browser, shell.address, 'en-US');
    await block(page, 'db').waitFor();
    await page.getByRole('button', { name: 'New machine' }).click();
    const wizard = page.getByRole('dialog', { name: 'New virtual machine' });
    await wizard.getByRole('textbox', { name: 'Name' }).fill('made-by-test');
    await expectAccessible(page);
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByText('名古屋').first().waitFor();
    await expectAccessible(page);
    await wizard.getByRole('button', { name: 'Next' }).click();
    await expectAccessible(page);
    await wizard.getByRole('button', { name: 'Next' }).click();
    await wizard.getByText('made-by-test').first().waitFor();
    await expectAccessible(page);
    await wizard.getByRole('contentinfo').getByRole('button', { name: 'Check' }).click();
    // The ticks come from the host before anything is written.
    await wizard
      .getByText(/\(good\)/)
      .first()
      .waitFor();
    await expectAccessible(page);
    await wizard.getByRole('contentinfo').getByRole('button', { name: 'Create' }).click();
    await block(page, 'made-by-test').waitFor();
    await page.getByRole('tab', { name: 'Console', selected: true }).waitFor();
    const made = shell.demo.office.hosts.flatMap((host) => [...host.domains.values()]).filter((domain) => domain.name === 'made-by-test');
    expect(made).toHaveLength(1);
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });
});
