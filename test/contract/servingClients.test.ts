// Client libraries of other makers against the built serving bundle: they know nothing of our code, so that they judge it.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { identityModel, layerModel, onnxElementTypes, placeModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, untilReady, type ServingProcess } from '#test/fakes/servingProcess';
import { describeNeeding } from '../e2e/needs.ts';

const run = promisify(execFile);
const root = mkdtempSync(join(tmpdir(), 'millwright-clients-'));

await describeNeeding('clients of other makers', ['peer:tritonclient', 'peer:kserve'], (paths) => {
  let server: ServingProcess;

  beforeAll(async () => {
    buildServing();
    for (const [name, type] of Object.entries(onnxElementTypes)) placeModel(root, `id_${name.toLowerCase()}`, identityModel(type));
    placeModel(root, 'layer', layerModel(), { settings: { labels: ['a', 'b', 'c'] } });
    server = await startServingProcess(root);
    await untilReady(server);
  });
  afterAll(async () => { await server.end(); rmSync(root, { recursive: true, force: true }); });

  // In two processes: the two libraries register the same protobuf names.
  it.each([['tritonclient', 'triton_client.py'], ['kserve', 'kserve_client.py']] as const)('%s gets right answers', async (name, script) => {
    const { stdout } = await run(join(paths[`peer:${name}`], 'bin', 'python'), [resolve('test/clients', script), String(server.port), String(server.grpcPort)], { timeout: 120_000 });
    expect(stdout).toContain(`${name}: all answers are right`);
  });
});
