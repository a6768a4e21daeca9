// Photographs every state of the gallery in both themes, and fails on a console error, a page wider than its window, or a serious fault for people who use readers or see little contrast.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeNeeding } from './needs.ts';

const pageDir = resolve('dist/page');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const origin = 'http://gallery.invalid';
const now = new Date('2026-11-25T09:30:00.000Z');
/** The policy of the shells, but that nothing may be connected to. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'";

interface Faults { readonly state: string; readonly faults: readonly string[] }

await describeNeeding('gallery', ['chromium'], (paths) => {
  let browser: Browser;
  beforeAll(async () => {
    if (!existsSync(join(pageDir, 'gallery.html'))) throw new Error('dist/page/gallery.html is missing: run `node scripts/build.mjs` first.');
    browser = await chromium.launch({ executablePath: paths.chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'] });
  });
  afterAll(() => browser.close());

  // Side by side: each theme has a page of its own.
  it.concurrent.each(['dark', 'light'] as const)('shows every state in the %s theme', { timeout: 240_000 }, async (theme) => {
    const folder = resolve('.build/screenshots/gallery', theme);
    mkdirSync(folder, { recursive: true });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: theme, reducedMotion: 'reduce' });
    try {
      await context.route('**/*', (route) => {
        const url = new URL(route.request().url());
        const path = join(pageDir, url.pathname);
        return url.origin === origin && existsSync(path) ? route.fulfill({ path, headers: { 'content-security-policy': policy } }) : route.abort();
      });
      const page = await context.newPage();
      await page.clock.setFixedTime(now);
      const errors: string[] = [];
      page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(`${origin}/gallery.html?theme=${theme}`);
      await page.evaluate(axeSource);
      const states = await page.locator('[data-state]').evaluateAll((items) => items.map((item) => ({ id: item.getAttribute('data-state') ?? '', href: item.querySelector('a')?.getAttribute('href') ?? '' })));
      expect(states.length).toBeGreaterThan(60);
      const found: Faults[] = [];
      for (const state of states) {
        const faults = await lookAt(page, state.href);
        await page.screenshot({ path: join(folder, `${state.id}.png`) });
        faults.push(...errors.splice(0));
        if (faults.length > 0) found.push({ state: state.id, faults });
      }
      expect(found).toEqual([]);
    } finally { await context.close(); }
  });
});

/** Shows the state without loading the page again, waits until it has settled, and answers what is wrong with it. */
async function lookAt(page: Page, href: string): Promise<string[]> {
  await page.evaluate(async (to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
    const frame = () => new Promise((done) => { requestAnimationFrame(() => requestIdleCallback(done)); });
    let before = '';
    for (let still = 0, tries = 0; still < 3 && tries < 200; tries += 1) { // settled: three frames without a change, with nothing left to do after each
      await frame();
      const text = document.body.innerHTML;
      still = text === before ? still + 1 : 0;
      before = text;
    }
    await document.fonts.ready;
  }, href);
  return page.evaluate(async () => {
    const faults: string[] = [];
    const wide = document.documentElement.scrollWidth - window.innerWidth;
    if (wide > 0) faults.push(`the page is ${wide} px wider than its window`);
    for (const area of Array.from(document.querySelectorAll('.page'))) if (area.scrollWidth > area.clientWidth + 1) faults.push(`the screen is ${area.scrollWidth - area.clientWidth} px wider than its area`);
    const { run } = (globalThis as unknown as { axe: typeof axe }).axe; // evaluated into the page above
    // The frame is the same on every screen: it is judged on the home, and where something lies over or beside the screen.
    const whole = location.hash === '#/stations' || document.querySelector('.palette, .dock, .banner') !== null;
    const { violations } = await run(whole ? document : { include: ['.page'] }, { resultTypes: ['violations'], preload: false, iframes: false, runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] } });
    for (const violation of violations) if (violation.impact === 'serious' || violation.impact === 'critical') faults.push(`${violation.id}: ${violation.nodes.slice(0, 3).map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
    return faults;
  });
}
