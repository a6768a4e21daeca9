// Keeps a picture of what is on the screen as output of the run: .build/screenshots/<shell>/<theme>/<name>.png.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Everything read, drawn and at rest. */
async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('.skeleton') === null && document.fonts.status === 'loaded');
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
}

export async function photograph(page: Page, name: string): Promise<void> {
  await settle(page);
  const theme = await page.evaluate(() => document.documentElement.dataset.theme ?? 'unknown');
  const folder = join('.build', 'screenshots', page.url().startsWith('app:') ? 'desktop' : 'browser', theme);
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}
