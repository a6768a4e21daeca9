// The path from the sample station to its evidence with the keyboard alone; the mouse is never used.
import type { Page } from 'playwright-core';
import { keyboardOf } from './keyboard.ts';
import { limitsText, readEvidence, readQuantized, readVerdict } from './mainJob.ts';
import { primary } from './screen.ts';

const slowMs = 120_000;

export async function carryMainJobByKeyboard(page: Page): Promise<void> {
  const keys = keyboardOf(page);
  // Open the sample from the palette, and go to the station's row with Tab.
  await page.getByText('Put the first station into service').waitFor();
  await keys.tabTo('link', /^Skip to the screen$/);
  await keys.press('Enter');
  await keys.tabTo('button', /^Open the sample station$/);
  await keys.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Line 1 · Lot code reader' }).waitFor({ timeout: slowMs });

  // Seal the test set: palette, then the screen's amber action.
  await keys.command('lot codes, test', /Lot codes, test/);
  await primary(page, 'Seal the set').waitFor();
  await keys.press('Control+Enter');
  await page.getByText(/^Sealed \d{4}-/).waitFor({ timeout: slowMs });

  // Quantize: the place by its shortcut, the recipe by arrows, the run by Tab and Enter.
  await keys.press('Control+5');
  await primary(page, 'Optimise').waitFor();
  await keys.tabTo('radio', /^Measure and choose$/);
  await keys.arrowTo('ArrowRight', /^INT8, calibrated$/);
  await keys.press('Control+Enter');
  await primary(page, 'Validate static-int8').waitFor({ timeout: slowMs });
  await readQuantized(page);

  // Limits are typed and locked, on the tab that the arrow reaches.
  await keys.tabTo('link', /^Validate static-int8$/);
  await keys.press('Enter');
  await primary(page, 'Run validation').waitFor();
  await keys.tabTo('tab', /^Run$/);
  await keys.arrowTo('ArrowRight', /^Limits/);
  await keys.tabTo('textbox', /^Text of the limits file$/);
  await keys.press('Control+a');
  await keys.paste(limitsText);
  await page.getByText('7 limits, valid').waitFor();
  await keys.press('Control+Enter');
  await primary(page, 'Run validation').waitFor();

  // A choice list by arrows: the station that the evidence belongs to.
  await keys.tabTo('combobox', /^Station/);
  await keys.choose(/Lot code reader/);
  await page.getByRole('combobox', { name: 'Station' }).and(page.locator('[value="Line 1 · Lot code reader"]')).waitFor();
  await keys.press('Control+Enter');
  await page.getByRole('region', { name: 'Running' }).waitFor();
  await readVerdict(page);

  await keys.tabTo('link', /^Open the evidence$/);
  await keys.press('Enter');
  await readEvidence(page);
  await page.getByText(/^Line 1 · Lot code reader · \d{4}-/).waitFor();
}
