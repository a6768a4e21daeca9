// A person without a mouse: every step is a key, and what has the focus must show that it has.
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

export interface Keyboard {
  press(...keys: readonly string[]): Promise<void>;
  /** Puts text in as a paste does. */
  paste(text: string): Promise<void>;
  /** Tabs on until an element of this role and name has the focus. */
  tabTo(role: string, name: RegExp): Promise<void>;
  /** Presses an arrow until the focused radio or tab has this name. */
  arrowTo(key: 'ArrowRight' | 'ArrowDown', name: RegExp): Promise<void>;
  /** Opens the list of the focused box, goes down to the option of this name, and takes it. */
  choose(name: RegExp): Promise<void>;
  /** Opens the palette, types, and runs the first match, which must carry the words. */
  command(text: string, match: RegExp): Promise<void>;
}

interface Focused { readonly role: string; readonly name: string; readonly shown: boolean }

/** What has the focus: role and name as a screen reader has them (near enough for our own markup), and whether an eye can see it. */
const focused = (page: Page): Promise<Focused> => page.evaluate(() => {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement)) return { role: '', name: '', shown: false };
  const roles: Record<string, string> = { A: 'link', BUTTON: 'button', INPUT: 'textbox', TEXTAREA: 'textbox', SUMMARY: 'button', TR: 'row', MAIN: 'main' };
  const labelled = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element.labels?.[0]?.textContent : null;
  const style = getComputedStyle(element);
  const ring = (style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1);
  const box = element.getBoundingClientRect();
  const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { role: element.getAttribute('role') ?? roles[element.tagName] ?? element.tagName.toLowerCase(), name: (element.getAttribute('aria-label') ?? labelled ?? element.textContent ?? '').replace(/\s+/g, ' ').trim(), shown: ring && inside };
});

export function keyboardOf(page: Page): Keyboard {
  const press = async (...keys: readonly string[]) => { for (const key of keys) await page.keyboard.press(key); };
  const walk = async (key: string, at: (element: Focused) => boolean, what: string) => {
    const seen: string[] = [];
    for (let steps = 0; steps < 120; steps++) {
      await page.keyboard.press(key);
      const now = await focused(page);
      seen.push(`${now.role} ${now.name.slice(0, 40)}`);
      // The frame's main part only receives the focus from us, not from Tab; whatever Tab reaches must be visible as focused.
      if (now.role !== 'body' && now.role !== 'main') expect(now, `the focus on ${now.role} "${now.name.slice(0, 60)}" can be seen`).toMatchObject({ shown: true });
      if (at(now)) return;
    }
    throw new Error(`${key} never reached ${what}; it passed ${seen.join(' | ')}`);
  };
  return {
    press,
    paste: (text) => page.keyboard.insertText(text),
    tabTo: (role, name) => walk('Tab', (now) => now.role === role && name.test(now.name), `${role} ${name}`),
    arrowTo: (key, name) => walk(key, (now) => name.test(now.name), String(name)),
    async choose(name) {
      await press('ArrowDown');
      const option = page.getByRole('option', { name });
      await option.waitFor();
      // The list puts its mark in a timer once it is open; a key before that would be undone by it.
      await page.evaluate(() => new Promise((shown) => { requestAnimationFrame(() => setTimeout(shown, 0)); }));
      for (let steps = 0; await option.getAttribute('data-combobox-selected') === null; steps++) {
        if (steps === 40) throw new Error(`ArrowDown never reached option ${name}`);
        await press('ArrowDown');
      }
      await press('Enter');
      await option.waitFor({ state: 'hidden' });
    },
    async command(text, match) {
      await press('Control+k');
      await page.getByRole('combobox', { name: 'Find or do anything' }).waitFor();
      await page.keyboard.type(text);
      await page.getByRole('listbox', { name: 'Matches' }).locator('[aria-selected="true"]').filter({ hasText: match }).waitFor();
      await press('Enter');
    },
  };
}
