// The console in Chromium with the keyboard alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { carryMainJobByKeyboard } from './mainJobByKeyboard.ts';
import { describeNeeding } from './needs.ts';
import { openChromium } from './openChromium.ts';
import { startUi, type Ui } from './startUi.ts';
import { watchPage } from './watchPage.ts';

await describeNeeding('console by keyboard', ['chromium'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-keyboard-'));
  let ui: Ui;
  let browser: Browser;

  beforeAll(async () => {
    ui = await startUi({ dataDir });
    browser = await openChromium(paths.chromium);
  });
  afterAll(async () => {
    await browser.close();
    await ui.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('goes from the sample station to verified evidence without the mouse', async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const watch = watchPage(page);
    await page.goto(ui.address);
    await carryMainJobByKeyboard(page);
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });
});
