// The Serving screen on a real Docker daemon: deploy, try a sample, update, read the log, roll back, take it off again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { privateDocker, type PrivateDocker } from '#test/fakes/privateDocker';
import { openSample } from './mainJob.ts';
import { describeNeeding } from './needs.ts';
import { openChromium } from './openChromium.ts';
import { photograph } from './photograph.ts';
import { chooseOption, figure, openPlace, primary } from './screen.ts';
import { startUi, type Ui } from './startUi.ts';
import { watchPage, type PageWatch } from './watchPage.ts';

const deployMs = 120_000;

await describeNeeding('the Serving screen', ['chromium', 'dockerd', 'parts'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-serving-'));
  const before = { host: process.env['DOCKER_HOST'], parts: process.env['MILLWRIGHT_PARTS'] };
  let docker: PrivateDocker;
  let ui: Ui;
  let browser: Browser;
  let page: Page;
  let watch: PageWatch;
  const state = (word: string) => page.locator('.badge', { hasText: word }).waitFor({ timeout: deployMs });
  const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();

  beforeAll(async () => {
    docker = privateDocker(paths.dockerd);
    await docker.start();
    Object.assign(process.env, { DOCKER_HOST: docker.host, MILLWRIGHT_PARTS: paths.parts });
    ui = await startUi({ dataDir });
    browser = await openChromium(paths.chromium);
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    watch = watchPage(page);
    await page.goto(ui.address);
    await openSample(page);
  }, 180_000);
  afterAll(async () => {
    await browser.close();
    await ui.close();
    await docker.close();
    for (const [name, value] of [['DOCKER_HOST', before.host], ['MILLWRIGHT_PARTS', before.parts]] as const) if (value === undefined) delete process.env[name]; else process.env[name] = value;
    rmSync(dataDir, { recursive: true, force: true });
  }, 120_000);

  it('says that nothing is served yet, and puts the sample into service', async () => {
    await openPlace(page, 'serving');
    await page.getByText('Nothing is served yet').waitFor();
    await primary(page, 'Deploy').click();
    await state('Serving');
    await page.getByText(/^http:\/\/127\.0\.0\.1:\d+$/).first().waitFor();
    // The model's container stands in the table, running.
    await page.getByRole('region', { name: 'Containers' }).getByRole('row', { name: /model v1 running/ }).waitFor();
  }, deployMs);

  it('answers a sample as the model run here does', async () => {
    await tab('Try it');
    await primary(page, 'Send').click();
    await page.getByText('equal', { exact: true }).waitFor({ timeout: 30_000 });
    expect(await figure(page, 'Decision')).toMatch(/^\d$/);
    await photograph(page, 'serving-try');
  }, deployMs);

  it('is updated beside the live version, counts what it answered, and goes back', async () => {
    await tab('Versions');
    await chooseOption(page, 'Model', /Lot code reader/);
    await primary(page, 'Update').click();
    await page.getByRole('row', { name: /^v2 Live/ }).waitFor({ timeout: deployMs });
    await page.getByRole('row', { name: /^v1 Previous/ }).waitFor();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('group', { name: /Back to v1/ }).getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('row', { name: /^v1 Live/ }).waitFor({ timeout: deployMs });
  }, 2 * deployMs);

  it('shows the log of its containers, and finds in it', async () => {
    await tab('Log');
    await page.getByText('model is ready').first().waitFor({ timeout: 30_000 });
    await page.getByRole('searchbox', { name: 'Find in the log' }).fill('gateway');
    await page.getByText('gateway.ready').first().waitFor();
    await expect.poll(() => page.getByText('model is ready').count()).toBe(0);
  }, deployMs);

  it('is taken off the engine and leaves nothing there', async () => {
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('group', { name: /Take it off/ }).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Nothing is served yet').waitFor({ timeout: deployMs });
    expect(await docker.api<unknown[]>('/containers/json?all=1')).toEqual([]);
    expect({ errors: watch.errors, strangers: watch.strangers }).toEqual({ errors: [], strangers: [] });
  }, deployMs);
});
