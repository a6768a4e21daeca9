// The console in Chromium against `millwright ui` on loopback: the whole main job by mouse until two people have signed, and a look at every screen.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lookAtScreens } from './lookAtScreens.ts';
import { runCli } from '#test/contract/runCli';
import { makeOwnFiles } from './importOwn.ts';
import { carryMainJob } from './mainJob.ts';
import { describeNeeding } from './needs.ts';
import { openConsole, type OpenConsole } from './openConsole.ts';
import { openPlace } from './screen.ts';
import { emptyScreens, innerScreens, mainScreens } from './screens.ts';
import { team } from './team.ts';
import type { PageWatch } from './watchPage.ts';

await describeNeeding('browser console', ['chromium'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-browser-'));
  const files = makeOwnFiles();
  let shown: OpenConsole;
  let page: Page;
  let watch: PageWatch;

  beforeAll(async () => {
    shown = await openConsole({ chromium: paths.chromium, dataDir });
    ({ page, watch } = shown);
  });
  afterAll(async () => {
    await shown.close();
    files.remove();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('shows a newcomer where to begin, in both themes, readable for everyone', async () => {
    expect(await lookAtScreens(page, { screens: emptyScreens, judged: true })).toEqual({});
  });

  it('carries a model through the whole main job by mouse, from its import to a report that two people signed', async () => {
    const zip = await carryMainJob(page, files);
    // The same verdict from the terminal; and the author approves there as little as on the screen.
    const verified = await runCli(['evidence', 'verify', zip], { dataDir });
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringMatching(/VALID[^]*approved +Quality Engineer +Quality +authenticated/)]);
    const refused = await runCli(['evidence', 'sign', zip, '--user', team.author.user, '--meaning', 'approved', '--password-stdin', '--json'], { dataDir, input: `${team.author.password}\n` });
    expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([3, { error: { code: 'FORBIDDEN' } }]);
    // The screen finds one changed byte in a copy.
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
    // Each act of the job stands in the audit trail under the name of the person who did it.
    await page.getByRole('tab', { name: 'Audit trail' }).click();
    await page.getByText(/^Chain intact, \d+ entries$/).waitFor();
    const acts = page.getByRole('table', { name: 'Audit trail' }).getByRole('row').filter({ hasNotText: 'Who' });
    await acts.nth(12).waitFor();
    const strangers = Object.values(team).reduce((rows, { printedName }) => rows.filter({ hasNotText: printedName }), acts);
    expect(await strangers.count()).toBe(0);
    for (const { printedName } of Object.values(team)) expect(await acts.filter({ hasText: printedName }).count()).toBeGreaterThan(0);
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('shows every screen in both themes with no cut text and no serious fault for people with impairments', async () => {
    expect(await lookAtScreens(page, { screens: [...mainScreens, ...innerScreens], judged: true })).toEqual({});
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });
});
