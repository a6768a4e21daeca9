// The REST surface against its published description, by generated requests with a fixed seed: no fault, and nothing that the description does not say.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { layerModel, placeModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, untilReady, type ServingProcess } from '#test/fakes/servingProcess';
import { describeNeeding } from '../e2e/needs.ts';

const root = mkdtempSync(join(tmpdir(), 'millwright-description-'));
/** Some addresses name no model: they are for servers that hold one. */
const servers = [['many models', ['layer', 'spare'], '^/(v1|v2|metrics|ping)'], ['one model', ['layer'], '^/(invocations|score)']] as const;

await describeNeeding('the description of the REST surface', ['peer:schemathesis'], (paths) => {
  let running: ServingProcess[] = [];

  beforeAll(async () => {
    buildServing();
    running = await Promise.all(servers.map(async ([folder, models]) => {
      for (const name of models) placeModel(join(root, folder), name, layerModel(), { settings: { labels: ['a', 'b', 'c'] } });
      const server = await startServingProcess(join(root, folder));
      await untilReady(server);
      return server;
    }));
  }, 120_000);
  afterAll(async () => { await Promise.all(running.map((server) => server.end())); rmSync(root, { recursive: true, force: true }); });

  it.each(servers.map(([name, , addresses], index) => ({ name, addresses, index })))('is kept by every answer of a server with $name', async ({ addresses, index }) => {
    const server = running[index]!; // one for each
    const outcome = await new Promise<{ readonly code: number; readonly output: string }>((done) => {
      execFile(join(paths['peer:schemathesis'], 'bin', 'python'), [resolve('test/clients/rest_description.py'), server.url, resolve('docs/schemas/serving.openapi.yaml'), addresses], { timeout: 150_000, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => done({ code: error ? 1 : 0, output: `${stdout}\n${stderr}` }));
    });
    if (outcome.code !== 0) expect(outcome.output).toBe('');
    expect(outcome.output).toMatch(/[1-9]\d* passed/);
    expect(server.log().filter(({ level }) => level === 'error')).toEqual([]);
  }, 180_000);
});
