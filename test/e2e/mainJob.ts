// The whole main job as people do it with the mouse, the same in both shells, from the import of a model to a report that two people signed; each
// step asserts what the person reads on the screen.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { createStation, importOwn, type OwnFiles } from './importOwn.ts';
import { photograph } from './photograph.ts';
import { chooseOption, figure, openPlace, primary } from './screen.ts';
import { signTogether, verifySigned } from './signTogether.ts';
import { setUpTeam } from './team.ts';

/** What is timed is bounded loosely, so that the verdict holds on a machine that is busy with other tests. */
export const limitsText = `limits:
  - { id: ACC-1, metric: accuracy, min: 0.97, confidence: 0.95, reason: "URS-1" }
  - { id: PAR-1, metric: flips, max: 0.01 }
  - { id: SQN-1, metric: sqnr_db, min: 30 }
  - { id: LAT-1, metric: latency_p99_ms, max: 10000 }
  - { id: TAK-1, metric: takt_ms, max: 60000, camera_ms: 8, plc_ms: 4 }
  - { id: DEV-1, metric: provider_share, provider: cpu, min: 1.0 }
  - { id: MEM-1, metric: peak_rss_mb, max: 600 }
`;

/** Long enough for a busy machine; each wait ends as soon as what it waits for is there. */
const slowMs = 120_000;

export async function openSample(page: Page): Promise<void> {
  await page.getByText('Put the first station into service').waitFor();
  await primary(page, 'Open the sample station').click();
  await page.getByRole('heading', { level: 1, name: 'Line 1 · Lot code reader' }).waitFor({ timeout: slowMs });
  expect(await page.getByRole('list', { name: 'Steps of commissioning' }).getByRole('listitem').count()).toBe(8);
}

export async function lookAtMachine(page: Page): Promise<void> {
  await openPlace(page, 'machine');
  await page.getByText(/fingerprint/).waitFor({ timeout: slowMs });
  expect(await figure(page, 'CPU')).toMatch(/^\d+ %$/);
  expect(await figure(page, 'Memory')).toMatch(/^\d+(\.\d+)? GB$/);
  // The chart is drawn from live samples: its pixels change when the next ones come.
  const chart = page.getByRole('img', { name: 'CPU load in percent' });
  const drawn = () => chart.evaluate((box) => (box instanceof HTMLCanvasElement ? box : box.querySelector('canvas'))?.toDataURL() ?? '');
  const first = await drawn();
  expect(first).toMatch(/^data:image\/png/);
  await expect.poll(drawn, { timeout: slowMs }).not.toBe(first);

  await page.getByRole('tab', { name: /^Preflight/ }).click();
  const open = page.getByRole('region', { name: 'To look at' }).getByRole('listitem');
  const passed = page.getByRole('region', { name: 'Passed' }).getByRole('listitem');
  expect(await passed.count()).toBeGreaterThan(5);
  expect(await passed.filter({ hasText: 'ONNX Runtime' }).textContent()).toContain('offers cpu');
  for (const warning of await open.filter({ hasText: /^Warning/ }).all()) expect(await warning.textContent()).toMatch(/Fix: \S/);
}

export async function lookAtModel(page: Page): Promise<void> {
  await openPlace(page, 'models');
  await page.getByRole('row', { name: /^Lot code reader .*float32/ }).click();
  await page.getByText('Runs here').waitFor();
  expect(await figure(page, 'Parameters')).toBe('278,474');
  expect(await figure(page, 'Opset')).toBe('17');
  await page.getByRole('row', { name: 'image float32 N × 1 × 28 × 28' }).waitFor();
  await page.getByRole('tab', { name: /^Findings/ }).click();
  await page.getByText('Nothing was found: the file keeps every rule that is checked.').waitFor();
}

