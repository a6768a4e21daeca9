// What a plant brings along: a model file and three folders of data, imported by path, and a station made of them.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { chooseOption, openPlace, primary } from './screen.ts';

const slowMs = 120_000;
const sets = ['challenge', 'calibration', 'test'] as const;

export interface OwnFiles { readonly model: string; readonly data: Readonly<Record<(typeof sets)[number], string>>; remove(): void }

/** Files as a plant has them, outside the data folder; the digits of the bundled sample under names of their own. */
export function makeOwnFiles(): OwnFiles {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-own-'));
  const model = join(folder, 'Lot code reader.onnx');
  cpSync('resources/sample/lot-code-reader.onnx', model);
  const copied = (set: string): string => {
    const target = join(folder, `Lot codes, ${set}`);
    cpSync(join('resources/sample', set), target, { recursive: true });
    return target;
  };
  return { model, data: { challenge: copied('challenge'), calibration: copied('calibration'), test: copied('test') }, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export async function importOwn(page: Page, { model, data }: OwnFiles): Promise<void> {
  await openPlace(page, 'models');
  await page.getByText('No model yet').waitFor();
  await page.getByLabel('Path on this machine').fill(model);
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Lot code reader' }).waitFor({ timeout: slowMs });
  for (const set of sets) {
    await openPlace(page, 'datasets');
    if (set === sets[0]) await page.getByText('No data set yet').waitFor();
    else {
      await page.getByRole('table', { name: 'Data sets' }).waitFor();
      await primary(page, 'Add a data set').click();
    }
    await page.getByRole('radio', { name: new RegExp(`^${set}$`, 'i') }).click();
    await page.getByLabel('Path on this machine').fill(data[set]);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: `Lot codes, ${set}` }).waitFor({ timeout: slowMs });
  }
}

export async function createStation(page: Page): Promise<void> {
  await openPlace(page, 'stations');
  await page.getByRole('button', { name: 'Create a station' }).first().click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Line 1 · Lot code reader');
  await page.getByRole('textbox', { name: 'Line', exact: true }).fill('Line 1');
  await page.getByRole('textbox', { name: 'What is decided here' }).fill('Reads the digits of lot codes and passes them to the PLC.');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Line 1 · Lot code reader' }).waitFor();
  await page.getByRole('tab', { name: /^Model and data/ }).click();
  await chooseOption(page, 'Model', /^Lot code reader · /);
  await chooseOption(page, 'Calibration set', /^Lot codes, calibration · /);
  await chooseOption(page, 'Test set', /^Lot codes, test · /);
}
