// Frames of the page while a guest is dragged over the rack.
import { browserProgram } from '../browser.mjs';
import { say } from '../ready.mjs';

export async function dragFrames(tell, address) {
  const browserPath = await browserProgram({ fetch: false });
  if (browserPath === null) {
    say('many: no browser here');
    tell('frame while dragging, p95, 200 hosts', null, 'ms', null);
    return;
  }
  const { chromium } = await import('playwright-core');
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: browserPath, args: sandbox });
  try {
    const page = await browser.newPage({ viewport: { width: 1360, height: 860 } });
    await page.goto(address);
    const guest = page.locator('[data-block]').first();
    await guest.waitFor({ timeout: 60_000 });
    await page.waitForTimeout(5_000);
    const box = await guest.boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.evaluate(() => {
      window.frames_ = [];
      let last = performance.now();
      const tick = (now) => {
        window.frames_.push(now - last);
        last = now;
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
    });
    for (let i = 0; i < 300; i++) {
      await page.mouse.move(x + 120 * Math.sin(i / 20), 120 + ((i * 7) % 640));
      await page.waitForTimeout(8);
    }
    const frames = (await page.evaluate(() => window.frames_)).slice(2).sort((a, b) => a - b);
    await page.keyboard.press('Escape');
    await page.mouse.up();
    tell('frame while dragging, p95, 200 hosts', frames[Math.floor(frames.length * 0.95)], 'ms', 33);
  } finally {
    await browser.close();
  }
}