export async function sealData(page: Page): Promise<void> {
  for (const name of ['Lot codes, calibration', 'Lot codes, test']) {
    await openPlace(page, 'datasets');
    await page.getByRole('row', { name: new RegExp(`^${name} `) }).click();
    await page.getByText('Not sealed', { exact: true }).first().waitFor();
    await primary(page, 'Seal the set').click();
    await page.getByText(/^Sealed \d{4}-/).waitFor({ timeout: slowMs });
    await page.getByText(/· manifest/).waitFor();
  }
  expect(await figure(page, 'Samples')).toBe('1,500');
  expect(await figure(page, 'Overlap')).toBe('none');
  await openPlace(page, 'datasets');
  await page.getByRole('row', { name: /^Lot codes, test .* Sealed/ }).waitFor();
}

/** Without calibration data little helps this network: weights stored smaller, or nothing. Either way the screen says what was taken, and why not the others. */
export async function optimiseWithoutData(page: Page): Promise<void> {
  await openPlace(page, 'optimise');
  await page.getByRole('heading', { level: 1, name: 'Optimise Lot code reader' }).waitFor();
  await chooseOption(page, 'Calibration set', null);
  await page.getByText('More settings').click();
  await page.getByRole('textbox', { name: 'Time for measuring' }).fill('10');
  await primary(page, 'Optimise').click();
  await page.getByRole('region', { name: 'Running' }).getByRole('progressbar').waitFor();
  await page.getByTestId('task-tray').getByText(/^1 task · /).waitFor();
  await photograph(page, 'optimise-running');
  await page.getByRole('region', { name: 'What was measured' }).waitFor({ timeout: slowMs });
  const chosen = await figure(page, 'Chosen');
  expect(chosen).toMatch(/^(Original|INT8 weights.*|half precision)$/);
  await page.getByText('The original was kept: no candidate was both faster and within the loss allowed.').waitFor({ state: chosen === 'Original' ? 'visible' : 'detached' });
  await primary(page, `Validate ${chosen === 'Original' ? 'the original' : chosen}`).waitFor();
  const rejected = await page.getByRole('table', { name: 'Candidates' }).getByRole('row').filter({ hasText: 'Rejected: ' }).allTextContents();
  expect(rejected.length).toBeGreaterThan(0);
  for (const line of rejected) expect(line).toMatch(/times the original's latency|not faster|less accurate|larger than|was left out|below the floor|no time was left/);
  await page.getByText(/Two equal originals differed by \d+\.\d\d to \d+\.\d\d on this machine/).waitFor();
  await photograph(page, 'optimise-without-data');
}

export async function quantize(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Change the settings' }).click();
  await chooseOption(page, 'Calibration set', /^Lot codes, calibration/);
  await page.getByRole('radio', { name: 'INT8, calibrated' }).click();
  await primary(page, 'Optimise').click();
  await primary(page, 'Validate static-int8').waitFor({ timeout: slowMs });
  await readQuantized(page);
}

/** The figures that the calibrated INT8 recipe gives for the sample, the same on every machine but for the speed. */
export async function readQuantized(page: Page): Promise<void> {
  expect(await figure(page, 'Chosen')).toBe('static-int8');
  expect(await figure(page, 'Size')).toBe('293 kB');
  expect(Number.parseFloat(await figure(page, 'SQNR'))).toBeGreaterThan(40);
  expect(await figure(page, 'Nodes in low precision')).toBe('8');
  expect(await page.getByRole('table', { name: 'Layers' }).getByRole('row').count()).toBeGreaterThan(5);
}

export async function compareDecisions(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Compare every decision' }).click();
  await page.getByRole('button', { name: 'Compare again' }).waitFor({ timeout: slowMs });
  const card = page.getByRole('region', { name: 'Decisions that changed' }).first();
  expect(await card.textContent()).toMatch(/\d+ of 1,500 samples.*accuracy 9\d\.\d+ % → 9\d\.\d+ %/);
}

export async function validate(page: Page): Promise<void> {
  await primary(page, 'Validate static-int8').click();
  await page.getByRole('tab', { name: /^Limits/ }).click();
  const text = page.getByRole('textbox', { name: 'Text of the limits file' });
  await text.fill(limitsText.replace('accuracy', 'acuracy'));
  await page.getByRole('alert').getByText(/acuracy/).waitFor();
  await photograph(page, 'limits-refused');
  expect(await primary(page, 'Lock these limits').isDisabled()).toBe(true);
  await text.fill(limitsText);
  await page.getByText('7 limits, valid').waitFor();
  await primary(page, 'Lock these limits').click();
  await primary(page, 'Run validation').waitFor();
  const limits = page.getByRole('region', { name: 'Against which limits' });
  await limits.getByText(/^Locked$/).waitFor();
  expect(await limits.getByRole('row').count()).toBe(8); // seven limits and the head
  await primary(page, 'Run validation').click();
  await page.getByRole('region', { name: 'Running' }).getByRole('progressbar').waitFor();
  await readVerdict(page);
}

export async function readVerdict(page: Page): Promise<void> {
  const word = page.locator('.verdict .word');
  await word.waitFor({ timeout: 2 * slowMs });
  expect(await word.textContent(), await page.getByRole('table', { name: 'Limits' }).textContent() ?? '').toBe('PASS');
  await page.getByText('7 of 7 limits are kept.').waitFor();
  await page.getByText(/limits locked \d{4}-/).waitFor();
  expect(Number.parseFloat(await figure(page, 'Accuracy'))).toBeGreaterThan(97);
  expect(await figure(page, 'Changed decisions')).toMatch(/^\d+$/);
  expect(await figure(page, 'Latency p99')).toMatch(/^\d+(\.\d+)? ms$/);
  const verdicts = page.getByRole('table', { name: 'Limits' }).getByRole('row');
  expect(await verdicts.filter({ hasText: 'Passed' }).count()).toBe(7);
  expect(await page.getByRole('row', { name: /^ACC-1 / }).textContent()).toMatch(/9\d\.\d\d … 9\d\.\d\d %/);
  await page.getByRole('table', { name: 'Rows are labels, columns are decisions' }).waitFor();
}

/** Opens the evidence of the validation on show and reads that it verifies; answers the path of the zip. */
export async function openEvidence(page: Page): Promise<string> {
  await primary(page, 'Open the evidence').click();
  return readEvidence(page);
}

export async function readEvidence(page: Page): Promise<string> {
  await page.getByText('PASS', { exact: true }).waitFor();
  await page.getByText('Judged against limits locked before the run.').waitFor();
  const files = page.getByRole('region', { name: 'Files' });
  for (const name of ['report.pdf', 'report.html', 'report.json', 'junit.xml', 'evidence.zip']) await files.getByText(name, { exact: true }).waitFor();
  const verified = page.getByRole('region', { name: 'Verified now' });
  await verified.getByText('Valid', { exact: true }).waitFor();
  expect(await verified.textContent()).toMatch(/\d+ files checked: nothing was changed after it was signed\..*Known here/);
  return await files.getByText('evidence.zip', { exact: true }).getAttribute('title') ?? '';
}

/** The host of this shell, packaged or not, could be killed, restored, alarmed and cancelled: each self-test of § 11 passed. */
function readSelfTests(zip: string): void {
  const { sections } = JSON.parse(readFileSync(join(dirname(zip), 'report.json'), 'utf8')) as { sections: { id: string; blocks: { kind: string; rows?: (string | { text: string })[][] }[] }[] };
  const rows = sections.find(({ id }) => id === 'oq')?.blocks.find(({ kind }) => kind === 'table')?.rows ?? [];
  const text = (cell: string | { text: string } | undefined) => (typeof cell === 'object' ? cell.text : cell ?? '');
  expect(rows.map((cells) => text(cells[0]))).toEqual(Array.from({ length: 13 }, (_, at) => `OQ-${at + 1}`));
  expect(rows.filter((cells) => text(cells[4]) !== '✓ pass').map((cells) => cells.map(text).join(' | '))).toEqual([]);
}

/** All of it in order; answers the path of the signed zip. */
export async function carryMainJob(page: Page, files: OwnFiles): Promise<string> {
  await setUpTeam(page);
  await importOwn(page, files);
  await createStation(page);
  await lookAtMachine(page);
  await lookAtModel(page);
  await sealData(page);
  await optimiseWithoutData(page);
  await quantize(page);
  await compareDecisions(page);
  await validate(page);
  const zip = await openEvidence(page);
  readSelfTests(zip);
  await signTogether(page);
  await verifySigned(page, zip);
  return zip;
}
