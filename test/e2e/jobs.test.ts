// Long jobs as a person lives with them: cancelled and resumed from the task tray, met again after a reload, kept when the host is killed; and
// what the screens say to a bad file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSample } from './mainJob.ts';
import { describeNeeding } from './needs.ts';
import { openConsole, type OpenConsole } from './openConsole.ts';
import { photograph } from './photograph.ts';
import { openPlace, primary } from './screen.ts';
import type { PageWatch } from './watchPage.ts';

const slowMs = 120_000;

/** Starts a benchmark that measures batch 1 for `seconds`, then batch 2 shortly or as long. */
async function startBenchmark(page: Page, seconds: number): Promise<void> {
  await openPlace(page, 'validate');
  await page.getByRole('tab', { name: 'Benchmark' }).click();
  await page.getByRole('textbox', { name: 'Batches' }).fill('1, 2');
  await page.getByRole('textbox', { name: 'Time a point' }).fill(String(seconds));
  // The takt keeps the first point from ending early: it is judged on the whole time.
  await page.getByRole('textbox', { name: 'Takt' }).fill('40');
  await primary(page, 'Measure').click();
}

await describeNeeding('jobs in the browser console', ['chromium'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-jobs-'));
  const files = mkdtempSync(join(tmpdir(), 'millwright-files-'));
  let shown: OpenConsole;
  let page: Page;
  let watch: PageWatch;
  const tray = () => page.getByRole('region', { name: 'Tasks' });
  const newest = () => tray().getByRole('listitem').first();

  beforeAll(async () => {
    shown = await openConsole({ chromium: paths.chromium, dataDir });
    ({ page, watch } = shown);
    await openSample(page);
  });
  afterAll(async () => {
    await shown.close();
    for (const folder of [dataDir, files]) rmSync(folder, { recursive: true, force: true });
  });

  it('cancels a long job from the task tray, keeps what is finished, and resumes it to its end', async () => {
    await startBenchmark(page, 3);
    await page.getByTestId('task-tray').click();
    await newest().getByText('Running').waitFor();
    await newest().getByText('Lot code reader').waitFor();
    // The first point is finished and the second under way.
    await newest().getByText(/batch 2/i).waitFor({ timeout: slowMs });
    await newest().getByRole('button', { name: 'Cancel' }).click();
    await newest().getByText('Cancelled').waitFor({ timeout: slowMs });
    await page.getByText('It was cancelled. What was finished is kept.').waitFor();
    await photograph(page, 'task-cancelled');
    await newest().getByRole('button', { name: 'Resume' }).click();
    await newest().getByText(/batch 2/i).waitFor({ timeout: slowMs });
    await newest().getByText('Done').waitFor({ timeout: slowMs });
    await tray().getByText('Attempt 2').waitFor();
    await tray().getByRole('button', { name: 'Close the task list' }).click();
    expect(await page.getByRole('table', { name: 'Points' }).getByRole('row').count()).toBe(3); // two points and the head
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('shows a running job with its progress after the page is loaded again, where it can be cancelled', async () => {
    await startBenchmark(page, 600);
    await page.getByRole('progressbar').first().waitFor();
    await page.getByTestId('task-tray').getByText(/batch 1/i).waitFor({ timeout: slowMs });
    await page.reload();
    await page.getByTestId('task-tray').getByText(/^1 task · .*batch 1.* \d \/ \d/i).waitFor();
    await primary(page, 'Measuring').waitFor();
    expect(await page.getByRole('progressbar').first().getAttribute('aria-valuenow')).toMatch(/^\d+$/);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('It was cancelled. What was finished is kept.').waitFor();
    await page.getByTestId('task-tray').getByText('No task').waitFor();
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('says that the host is gone when it is killed, connects to the next one, and shows the job as interrupted', async () => {
    await startBenchmark(page, 600);
    await page.getByTestId('task-tray').getByText(/batch 1/i).waitFor({ timeout: slowMs });
    await shown.killHost();
    await page.getByText('No connection to the host.').waitFor();
    await photograph(page, 'host-gone');
    await shown.startHost();
    await page.getByText('No connection to the host.').waitFor({ state: 'detached' });
    await page.getByText('It was interrupted: the host ended while it ran. What was finished is kept.').waitFor({ timeout: slowMs });
    watch.forgive(); // the browser logs each refused try to connect
    await page.getByTestId('task-tray').click();
    await photograph(page, 'task-interrupted');
    await newest().getByText('Interrupted').waitFor();
    await newest().getByRole('button', { name: 'Resume' }).click();
    await newest().getByText('Running').waitFor();
    await newest().getByText(/batch 1/i).waitFor({ timeout: slowMs });
    await newest().getByRole('button', { name: 'Cancel' }).click();
    await newest().getByText('Cancelled').waitFor();
    await tray().getByRole('button', { name: 'Close the task list' }).click();
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });

  it('names what is wrong with a file that is no model, and what to try', async () => {
    const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), Buffer.alloc(3000, 0x5a), Buffer.from('ffd9', 'hex')]);
    writeFileSync(join(files, 'photo.onnx'), jpeg);
    await openPlace(page, 'models');
    await primary(page, 'Import a model').click();
    for (const give of [
      async () => page.getByLabel('Path on this machine').fill(join(files, 'photo.onnx')).then(() => page.getByRole('button', { name: 'Import', exact: true }).click()),
      async () => page.locator('input[type=file]').setInputFiles(join(files, 'photo.onnx')),
    ]) {
      await give();
      const alert = page.getByRole('alert').first();
      await alert.waitFor({ timeout: slowMs });
      expect(await alert.locator('.what').textContent()).toMatch(/no ONNX model: the file is a JPEG image/);
      await photograph(page, 'import-refused');
      expect(await alert.locator('.hint').textContent()).toMatch(/^\S.{10,}/);
      await page.reload();
      await page.getByRole('row', { name: /^Lot code reader / }).waitFor();
    }
    expect(await page.getByRole('row', { name: /photo/ }).count()).toBe(0);
    await page.getByRole('row', { name: /^Lot code reader / }).waitFor();
    expect(watch).toMatchObject({ errors: [], strangers: [] });
  });
});
