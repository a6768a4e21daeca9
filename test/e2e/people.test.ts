// Two people by mouse: an Admin and a Quality engineer are added under Settings, a wrong password is refused, and the report is signed with the right one.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';
import { verifyEvidence } from '#services/evidence/verifyEvidence';
import { describeNeeding } from './needs.ts';
import { openConsole, type OpenConsole } from './openConsole.ts';
import { openPlace } from './screen.ts';
import { addPerson } from './team.ts';
import type { PageWatch } from './watchPage.ts';

const admin = { printedName: 'Ada Root', user: 'ada', password: 'copper lantern forty' };
const quality = { printedName: 'Eva Lang', user: 'eva', password: 'seven quiet bridges' };

await describeNeeding('people', ['chromium'], (paths) => {
  let bed: EvidenceBed;
  let zip: string;
  let shown: OpenConsole;
  let page: Page;
  let watch: PageWatch;

  beforeAll(async () => {
    bed = openEvidenceBed();
    zip = (await bed.make()).paths.zip;
    shown = await openConsole({ chromium: paths.chromium, dataDir: bed.services.dataDir });
    ({ page, watch } = shown);
  });
  afterAll(async () => {
    await shown.close();
    bed.close();
  });

  it('adds the first Admin, and with the Admin\'s password a Quality engineer', async () => {
    await openPlace(page, 'settings');
    await page.getByText('There are no users, so signatures bear a name that is not authenticated.').waitFor();
    await addPerson(page, admin);
    await addPerson(page, quality, admin, 'Quality');
  });

  it('signs a report with user and password only', async () => {
    await openPlace(page, 'evidence');
    await page.getByRole('link', { name: 'Sign the newest' }).click();
    const card = page.getByRole('region', { name: 'Signatures', exact: true }).first();
    await card.getByText('Name not authenticated').waitFor();
    await page.getByRole('combobox', { name: 'User' }).click();
    await page.getByRole('option', { name: 'Eva Lang · Quality' }).click();
    const password = page.getByLabel('Password', { exact: true });
    expect(await password.getAttribute('type')).toBe('password');
    await password.fill('not the password');
    await page.getByRole('button', { name: 'Sign as reviewed' }).click();
    await page.getByText('The user or the password is not right.').waitFor();
    expect(await password.inputValue()).toBe('');
    await password.fill(quality.password);
    await page.getByRole('button', { name: 'Sign as reviewed' }).click();
    await page.getByText('Authenticated', { exact: true }).waitFor();
    expect(await verifyEvidence(bed.services, zip)).toMatchObject({ valid: true, signatures: [{ authenticated: false }, { signer: 'Eva Lang', role: 'Quality', meaning: 'reviewed', authenticated: true }] });
    expect([...bed.store.audit.all()].map(({ action }) => action).filter((action) => action !== 'evidence.prepared')).toEqual(['people.added', 'people.added', 'people.refused', 'evidence.reviewed']);
    expect([watch.errors, watch.strangers]).toEqual([[], []]);
  });
});
