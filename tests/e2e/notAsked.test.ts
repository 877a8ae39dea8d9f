import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { expectAccessible, noBrowser, openPage, startBrowser } from './browser.ts';
import { type DemoShell, openDemoShell } from './demoShell.ts';

let browser: Browser;
let shell: DemoShell;
beforeAll(async () => {
  if (noBrowser) return;
  shell = await openDemoShell({ speed: 20 });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await shell?.close();
});

test.skipIf(noBrowser)('a host has lost its power: a start names it, and goes on when the name is typed', async () => {
  const { page, complaints } = await openPage(browser, shell.address, 'ja-JP');
  const block = page.getByRole('button', { name: /^old-intranet、停止|^old-intranet/ }).first();
  await block.waitFor();
  shell.demo.fault(shell.demo.hosts[1]?.address ?? '', { is: 'power', on: false });
  await page
    .getByText(/接続が切れ|つながりません|再接続/)
    .first()
    .waitFor({ timeout: 60_000 });
  await block.click({ button: 'right' });
  await page.getByRole('menuitem', { name: '起動', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('確かめられないまま old-intranet を起動').waitFor();
  expect(await dialog.getByText('大阪').count()).toBe(1);
  await expectAccessible(page);
  await dialog.getByRole('textbox').fill('old-intranet');
  await dialog.getByRole('button', { name: '起動する' }).click();
  await page
    .getByRole('button', { name: /^old-intranet.*(実行中|稼働|動作)/ })
    .first()
    .waitFor({ timeout: 30_000 });
  expect(complaints).toEqual([]);
});
