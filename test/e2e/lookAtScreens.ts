// Looks at screens in both themes: photographs each, and lets axe-core judge whether everyone can use it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { photograph } from './photograph.ts';
import type { Screen } from './screens.ts';
import { openPlace } from './screen.ts';

export const themes = ['dark', 'light'] as const;
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

async function useTheme(page: Page, theme: string): Promise<void> {
  await openPlace(page, 'settings');
  await page.getByRole('radio', { name: new RegExp(`^${theme}$`, 'i') }).click();
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
}

interface Violation { readonly id: string; readonly impact: string | null; readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[] }

/** Serious and critical violations of the screen on show, each with where and why. */
async function judge(page: Page): Promise<string[]> {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(readFileSync(axePath, 'utf8'));
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(context: Document, options: object): Promise<{ violations: Violation[] }> } }; // put there by the line above
    return (await axe.run(document, { resultTypes: ['violations'] })).violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ target, failureSummary }) => ({ target, ...(failureSummary ? { failureSummary } : {}) })) }));
  });
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.slice(0, 4).map(({ target, failureSummary = '' }) => `${id}: ${target.join(' ')}: ${failureSummary.replace(/\s+/g, ' ')}`));
}

/** Text that its box cuts off without an ellipsis, a page that is wider than the window, and what sticks out of its card. */
const cutText = (page: Page): Promise<string[]> => page.evaluate(() => {
  const found: string[] = [];
  if (document.documentElement.scrollWidth > innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  for (const element of document.querySelectorAll<HTMLElement>('.seg, button, a, h1, h2, h3, label, .stat strong, .badge, .status, .crumbs, .statusbar, .card > header, .page-head')) {
    const style = getComputedStyle(element);
    if (style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1) found.push(`cut: ${element.tagName.toLowerCase()}.${element.className} "${(element.textContent ?? '').slice(0, 60)}"`);
    const right = element.getBoundingClientRect().right;
    if (element.closest('.table-wrap, .visually-hidden, [hidden], .command, .crumbs, .clip') === null && right > innerWidth + 1) found.push(`beyond the window: ${element.tagName.toLowerCase()} "${(element.textContent ?? '').slice(0, 60)}"`);
  }
  for (const card of document.querySelectorAll<HTMLElement>('.card')) {
    const edge = card.getBoundingClientRect().right;
    for (const element of card.querySelectorAll<HTMLElement>('table, button, .row, .hash, p, .stat')) {
      if (element.closest('.table-wrap, .visually-hidden, .command') === null && element.getBoundingClientRect().right > edge + 1) found.push(`beyond its card: ${element.tagName.toLowerCase()}.${element.className} "${(element.textContent ?? '').slice(0, 60)}"`);
    }
  }
  return found;
});

export interface LookOptions { readonly screens: readonly Screen[]; /** Whether axe-core looks too. */ readonly judged: boolean }

/** Answers what is wrong, by theme and screen. */
export async function lookAtScreens(page: Page, { screens, judged }: LookOptions): Promise<Readonly<Record<string, readonly string[]>>> {
  const wrong: Record<string, readonly string[]> = {};
  for (const theme of themes) {
    await useTheme(page, theme);
    for (const { name, open, leave } of screens) {
      await open(page);
      await photograph(page, name);
      const faults = [...await cutText(page), ...judged ? await judge(page) : []];
      if (faults.length > 0) wrong[`${theme} ${name}`] = faults;
      await leave?.(page);
    }
  }
  return wrong;
}
