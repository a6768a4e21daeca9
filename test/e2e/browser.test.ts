// The console in Chromium against `millwright ui` on loopback: the whole main job by mouse, and a look at every screen.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lookAtScreens } from './lookAtScreens.ts';
import { carryMainJob } from './mainJob.ts';
import { describeNeeding } from './needs.ts';
import { openConsole, type OpenConsole } from './openConsole.ts';
import { openPlace, primary } from './screen.ts';
import { emptyScreens, innerScreens, mainScreens } from './screens.ts';
import type { PageWatch } from './watchPage.ts';

const person = 'Plant Engineer';
const reviewer = 'Quality Engineer';

await describeNeeding('browser console', ['chromium'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-browser-'));
  let shown: OpenConsole;
  let page: Page;
  let watch: PageWatch;

  beforeAll(async () => {
    shown = await openConsole({ chromium: paths.chromium, dataDir });
    ({ page, watch } = shown);
  });
  afterAll(async () => {
    await shown.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('shows a newcomer where to begin, in both themes, readable for everyone', async () => {
    expect(await lookAtScreens(page, { screens: emptyScreens, judged: true })).toEqual({});
  });

  it('takes the name of the person who works here', async () => {
    await openPlace(page, 'settings');
    await page.getByRole('textbox', { name: 'Your name' }).fill(person);
    await primary(page, 'Save').click();
    await page.getByRole('link', { name: person }).waitFor();
    await openPlace(page, 'stations');
  });

  it('carries the sample station through the whole main job by mouse', async () => {
    const zip = await carryMainJob(page, reviewer);
    // The same verdict from the terminal, and from the screen for a copy with one changed byte.
    expect(execFileSync(process.execPath, ['scripts/millwright.mjs', 'evidence', 'verify', zip, '--data-dir', dataDir], { encoding: 'utf8' })).toContain('VALID');
    const forged = join(dataDir, 'forged.zip');
    copyFileSync(zip, forged);
    const bytes = readFileSync(forged);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(forged, bytes);
    await openPlace(page, 'evidence');
    await page.getByRole('tab', { name: 'Verify a file' }).click();
    await page.getByLabel('Path on this machine').fill(forged);
    await page.getByRole('button', { name: 'Verify', exact: true }).click();
    await page.getByText('Do not use this copy: it was changed, is incomplete, or its signature is wrong.').waitFor();
    // Each act of the job stands in the audit trail under the person's name.
    await page.getByRole('tab', { name: 'Audit trail' }).click();
    await page.getByText(/^Chain intact, \d+ entries$/).waitFor();
    const acts = page.getByRole('table', { name: 'Audit trail' }).getByRole('row').filter({ hasNotText: 'Who' });
    expect(await acts.count()).toBeGreaterThan(12);
    expect(await acts.filter({ hasNotText: person }).filter({ hasNotText: reviewer }).count()).toBe(0);
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('shows every screen in both themes with no cut text and no serious fault for people with impairments', async () => {
    expect(await lookAtScreens(page, { screens: [...mainScreens, ...innerScreens], judged: true })).toEqual({});
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });
});
