// People who judge in the console: two blind judges and an adjudicator over the decisions that a validation changed, and two operators in the kiosk,
// who touch nothing but keys.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { changedDecisions, judges, makeFlippedValidation } from '#test/fakes/flippedValidation';
import { keyboardOf } from './keyboard.ts';
import { lookAtScreens } from './lookAtScreens.ts';
import { describeNeeding } from './needs.ts';
import { openConsole, type OpenConsole } from './openConsole.ts';
import { chooseOption, figure, openPlace } from './screen.ts';
import type { PageWatch } from './watchPage.ts';

type Judge = (typeof judges)[keyof typeof judges];

await describeNeeding('flip court and kiosk', ['chromium'], (paths) => {
  const root = mkdtempSync(join(tmpdir(), 'millwright-judges-'));
  let shown: OpenConsole;
  let page: Page;
  let watch: PageWatch;

  beforeAll(async () => {
    await makeFlippedValidation({ dataDir: join(root, 'data'), folder: root });
    shown = await openConsole({ chromium: paths.chromium, dataDir: join(root, 'data') });
    ({ page, watch } = shown);
  });
  afterAll(async () => {
    await shown.close();
    rmSync(root, { recursive: true, force: true });
  });

  const openDocket = async (name: Page) => {
    await openPlace(name, 'validate');
    await name.getByRole('tab', { name: /^Flip court/ }).click();
    await name.getByRole('row', { name: /Validation of lids-half/ }).click();
    await name.getByText('Changed decisions').waitFor();
  };
  const prove = async (form: string, { printedName, password }: Judge, button: string) => {
    const group = page.getByRole('group', { name: form });
    await group.getByRole('combobox', { name: 'Person' }).click();
    await page.getByRole('option', { name: printedName }).click();
    await group.getByLabel('Password', { exact: true }).fill(password);
    await group.getByRole('button', { name: button }).click();
  };
  const card = (place: number, of: number) => page.getByRole('heading', { name: `Card ${place} of ${of}` });
  /** What is on the card on show: its picture and the two answers. */
  const readCard = async () => ({ picture: await page.getByRole('img', { name: 'The input that is judged' }).getAttribute('src') ?? '', a: await figure(page, 'Answer A'), b: await figure(page, 'Answer B') });
  /** Says of each card that "bright" is right, but of the last what `last` says; answers the pictures in their order. */
  const judgeAll = async (who: Judge, last?: string): Promise<string[]> => {
    await prove('Sit down', who, 'Sit down');
    const pictures: string[] = [];
    for (let place = 1; place <= changedDecisions; place++) {
      await card(place, changedDecisions).waitFor();
      const { picture, a, b } = await readCard();
      expect([a, b].sort()).toEqual(['bright', 'dark']);
      pictures.push(picture);
      await page.keyboard.press(place === changedDecisions && last ? last : a === 'bright' ? 'a' : 'b');
    }
    await page.getByText(`${changedDecisions} of ${changedDecisions} cards are judged.`).waitFor();
    return pictures;
  };
  const leaveBench = () => page.getByRole('button', { name: 'Leave the bench' }).click();

  it('seats two judges who see neither sample, label nor model, each in an order of their own, and a verdict can be taken back', async () => {
    await openDocket(page);
    const pictures = await judgeAll(judges.first);
    await page.getByRole('button', { name: 'Take back the last' }).click();
    await card(changedDecisions, changedDecisions).waitFor();
    expect(await page.getByRole('main').textContent()).not.toMatch(/lid-\d|lids|Original|Optimised/);
    expect(await lookAtScreens(page, { judged: true, screens: [{ name: 'court-card', open: async () => {
      await openDocket(page);
      await prove('Sit down', judges.first, 'Sit down');
      await card(changedDecisions, changedDecisions).waitFor();
    } }] })).toEqual({});
    await page.keyboard.press((await readCard()).a === 'bright' ? 'a' : 'b');
    await leaveBench();
    await page.getByText('A second person judges every flip, each alone.').waitFor();
    const theirs = await judgeAll(judges.second, 'n');
    expect(theirs.slice().sort()).toEqual(pictures.slice().sort());
    await leaveBench();
    await page.getByText('The judges differ on 1; 0 decided.').waitFor();
    expect(await page.getByRole('table', { name: 'Verdicts' }).count()).toBe(0);
  });

  it('lets a third person decide, closes, tells kappa, and puts it into the next revision of the report', async () => {
    await prove('Sit down', judges.third, 'Sit down');
    await card(1, 1).waitFor();
    await page.keyboard.press('e');
    await leaveBench();
    await page.getByText('Everything is decided.').waitFor();
    await prove('Close the docket', judges.first, 'Close the docket');
    await page.getByText('The verdicts are final.').waitFor();
    expect(await figure(page, "Cohen's kappa")).toBe('0.71'); // of 6 they agree on 5, and by chance on 15 of 36
    expect(await figure(page, 'Harmless')).toBe('1');
    expect(Number(await figure(page, 'Repairs')) + Number(await figure(page, 'Regressions'))).toBe(5);
    const verdicts = page.getByRole('table', { name: 'Verdicts' });
    expect(await verdicts.getByRole('row').count()).toBe(changedDecisions + 1);
    expect(await verdicts.getByRole('row').filter({ hasText: 'Dora Weiss' }).count()).toBe(1);
    expect(await lookAtScreens(page, { judged: true, screens: [{ name: 'court-closed', open: () => openDocket(page) }] })).toEqual({});
    await page.getByRole('button', { name: 'Put it into the report' }).click();
    await page.getByRole('link', { name: 'Open the evidence' }).click();
    await page.getByRole('region', { name: 'Verified now' }).getByText('Valid', { exact: true }).waitFor();
    const report = await page.getByRole('region', { name: 'Files' }).getByText('report.html', { exact: true }).getAttribute('title') ?? '';
    expect(readFileSync(report, 'utf8')).toMatch(/Ben Ott[^]*Cem Aydin[^]*0\.71/); // the very report that holds the verdicts, not the list
    await openPlace(page, 'evidence');
    await page.getByRole('row', { name: /Superseded/ }).waitFor();
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('carries a study of two operators in the kiosk by keys alone, up to kappa', async () => {
    const keys = keyboardOf(page);
    await openPlace(page, 'validate');
    await keys.tabTo('tab', /^Run$/);
    await keys.arrowTo('ArrowRight', /^Agreement/);
    await keys.tabTo('textbox', /^Title$/);
    await keys.paste('Lids, early shift');
    await keys.tabTo('combobox', /^Samples of/);
    await keys.choose(/^Lids · 12$/);
    for (const [label, text] of [[/^How many/, '4'], [/^Shown twice/, '1'], [/^People, two or more/, 'cem, Ole Berg']] as const) {
      await keys.tabTo('textbox', label);
      await keys.press('Control+a');
      await keys.paste(text);
    }
    await keys.press('Enter');
    await page.getByText('4 samples, seed 1, 1 shown twice').waitFor();

    const kiosk = (name: string) => page.getByRole('dialog', { name: `${name} rates` });
    /** Presses each key once its sample is on show, `from` so many that are answered before. */
    const answer = async (name: string, answers: readonly string[], from = 0) => {
      for (const [place, key] of answers.entries()) {
        await kiosk(name).getByText(`${from + place} / 5`, { exact: true }).waitFor();
        await kiosk(name).getByRole('button', { name: 'bright 1' }).and(page.locator(':enabled')).waitFor();
        await keys.press(key);
      }
    };
    // The first is a user, and proves it.
    await keys.tabTo('textbox', /^Password$/);
    await keys.paste(judges.second.password);
    await keys.press('Enter');
    await answer('Cem Aydin', ['1', '2', '1']);
    await kiosk('Cem Aydin').getByText('3 / 5', { exact: true }).waitFor();
    await kiosk('Cem Aydin').getByRole('button', { name: 'bright 1' }).and(page.locator(':enabled')).waitFor();
    await keys.press('Backspace');
    await answer('Cem Aydin', ['1', '2', '1'], 2);
    await kiosk('Cem Aydin').getByText('All 5 are answered. Thank you.').waitFor();
    await keys.tabTo('button', /^Leave/);
    await keys.press('Enter');
    // The other is none, and is next by itself.
    await keys.tabTo('button', /^Begin on the full screen$/);
    await keys.press('Enter');
    await expect.poll(() => kiosk('Ole Berg').evaluate((dialog) => dialog === document.activeElement)).toBe(true); // not behind it
    await answer('Ole Berg', ['1', '1', '2', '2', '1']);
    await kiosk('Ole Berg').getByText('All 5 are answered. Thank you.').waitFor();
    await keys.tabTo('button', /^Leave/);
    await keys.press('Enter');
    await keys.tabTo('button', /^Close the study$/);
    await keys.press('Enter');
    expect(await figure(page, "Cohen's kappa")).toMatch(/^-?\d\.\d\d$/);
    const each = page.getByRole('table', { name: 'Each person' });
    expect(await each.getByRole('row', { name: /^Cem Aydin yes / }).count()).toBe(1);
    expect(await each.getByRole('row', { name: /^Ole Berg no / }).count()).toBe(1);
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('shows kiosk and study in both themes with no cut text and no serious fault for people with impairments', async () => {
    await openPlace(page, 'validate');
    await page.getByRole('tab', { name: /^Agreement/ }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('Lids, late shift');
    await chooseOption(page, 'Samples of', /^Lids · 12$/);
    await page.getByRole('textbox', { name: 'How many' }).fill('4');
    await page.getByRole('textbox', { name: 'Shown twice' }).fill('0');
    await page.getByRole('textbox', { name: /^People, two or more/ }).fill('Ole Berg, Eva Lang');
    await page.getByRole('button', { name: 'Draw the samples' }).click();
    await page.getByText('4 samples, seed 1, 0 shown twice').waitFor();
    const study = async (title: string) => {
      await openPlace(page, 'validate');
      await page.getByRole('tab', { name: /^Agreement/ }).click();
      await page.getByRole('row', { name: new RegExp(title) }).click();
    };
    expect(await lookAtScreens(page, { judged: true, screens: [
      { name: 'study', open: async () => { await study('Lids, early shift'); await page.getByText('Each person').waitFor(); } },
      { name: 'kiosk', open: async () => { await study('Lids, late shift'); await page.getByRole('button', { name: 'Begin on the full screen' }).click(); await page.getByRole('img', { name: 'The input that is judged' }).waitFor(); }, leave: () => page.getByRole('button', { name: /^Leave/ }).click() },
    ] })).toEqual({});
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });
});
