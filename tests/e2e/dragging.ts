import type { Page } from 'playwright-core';
import { block, strip } from './browser.ts';

/** Presses a guest's block and carries it over a host's strip, with the pointer still down. */
export async function carryOver(page: Page, guest: string, host: string): Promise<void> {
  await block(page, guest).waitFor();
  const from = await block(page, guest).boundingBox();
  const to = await strip(page, host).boundingBox();
  if (!from || !to) throw new Error(`${guest} or ${host} is not on the screen`);
  await page.mouse.move(from.x + 20, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(from.x + 30, from.y + 40, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + 40, { steps: 8 });
}

/** Drags a guest to a host and presses the sheet's one button. */
export async function dragTo(page: Page, guest: string, host: string): Promise<void> {
  await carryOver(page, guest, host);
  await page.mouse.up();
  const sheet = page.getByRole('dialog');
  await sheet.waitFor();
  await sheet.getByRole('button', { name: /^(Start migration|移行を始める|移動を始める)/ }).click();
}
