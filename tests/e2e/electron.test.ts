import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { block } from './browser.ts';
import { carryOver, dragTo } from './dragging.ts';
import { noElectron, type OpenApp, openApp } from './electronApp.ts';

const THROUGH_HERE = /Through this computer|このコンピューターで中継/;

describe.skipIf(noElectron !== null)('the window in real Electron', () => {
  let open: OpenApp;
  beforeAll(async () => {
    open = await openApp(['--demo']);
  });
  afterAll(() => open?.close());

  test('the page is isolated, sandboxed and without Node', async () => {
    const preferences = await open.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      // Not in Electron's types, but there since 2: what the window really got.
      const read = contents ? Reflect.get(contents, 'getLastWebPreferences') : null;
      return typeof read === 'function' ? (read.call(contents) as Record<string, unknown>) : {};
    });
    expect(preferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    const seen = await open.page.evaluate(() => ['require', 'process', 'Buffer', 'module', 'global'].filter((name) => name in globalThis));
    expect(seen).toEqual([]);
    expect(open.page.url()).toBe('app://xenferry/');
  });

  test('the preload gives the page one word and nothing to call', async () => {
    expect(await open.page.evaluate(() => Reflect.get(window, 'xenferryShell'))).toBe('electron');
    expect(await open.page.evaluate(() => 'electron' in window || 'ipcRenderer' in window)).toBe(false);
  });

  test('the policy starts from nothing, and holds', async () => {
    const policy = await open.page.evaluate(
      async () => (await fetch('app://xenferry/').catch(() => null))?.headers.get('content-security-policy') ?? 'blocked',
    );
    expect(policy).toBe('blocked');
    const tried = await open.page.evaluate(async () => {
      const violated: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => violated.push(event.effectiveDirective));
      const script = document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      document.head.append(script);
      const frame = document.createElement('iframe');
      frame.src = 'https://example.invalid/';
      document.body.append(frame);
      let evaluated = true;
      // A debugger's own evaluation may use eval: what comes later, on its own, may not.
      await new Promise((resolve) => setTimeout(resolve, 50));
      try {
        // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested
        eval('1');
      } catch {
        evaluated = false;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
      script.remove();
      frame.remove();
      return { evaluated, inlineRan: 'inlineRan' in window, violated: violated.sort() };
    });
    expect(tried).toEqual({ evaluated: false, inlineRan: false, violated: ['frame-src', 'script-src', 'script-src-elem'] });
  });

  test('a drag by pointer migrates a guest of the demo servers', async () => {
    const { page } = open;
    await dragTo(page, 'test-tokyo', '大阪');
    await block(page, 'test-tokyo', '大阪').waitFor({ timeout: 60_000 });
    await expect.poll(() => block(page, 'test-tokyo', '東京').count(), { timeout: 30_000 }).toBe(0); // it stands at both ends for a while
  });

  test('the window asks before it closes while a move goes through this computer, and stays when it is told to', async () => {
    const { page, app } = open;
    await carryOver(page, '受付', '大阪');
    await page.mouse.up();
    const sheet = page.getByRole('dialog', { name: /受付/ });
    await sheet.getByRole('button', { name: /Straight from the source|移行元から直接/ }).click();
    await page.getByRole('option', { name: THROUGH_HERE }).click();
    await sheet.getByRole('button', { name: THROUGH_HERE }).waitFor();
    await sheet.getByRole('button', { name: /^(Start migration|移行を始める|移動を始める)/ }).click();
    await page
      .getByRole('region', { name: /Running work|実行中の処理/ })
      .getByText(/copying memory|メモリーの転送/)
      .waitFor({ timeout: 60_000 });
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
    const asks = page.getByRole('dialog', { name: /A move needs this computer|このパソコンが必要な移行があります/ });
    await asks.getByText(/受付/).waitFor();
    await asks.getByRole('button', { name: /^(Stay|閉じない)$/ }).click();
    expect(app.windows()).toHaveLength(1);
    await block(page, '受付', '大阪').waitFor({ timeout: 60_000 });
    await expect.poll(() => block(page, '受付', '東京').count(), { timeout: 30_000 }).toBe(0);
  });

  test('the page stays: no other address, no new window', async () => {
    expect(await open.page.evaluate(() => window.open('https://example.invalid/'))).toBeNull();
    await open.page.evaluate(() => {
      location.href = 'https://example.invalid/';
    });
    await open.page.evaluate(() => {
      location.href = 'app://xenferry/assets/other.html';
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(open.page.url()).toBe('app://xenferry/');
    expect(open.app.windows()).toHaveLength(1);
  });

  test('permissions are denied', async () => {
    const asked = await open.page.evaluate(async () => ({
      notifications: await Notification.requestPermission(),
      camera: await navigator.mediaDevices.getUserMedia({ video: true }).then(
        () => 'granted',
        () => 'denied',
      ),
      place: await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          () => resolve('denied'),
        ),
      ),
    }));
    expect(asked).toEqual({ notifications: 'denied', camera: 'denied', place: 'denied' });
  });
});
