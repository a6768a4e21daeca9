// What every screen has in common, as a person finds it: places, the one primary action, key figures, choices.
import type { Locator, Page } from 'playwright-core';

export const openPlace = (page: Page, place: string): Promise<void> => page.getByTestId(`nav-${place}`).click();

/** The screen's one amber button, by its words. */
export const primary = (page: Page, words: string): Locator => page.getByTestId('primary-action').filter({ hasText: new RegExp(`^${words}$`) });

/** The number of a key figure, by its label; waits until it is known. */
export async function figure(page: Page, label: string): Promise<string> {
  const number = page.locator('.stat').filter({ has: page.locator('.stat-label', { hasText: new RegExp(`^${label}$`) }) }).locator('strong').filter({ hasNotText: /^–$/ });
  return await number.textContent() ?? '';
}

/** Opens a list of choices and takes one; null clears it. */
export async function chooseOption(page: Page, label: string, option: RegExp | null): Promise<void> {
  const box = page.getByRole('combobox', { name: label });
  if (option === null) {
    await box.locator('..').getByRole('button', { includeHidden: true }).click();
    return;
  }
  await box.click();
  await page.getByRole('option', { name: option }).click();
}
