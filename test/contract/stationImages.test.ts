// What a station's container answers to pictures: the files that are put into it, served by the built runtime, on the sample station's test images.
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDataset, type OpenedDataset } from '#services/datasets/openDataset';
import { addDataset } from '#services/datasets/registerDataset';
import { repositoryFiles } from '#services/images/repositoryFiles';
import { showModel } from '#services/models/inspectModel';
import { servedPreparation, type ServedModel } from '#services/stations/servedPreparation';
import { sumModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, untilReady, type ServingProcess } from '#test/fakes/servingProcess';
import { openEvidenceBed, type EvidenceBed } from '#test/golden/report/evidenceBed';

const root = mkdtempSync(join(tmpdir(), 'millwright-station-images-'));
const model = resolve('resources', 'sample', 'lot-code-reader.onnx');
const context = { signal: new AbortController().signal, progress: () => undefined };
let bed: EvidenceBed, server: ServingProcess, data: OpenedDataset;

/** As `deploy` plans a version, and as the volume or the image of a node is filled. */
async function place(name: string, path: string, testId: string | null): Promise<void> {
  const served: ServedModel = { ...await showModel(bed.services, { path }), path };
  const { prepared } = await servedPreparation(bed.services, served, { testId, before: null });
  const { files } = await repositoryFiles({ path, name, id: null, record: null, labels: null }, { name, threads: 1, prepared: { ...prepared, managed: true } });
  for (const file of files.filter(({ kind }) => kind === 'file')) {
    const target = join(root, 'models', file.path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, typeof file.content === 'string' ? readFileSync(file.content) : file.content as Uint8Array); // a path or bytes; an archive only in an image
  }
}

beforeAll(async () => {
  buildServing();
  bed = openEvidenceBed();
  const set = resolve('resources', 'sample', 'test');
  await place('reader', model, (await addDataset(bed.services, { path: set, purpose: 'test' }, context)).id);
  await place('nobody-knows', model, null);
  writeFileSync(join(root, 'sum.onnx'), sumModel());
  writeFileSync(join(root, 'sum.millwright.json'), JSON.stringify({ state: { state: 'next' } }));
  await place('sum', join(root, 'sum.onnx'), null);
  data = await openDataset(bed.services, { path: set }, await showModel(bed.services, { path: model }));
  server = await startServingProcess(join(root, 'models'));
  await untilReady(server);
}, 180_000);
afterAll(async () => { await data?.close(); await server?.end(); bed?.close(); rmSync(root, { recursive: true, force: true }); });

async function ask(name: string, body: Uint8Array | string, type: string): Promise<{ readonly status: number; readonly error: string; readonly data: readonly number[] }> {
  const response = await fetch(`${server.url}/v2/models/${name}/infer`, { method: 'POST', body: body as string, headers: { 'content-type': type } }); // bytes are a body too
  const said = await response.json() as { error?: string; outputs?: { data: number[] }[] }; // our own answers
  return { status: response.status, error: said.error ?? '', data: said.outputs?.[0]?.data ?? [] };
}

it('prepares pictures as validation did, to the same values', async () => {
  let right = 0, asked = 0;
  for (let index = 0; index < data.length; index += 15) {
    const { feeds, label } = await data.read(index);
    const [tensor] = Object.values(feeds);
    const tensors = JSON.stringify({ inputs: [{ name: 'image', datatype: 'FP32', shape: tensor?.dims, data: Array.from(tensor?.data as Float32Array) }] }); // the sample's one input
    const [there, here] = [await ask('reader', readFileSync(data.imagePath(index) ?? ''), 'image/png'), await ask('reader', tensors, 'application/json')];
    expect(there).toEqual(here);
    right += Number(data.classes[there.data.indexOf(Math.max(...there.data))] === label);
    asked += 1;
  }
  expect([asked, right / asked > 0.97]).toEqual([100, true]);
}, 60_000);

it('refuses pictures with a sentence where nobody has said how they are prepared, and takes tensors', async () => {
  expect(await ask('nobody-knows', readFileSync(data.imagePath(0) ?? ''), 'image/png')).toMatchObject({ status: 400, error: expect.stringContaining('Nobody has said how pictures are prepared for input "image"') as string });
  expect(await ask('nobody-knows', JSON.stringify({ inputs: [{ name: 'image', datatype: 'FP32', shape: [1, 1, 28, 28], data: Array.from({ length: 784 }, () => 0) }] }), 'application/json')).toMatchObject({ status: 200 });
});

it('keeps the sequences of a model with state', async () => {
  const step = (x: number, start: boolean) => ask('sum', JSON.stringify({ parameters: { sequence_id: 7, sequence_start: start }, inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], data: [x] }], outputs: [{ name: 'y' }] }), 'application/json');
  expect([(await step(1, true)).data, (await step(2, false)).data, (await step(4, false)).data]).toEqual([[1], [3], [7]]);
});

it('lets nobody unload the model, by HTTP or gRPC, and tells its name', async () => {
  const post = (path: string) => fetch(`${server.url}${path}`, { method: 'POST' });
  expect((await post('/v2/repository/models/sum/unload')).status).toBe(401);
  expect((await post('/v2/repository/models/sum/load')).status).toBe(401);
  // A message of the model's name, as field 2.
  const client = new Client(`127.0.0.1:${server.grpcPort}`, credentials.createInsecure());
  const said = await new Promise<string>((done) => { client.makeUnaryRequest('/inference.GRPCInferenceService/RepositoryModelUnload', (bytes: Buffer) => bytes, (bytes) => bytes, Buffer.from([0x12, 3, ...Buffer.from('sum')]), (error: ServiceError | null) => { done(error?.details ?? 'unloaded'); }); });
  client.close();
  expect(said).toContain('managed by Millwright');
  expect(((await (await post('/v2/repository/index')).json()) as { name: string; state: string }[]).map(({ name, state }) => [name, state])).toContainEqual(['sum', 'READY']); // as the protocol has it
});
