// The console as a person has it: `millwright ui` on loopback, and Chromium that shows it in a window of 1280 by 800 and is watched.
import { chromium as chromiumBrowser, type Page } from 'playwright-core';
import { startUi, type Ui } from './startUi.ts';
import { watchPage, type PageWatch } from './watchPage.ts';

export interface OpenConsole {
  readonly page: Page;
  readonly watch: PageWatch;
  /** Ends the host at once, as a crash does. The page stays. */
  killHost(): Promise<void>;
  /** Starts the next host at the same address. */
  startHost(): Promise<void>;
  close(): Promise<void>;
}

export async function openConsole({ chromium, dataDir }: { readonly chromium: string; readonly dataDir: string }): Promise<OpenConsole> {
  let ui: Ui = await startUi({ dataDir });
  // Without a window, as root too.
  const browser = await chromiumBrowser.launch({ executablePath: chromium, args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const watch = watchPage(page);
  await page.goto(ui.address);
  return {
    page, watch,
    killHost: () => ui.kill(),
    async startHost() { ui = await startUi({ dataDir, port: ui.port }); },
    async close() { await browser.close(); await ui.close(); },
  };
}
