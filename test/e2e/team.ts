// The people of a plant as a person sets them up under Settings: an Admin, who prepares reports, who reviews and approves them.
import type { Page } from 'playwright-core';
import { chooseOption, openPlace, primary } from './screen.ts';

export interface Person { readonly printedName: string; readonly user: string; readonly password: string }

export const team = {
  admin: { printedName: 'Ada Root', user: 'ada', password: 'copper lantern forty' },
  author: { printedName: 'Plant Engineer', user: 'pia', password: 'amber window eleven' },
  quality: { printedName: 'Quality Engineer', user: 'quinn', password: 'seven quiet bridges' },
} as const satisfies Readonly<Record<string, Person>>;

/** On the Settings screen. The first person becomes an Admin; the others are added `by` one. */
export async function addPerson(page: Page, { printedName, user, password }: Person, by?: Person, role?: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a user' }).click();
  const form = page.getByRole('form', { name: 'Add a user' });
  await form.getByLabel('Printed name').fill(printedName);
  await form.getByLabel('User', { exact: true }).fill(user);
  await form.getByLabel('New password', { exact: true }).fill(password);
  await form.getByLabel('New password, again').fill(password);
  if (role !== undefined) await chooseOption(page, 'Role', new RegExp(`^${role}$`));
  if (by) await form.getByLabel('Password of this Admin').fill(by.password);
  await form.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('cell', { name: printedName, exact: true }).waitFor();
}

/** The author works here, so that runs and acts bear that name. */
export async function setUpTeam(page: Page): Promise<void> {
  await openPlace(page, 'settings');
  await page.getByRole('textbox', { name: 'Your name' }).fill(team.author.printedName);
  await primary(page, 'Save').click();
  await page.getByRole('link', { name: team.author.printedName }).waitFor();
  await addPerson(page, team.admin);
  await addPerson(page, team.author, team.admin, 'Engineer');
  await addPerson(page, team.quality, team.admin, 'Quality');
}
