// The Serving screen on a real Docker daemon: deploy, try a sample, update, read the log, roll back, take it off again.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { privateDocker, type PrivateDocker } from '#test/fakes/privateDocker';
import { setEnvironment } from '#test/fakes/setEnvironment';
import { openSample } from './mainJob.ts';
import { describeNeeding } from './needs.ts';
import { openConsole, type OpenConsole } from './openConsole.ts';
import { photograph } from './photograph.ts';
import { chooseOption, figure, openPlace, primary } from './screen.ts';
import type { PageWatch } from './watchPage.ts';

const deployMs = 120_000;

/** One inference of zeros as a client sends it, at the address that the page shows; answers the status. */
async function inferenceThrough(page: Page): Promise<() => Promise<number>> {
  const address = await page.getByText(/^http:\/\/127\.0\.0\.1:\d+$/).first().textContent() ?? '';
  const post = (path: string, body?: unknown) => fetch(`${address}${path}`, { method: 'POST', ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const [model] = await (await post('/v2/repository/index')).json() as { name: string }[]; // as the protocol has it
  const { inputs } = await (await fetch(`${address}/v2/models/${model?.name}`)).json() as { inputs: { name: string; datatype: string; shape: number[] }[] };
  const zeros = inputs.map(({ name, datatype, shape }) => { const sizes = shape.map((size) => Math.max(1, size)); return { name, datatype, shape: sizes, data: Array(sizes.reduce((product, size) => product * size, 1)).fill(0) }; });
  return async () => (await post(`/v2/models/${model?.name}/infer`, { inputs: zeros })).status;
}

await describeNeeding('the Serving screen', ['chromium', 'dockerd', 'parts'], (paths) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millwright-serving-'));
  let restore = (): void => undefined;
  let docker: PrivateDocker;
  let shown: OpenConsole;
  let page: Page;
  let watch: PageWatch;
  const state = (word: string) => page.locator('.badge', { hasText: word }).waitFor({ timeout: deployMs });
  const tab = (name: string) => page.getByRole('tab', { name: new RegExp(`^${name}`) }).click();

  beforeAll(async () => {
    docker = privateDocker(paths.dockerd);
    await docker.start();
    restore = setEnvironment({ DOCKER_HOST: docker.host, MILLWRIGHT_PARTS: paths.parts });
    shown = await openConsole({ chromium: paths.chromium, dataDir });
    ({ page, watch } = shown);
    await openSample(page);
  }, 180_000);
  afterAll(async () => {
    await shown.close();
    await docker.close();
    restore();
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

  it('tries a new version as a canary, changes its share, and promotes it', async () => {
    await tab('Trial');
    await chooseOption(page, 'Model', /Lot code reader/);
    await page.getByRole('radio', { name: 'Canary' }).click();
    await page.getByRole('slider', { name: 'Share that it answers' }).press('ArrowRight');
    await page.getByRole('textbox', { name: 'Share that it answers, percent' }).fill('40');
    await primary(page, 'Start the trial').click();
    await page.getByText('v3 on trial').waitFor({ timeout: deployMs });
    await page.getByText('No request came to v3 in the last five minutes.').waitFor();
    const infer = await inferenceThrough(page);
    expect(await Promise.all(Array.from({ length: 100 }, infer))).toEqual(Array(100).fill(200));
    await page.getByRole('row', { name: /^v3, on trial Closed: gets requests 40 0 0\.00 % [\d.]+ ms [\d.]+ ms$/ }).waitFor();
    await page.getByRole('row', { name: /^v1, live Closed: gets requests 6\d 0 0\.00 %/ }).waitFor();
    await photograph(page, 'serving-canary');
    await page.getByRole('slider', { name: 'Share that it answers' }).press('End');
    await page.getByRole('button', { name: 'Change', exact: true }).click();
    await page.getByText('100 % of the requests').waitFor({ timeout: deployMs });
    await primary(page, 'Promote').click();
    await page.getByRole('group', { name: 'Let v3 answer everything?' }).getByRole('button', { name: 'Promote' }).click();
    await page.getByText('beside v3, which goes on answering').waitFor({ timeout: deployMs });
    await tab('Versions');
    await page.getByRole('row', { name: /^v3 Live/ }).waitFor();
    await page.getByRole('row', { name: /^v1 Previous/ }).waitFor();
    expect(await infer()).toBe(200);
  }, 2 * deployMs);

  it('stops acceptance with a reason, tells it to clients, and is released', async () => {
    await tab('Live');
    const infer = await inferenceThrough(page);
    await page.getByRole('button', { name: 'Acceptance stop' }).click();
    // The reason is asked for at once: it is typed where the focus is.
    await page.keyboard.type('Golden sample 7 was accepted');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing is answered. Every client gets 503 with this reason.').waitFor({ timeout: deployMs });
    await state('Acceptance stop');
    expect(await infer()).toBe(503);
    await page.getByText('Golden sample 7 was accepted', { exact: true }).waitFor();
    await photograph(page, 'serving-held');
    await primary(page, 'Release').click();
    await page.getByRole('group', { name: 'Is the cause removed?' }).getByRole('button', { name: 'Release' }).click();
    await state('Serving');
    expect(await infer()).toBe(200);
  }, deployMs);

  it('records what clients ask, shows one request, asks it again, and saves all', async () => {
    const infer = await inferenceThrough(page);
    await tab('Recorder');
    await page.getByText('off: nothing of what clients send is kept').waitFor();
    await primary(page, 'Turn on').click();
    await page.getByText('No request came since it was turned on.').waitFor({ timeout: deployMs });
    expect(await Promise.all(Array.from({ length: 12 }, infer))).toEqual(Array(12).fill(200));
    const rows = page.getByRole('table', { name: 'Recorded requests' }).locator('tbody tr');
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(12);
    expect(await figure(page, 'Requests kept')).toBe('12');
    await page.getByRole('button', { name: 'Pause' }).click();
    await rows.first().press('Enter');
    await page.getByText('"model_name"').waitFor();
    await photograph(page, 'serving-recorded');
    await page.getByRole('button', { name: 'Close the request' }).click();
    await page.getByRole('button', { name: 'Ask v3 again' }).click();
    await page.getByText(/^Asked again at .*: v3$/).waitFor({ timeout: deployMs });
    expect([await figure(page, 'The same'), await figure(page, 'Differing answers'), await figure(page, 'Not answered')]).toEqual(['12', '0', '0']);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('link', { name: /\.har$/ }).click({ timeout: deployMs });
    const saved = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as { log: { entries: unknown[] } }; // as the format has it
    expect(saved.log.entries).toHaveLength(12);
    await photograph(page, 'serving-recorder');
    await page.getByRole('button', { name: 'Turn off' }).click();
    await page.getByRole('group', { name: 'Forget what it holds?' }).getByRole('button', { name: 'Turn off' }).click();
    await primary(page, 'Turn on').waitFor({ timeout: deployMs });
  }, deployMs);

  it('gives a client a key, turns away who has none, and takes it back', async () => {
    await tab('Connect');
    const [infer, address] = [await inferenceThrough(page), await page.getByText(/^http:.*\/infer$/).first().innerText()];
    await page.getByRole('textbox', { name: 'Client', exact: true }).fill('Camera PC');
    await page.keyboard.press('Enter');
    const told = page.getByText(/^mw_[\w-]{43}$/);
    await told.waitFor({ timeout: deployMs });
    const key = await told.innerText();
    expect(await infer()).toBe(401);
    const withKey = await fetch(address, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: '{}' });
    expect(withKey.status).toBe(400); // let in: now the model itself says what it lacks
    await page.getByRole('row', { name: /^Camera PC 1 / }).waitFor({ timeout: 30_000 });
    await page.getByText(/^1 turned away/).waitFor();
    await photograph(page, 'serving-access');
    await page.getByRole('button', { name: 'Ask nobody for a key' }).click();
    await page.getByRole('group', { name: 'Let everyone ask who reaches it?' }).getByRole('button', { name: 'Let everyone ask' }).click();
    await page.getByText('from the first key on, whoever has none is turned away').waitFor({ timeout: deployMs });
    expect([await told.count(), await infer()]).toEqual([0, 200]);
  }, deployMs);

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
