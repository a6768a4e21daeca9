// A report signed by two people on the Evidence screen: the author proves the name with the password and may do no more, another reviews and approves.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { photograph } from './photograph.ts';
import { chooseOption } from './screen.ts';
import { team, type Person } from './team.ts';

const card = (page: Page) => page.locator('.card').filter({ has: page.getByRole('heading', { name: 'Signatures', exact: true }) });
const words = { prepared: 'Prepared by', reviewed: 'Reviewed by', approved: 'Approved by' } as const;

async function sign(page: Page, meaning: keyof typeof words, { printedName, password }: Person): Promise<void> {
  await chooseOption(page, 'Meaning', new RegExp(`^${words[meaning]}$`));
  await chooseOption(page, 'User', new RegExp(`^${printedName} · `));
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: `Sign as ${meaning}` }).click();
  await card(page).getByRole('row', { name: new RegExp(`^${words[meaning]} ${printedName} .*Authenticated`) }).filter({ hasNotText: 'Name not authenticated' }).waitFor();
}

async function isOffered(page: Page, meaning: keyof typeof words, { printedName }: Person): Promise<boolean> {
  await chooseOption(page, 'Meaning', new RegExp(`^${words[meaning]}$`));
  await page.getByRole('combobox', { name: 'User' }).click();
  const offered = await page.getByRole('option', { name: printedName }).isEnabled();
  await page.keyboard.press('Escape');
  return offered;
}

/** From draft to approved; the author is offered neither review nor approval. */
export async function signTogether(page: Page): Promise<void> {
  await page.getByText('Draft', { exact: true }).waitFor();
  await sign(page, 'prepared', team.author);
  for (const meaning of ['reviewed', 'approved'] as const) {
    expect([meaning, await isOffered(page, meaning, team.author), await isOffered(page, meaning, team.quality)]).toEqual([meaning, false, true]);
  }
  await sign(page, 'reviewed', team.quality);
  await page.getByText('In review', { exact: true }).waitFor();
  await photograph(page, 'evidence-in-review');
  await sign(page, 'approved', team.quality);
  await page.getByText('Approved', { exact: true }).waitFor();
  await page.getByText('Prepared, reviewed and approved').waitFor();
  expect(await card(page).getByRole('row').count()).toBe(5); // the unproven first one, three that are proven, and the head
  await readSignaturePages(page);
  await photograph(page, 'evidence-approved');
}

/** The printed signatures, as a browser hands them over, or where the desktop shows them. */
async function readSignaturePages(page: Page): Promise<void> {
  const files = page.getByRole('region', { name: 'Files' });
  for (const [format, name] of [['Signatures, PDF', 'signatures.pdf'], ['Signatures, HTML', 'signatures.html']] as const) {
    const row = files.getByRole('row', { name: new RegExp(`^${format} ${name}`) });
    const lies = readFileSync(await row.getByText(name, { exact: true }).getAttribute('title') ?? '');
    const link = row.getByRole('link', { name: 'Download' });
    if (await link.count() > 0) {
      const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
      expect(download.suggestedFilename()).toBe(name);
      expect(readFileSync(await download.path()).equals(lies)).toBe(true);
    }
    if (name.endsWith('.pdf')) expect(lies.subarray(0, 5).toString()).toBe('%PDF-');
    else for (const text of [team.author.printedName, team.quality.printedName, 'approved']) expect(lies.toString()).toContain(text);
  }
}

/** Any copy says who signed it, on the tab that needs no record. */
export async function verifySigned(page: Page, zip: string): Promise<void> {
  await page.getByTestId('nav-evidence').click();
  await page.getByRole('row', { name: /Validation of .* Approved / }).waitFor();
  await page.getByRole('tab', { name: 'Verify a file' }).click();
  await page.getByLabel('Path on this machine').fill(zip);
  await page.getByRole('button', { name: 'Verify', exact: true }).click();
  const outcome = page.getByRole('region', { name: 'Outcome' });
  await outcome.getByText('Valid', { exact: true }).waitFor();
  await outcome.getByText(`${team.author.printedName} (Engineer, authenticated), prepared`).waitFor();
  await outcome.getByText(`${team.quality.printedName} (Quality, authenticated), approved`).waitFor();
}
