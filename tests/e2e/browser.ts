import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { browserProgram } from '../../build/browser.mjs';

const program = await browserProgram({ fetch: false });
/** Why the browser tests can't run here; null: they can. */
export const noBrowser = program === null ? 'no browser is here' : null;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts the browser; as root without Chromium's own sandbox, which refuses root. */
export function startBrowser(): Promise<Browser> {
  if (program === null) throw new Error('no browser is here');
  return chromium.launch({ executablePath: program, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** What the page complained of: violations of its policy, errors nobody caught. */
export interface Watched {
  page: Page;
  complaints: string[];
}

/** A page in a profile of its own, in a language, at the laptop's size UX.md speaks of. */
export async function openPage(browser: Browser, address: string, locale: 'ja-JP' | 'en-US'): Promise<Watched> {
  const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(address);
  return { page, complaints };
}

/** axe finds nothing to object to on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const run: unknown = Reflect.get(window, 'axe');
    // React Aria's announcer speaks for a moment of things that are gone; the gutter between two landmarks belongs to neither.
    const exclude = ['[data-live-announcer]', '[role=separator]'];
    const { violations: found } = await (
      run as { run(context: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> }
    ).run({ exclude });
    return found.map((one) => ({ rule: one.id, where: one.nodes.map((node) => `${node.html} — ${node.failureSummary}`) }));
  });
  expect(violations).toEqual([]);
}

/** The block of a guest, wherever it stands. `name` ends at the comma of its label, in either language. */
export function block(page: Page, name: string, host?: string) {
  const label = new RegExp(`^${name}[,、]`);
  const within = host === undefined ? page : page.getByRole('region', { name: new RegExp(`^(Host |ホスト )${host}$`) });
  return within.getByRole('button', { name: label });
}

/** The strip of a host. */
export function strip(page: Page, host: string) {
  return page.getByRole('region', { name: new RegExp(`^(Host |ホスト )${host}$`) });
}
