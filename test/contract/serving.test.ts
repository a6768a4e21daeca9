// The serving runtime as its clients see it: the built bundle in a process of its own, over loopback.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityModel, imageModel, layerModel, onnxElementTypes, placeModel, slowModel, sumModel } from '#test/fakes/servingModels';
import { buildServing, startServingProcess, until, untilReady, type ServingProcess } from '#test/fakes/servingProcess';

const root = mkdtempSync(join(tmpdir(), 'millwright-serving-'));
const repository = join(root, 'models');
let server: ServingProcess;

beforeAll(async () => {
  buildServing();
  for (const [name, type] of Object.entries(onnxElementTypes)) placeModel(repository, `id_${name.toLowerCase()}`, identityModel(type));
  placeModel(repository, 'layer', layerModel(), { settings: { labels: ['a', 'b', 'c'] } });
  placeModel(repository, 'image', imageModel(), { settings: { preprocess: { scale: 1 } } });
  placeModel(repository, 'slow', slowModel(), { settings: { warmUp: false } });
  server = await startServingProcess(repository);
  await untilReady(server);
}, 120_000);
afterAll(async () => { await server?.end(); rmSync(root, { recursive: true, force: true }); });

type Body = Readonly<Record<string, unknown>>;
const send = async (path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}, to = server) => {
  const init = body === undefined ? {} : { method: 'POST', body: typeof body === 'string' || body instanceof Uint8Array ? body as string : JSON.stringify(body) }; // bytes are a body too
  const response = await fetch(`${to.url}${path}`, { ...init, headers });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, bytes, json: (isJson && bytes.length > 0 ? JSON.parse(Buffer.from(bytes).toString()) : null) as Body | null }; // as the header says
};
const layer = (rows: readonly (readonly number[])[]) => ({ inputs: [{ name: 'x', shape: [rows.length, 4], datatype: 'FP32', data: rows }] });
const answered = (rows: number) => ({ status: 200, json: { model_name: 'layer', model_version: '1', outputs: [{ name: 'y', datatype: 'FP32', shape: [rows, 3] }] } });

describe('the Open Inference Protocol over REST', () => {
  it('describes server, models and their state, with and without a slash at the end', async () => {
    for (const path of ['/v2', '/v2/']) expect(await send(path)).toMatchObject({ status: 200, json: { name: 'millwright', extensions: expect.arrayContaining(['binary_tensor_data', 'model_repository', 'statistics']) as unknown } });
    for (const path of ['/v2/models/layer', '/v2/models/layer/versions/1']) expect(await send(path)).toMatchObject({ status: 200, json: { name: 'layer', versions: ['1'], platform: 'onnx_onnxv1', inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 4] }], outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 3] }] } });
    for (const path of ['/v2/health/live', '/v2/health/ready', '/v2/models/layer/ready', '/v2/models/layer/versions/1/ready']) expect(await send(path)).toMatchObject({ status: 200 });
    expect(await send('/v2/models/layer/config')).toMatchObject({ json: { name: 'layer', max_batch_size: 0, input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [-1, 4] }] } });
  });
  it('takes nested and flat data alike, echoes the id and answers the outputs that are named', async () => {
    const nested = await send('/v2/models/layer/infer', { id: 'ä7', ...layer([[1, 0, 0, 0], [0, 1, 0, 0]]), outputs: [{ name: 'y' }] });
    expect(nested).toMatchObject({ ...answered(2), json: { id: 'ä7', outputs: [{ data: [0, 1, 2, 1, 2, 3] }] } });
    const flat = await send('/v2/models/layer/versions/1/infer', { inputs: [{ data: [1, 0, 0, 0, 0, 1, 0, 0], datatype: 'FP32', shape: [2, 4], name: 'x' }] });
    expect(flat.json).toMatchObject({ outputs: [{ data: [0, 1, 2, 1, 2, 3] }] });
  });
  it.each([
    ['INT64', '[9223372036854775807,-9007199254740993]'], ['UINT64', '[18446744073709551615,0]'], ['INT32', '[-2147483648,7]'], ['UINT8', '[255,0]'], ['BOOL', '[true,false]'], ['FP64', '[0.1,5e-324]'], ['FP32', '[1.5,-0.25]'], ['BYTES', '["ä\\n",""]'],
  ])('answers %s exactly as it came', async (datatype, data) => {
    const { bytes } = await send(`/v2/models/id_${datatype.toLowerCase()}/infer`, `{"inputs":[{"name":"x","shape":[1,2],"datatype":"${datatype}","data":${data}}]}`);
    expect(Buffer.from(bytes).toString()).toContain(`"data":${data}`);
  });
  it('takes and gives binary tensors, mixed with JSON, compressed, and raw', async () => {
    const tensor = new Uint8Array(new Float32Array([1, 0, 0, 0]).buffer);
    const head = JSON.stringify({ inputs: [{ name: 'x', shape: [1, 4], datatype: 'FP32', parameters: { binary_data_size: 16 } }], outputs: [{ name: 'y', parameters: { binary_data: true } }] });
    const body = Buffer.concat([Buffer.from(head), tensor]);
    const length = { 'Inference-Header-Content-Length': String(head.length) };
    for (const [bytes, headers] of [[body, length], [gzipSync(body), { ...length, 'Content-Encoding': 'gzip' }]] as const) {
      const answer = await send('/v2/models/layer/infer', bytes, headers);
      const jsonBytes = Number(answer.headers.get('inference-header-content-length'));
      expect(JSON.parse(Buffer.from(answer.bytes.subarray(0, jsonBytes)).toString())).toMatchObject({ outputs: [{ name: 'y', shape: [1, 3], parameters: { binary_data_size: 12 } }] });
      expect([...new Float32Array(answer.bytes.slice(jsonBytes).buffer)]).toEqual([0, 1, 2]);
    }
    const raw = await send('/v2/models/layer/infer', tensor, { 'Inference-Header-Content-Length': '0' });
    expect([...new Float32Array(raw.bytes.slice(Number(raw.headers.get('inference-header-content-length'))).buffer)]).toEqual([0, 1, 2]);
    const all = await send('/v2/models/layer/infer', { ...layer([[1, 0, 0, 0]]), parameters: { binary_data_output: true } });
    expect(all.bytes.subarray(-12)).toEqual(new Uint8Array(new Float32Array([0, 1, 2]).buffer));
  });
  it('names the classes', async () => {
    const { json } = await send('/v2/models/layer/infer', { ...layer([[1, 0, 0, 0]]), outputs: [{ name: 'y', parameters: { classification: 2 } }] });
    expect(json).toMatchObject({ outputs: [{ datatype: 'BYTES', shape: [1, 2], data: ['2.000000:2:c', '1.000000:1:b'] }] });
  });
  it('prepares an encoded image as the model wants it, as body and as BYTES', async () => {
    // 2 x 1 pixels, red and blue, as an uncompressed bitmap of 24 bits
    const bmp = Buffer.from('424d3e00000000000000360000002800000002000000010000000100180000000000080000000000000000000000000000000000000000' + '00ff' + 'ff0000' + '0000', 'hex');
    const bmpPixels = Buffer.from([255, 0, 0, 0, 0, 255]), bmpShape = { raw: { width: 2, height: 1, channels: 3 } } as const;
    const means = [127.5, 0, 127.5];
    expect((await send('/v2/models/image/infer', bmp, { 'Content-Type': 'image/bmp' })).json).toMatchObject({ outputs: [{ name: 'means', shape: [1, 3], data: means }] });
    expect((await send('/v2/models/image/infer', { inputs: [{ name: 'image', shape: [2], datatype: 'BYTES', data: [bmp.toString('base64'), bmp.toString('base64')] }] })).json).toMatchObject({ outputs: [{ shape: [2, 3], data: [...means, ...means] }] });
    for (const [type, file] of [['png', await sharp(bmpPixels, bmpShape).png().toBuffer()], ['jpeg', await sharp(Buffer.alloc(8 * 8 * 3, 200), { raw: { width: 8, height: 8, channels: 3 } }).jpeg().toBuffer()]] as const) {
      expect((await send('/v2/models/image/infer', file, { 'Content-Type': `image/${type}` })).json).toMatchObject({ outputs: [{ data: type === 'png' ? means : [200, 200, 200] }] });
    }
    expect(await send('/v2/models/image/infer', 'no image', { 'Content-Type': 'image/png' })).toMatchObject({ status: 400, json: { error: expect.stringContaining('not a PNG') as unknown } });
  });
  it('keeps the state of each sequence', async () => {
    placeModel(repository, 'sum', sumModel(), { settings: { state: { state: 'next' } } });
    await send('/v2/repository/models/sum/load', '');
    const add = async (x: number, parameters: Body) => { const { status, json } = await send('/v2/models/sum/infer', { parameters, inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', data: [x] }] }); return status === 200 ? (json as { outputs: { name: string; data: number[] }[] }).outputs.map(({ name, data }) => [name, ...data]) : status; };
    expect(await add(1, { sequence_id: 7 })).toBe(400);
    expect([await add(1, { sequence_id: 7, sequence_start: true }), await add(10, { sequence_id: 'b', sequence_start: true }), await add(2, { sequence_id: 7 }), await add(20, { sequence_id: 'b' }), await add(3, { sequence_id: 7, sequence_end: true })]).toEqual([[['y', 1]], [['y', 10]], [['y', 3]], [['y', 30]], [['y', 6]]]);
    expect([await add(1, { sequence_id: 7 }), await add(1, {})]).toEqual([400, 400]);
    const many = await Promise.all([add(1, { sequence_id: 9, sequence_start: true }), ...Array.from({ length: 30 }, () => add(1, { sequence_id: 'b' }))]);
    expect(many.slice(1).map((answer) => (answer as [string, number][])[0]![1]).sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => 31 + index));
  });
  it('counts what it did', async () => {
    const before = (await send('/v2/models/layer/stats')).json as { model_stats: [{ inference_count: number; execution_count: number; inference_stats: { success: { count: number; ns: number } } }] };
    await send('/v2/models/layer/infer', layer([[1, 0, 0, 0], [1, 0, 0, 0]]));
    const after = (await send('/v2/models/layer/versions/1/stats')).json as typeof before;
    expect([after.model_stats[0].inference_count - before.model_stats[0].inference_count, after.model_stats[0].execution_count - before.model_stats[0].execution_count]).toEqual([2, 1]);
    const text = Buffer.from((await send('/metrics')).bytes).toString();
    for (const name of ['nv_inference_request_success{model="layer",version="1"}', 'millwright_inference_duration_seconds_bucket{model="layer",version="1",le="+Inf"}', 'millwright_queue_duration_seconds_sum', 'millwright_preprocess_duration_seconds_count', 'nv_inference_compute_infer_duration_us']) expect(text).toContain(name);
  });
});

describe('what it refuses', () => {
  const infer = '/v2/models/layer/infer';
  const tensor = (fields: Body) => ({ inputs: [{ name: 'x', shape: [1, 4], datatype: 'FP32', data: [1, 2, 3, 4], ...fields }] });
  it.each<[string, string, unknown, number, Readonly<Record<string, string>>?]>([
    ['an unknown model', '/v2/models/nothing/infer', layer([]), 404], ['an unknown version', '/v2/models/layer/versions/7/infer', layer([]), 404], ['an unknown place', '/v3', undefined, 404],
    ['a wrong name', infer, tensor({ name: 'z' }), 400], ['a wrong datatype', infer, tensor({ datatype: 'FP64' }), 400], ['no datatype of the protocol', infer, tensor({ datatype: 'FLOAT' }), 400], ['a wrong shape', infer, tensor({ shape: [4, 1] }), 400],
    ['too few values', infer, tensor({ data: [1, 2] }), 400], ['a negative size', infer, tensor({ shape: [-1, 4] }), 400], ['a size beyond all memory', infer, tensor({ shape: [4e15, 4] }), 400], ['an unknown output', infer, { ...tensor({}), outputs: [{ name: 'z' }] }, 400],
    ['no inputs', infer, {}, 400], ['an empty body', infer, '', 400], ['a list', infer, '[]', 400], ['half of a JSON', infer, '{"inputs":[{"name":"x"', 400], ['more behind the JSON', infer, `${JSON.stringify(tensor({}))}x`, 400],
    ['NaN', infer, '{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[NaN,1,2,3]}]}', 400], ['deep nesting', infer, `{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":${'['.repeat(2e6)}`, 400], ['deep nesting elsewhere', infer, `{"x":${'[{"a":'.repeat(5e5)}`, 400],
    ['a name twice', infer, '{"inputs":[{"name":"x","name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}', 400], ['truncated binary data', infer, `${JSON.stringify({ inputs: [{ name: 'x', shape: [1, 4], datatype: 'FP32', parameters: { binary_data_size: 16 } }] })}1234`, 400, { 'Inference-Header-Content-Length': '98' }],
    ['a header longer than the body', infer, '{}', 400, { 'Inference-Header-Content-Length': '2000000000' }], ['a header that is no number', infer, '{}', 400, { 'Inference-Header-Content-Length': '-1' }], ['a body that is not gzip', infer, '{}', 400, { 'Content-Encoding': 'gzip' }], ['a bomb', infer, gzipSync(Buffer.alloc(300e6)), 413, { 'Content-Encoding': 'gzip' }],
    ['shared memory', infer, tensor({ data: undefined, parameters: { shared_memory_region: 'a' } }), 400], ['a wrong method', '/v2/health/live', '{}', 405], ['an unknown model to load', '/v2/repository/models/nothing/load', '', 404],
  ])('%s, with a sentence', async (_what, path, body, status, headers = {}) => {
    const answer = await send(path, body, headers);
    expect([answer.status, answer.json]).toEqual([status, { error: expect.stringMatching(/^["A-Z/][^]*\.$/) as unknown }]);
  });

  const talk = (text: string) => new Promise<string>((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk: Buffer) => { answer += chunk.toString(); });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => resolve(answer));
  });
  it('a body of 2 GB before any of it is sent, and text that is not HTTP', async () => {
    expect(await talk(`POST ${infer} HTTP/1.1\r\nHost: x\r\nContent-Length: 2147483648\r\n\r\n`)).toMatch(/^HTTP\/1.1 413 [^]*"error":"The body is larger/);
    expect(await talk('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"error":/);
  });
  it('and its memory stays as it was', async () => {
    const rss = async () => Number(/^process_resident_memory_bytes (\d+)/m.exec(Buffer.from((await send('/metrics')).bytes).toString())?.[1]);
    const hostile = `{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":${'['.repeat(4e6)}`;
    for (let round = 0; round < 10; round++) await send(infer, hostile);
    const before = await rss();
    for (let round = 0; round < 40; round++) await send(infer, hostile);
    expect(await rss() - before).toBeLessThan(64e6);
    expect(await send(infer, layer([[1, 0, 0, 0]]))).toMatchObject(answered(1));
  });
});

describe('models come and go', () => {
  it('tells the truth of an unloaded model, and serves it again', async () => {
    expect((await send('/v2/repository/models/id_int8/unload', '')).status).toBe(200);
    expect(await send('/v2/models/id_int8/ready')).toMatchObject({ status: 503, json: { ready: false } });
    expect((await send('/v2/models/id_int8/infer', { inputs: [{ name: 'x', shape: [1, 1], datatype: 'INT8', data: [1] }] })).status).toBe(503);
    expect((await send('/v2/repository/index', '')).json).toContainEqual({ name: 'id_int8', version: '1', state: 'UNAVAILABLE', reason: 'unloaded' });
    expect((await send('/v2/repository/index', { ready: true })).json).not.toContainEqual(expect.objectContaining({ name: 'id_int8' }));
    expect((await send('/v2/repository/models/id_int8/load', '')).status).toBe(200);
    expect((await send('/v2/models/id_int8/ready')).status).toBe(200);
  });
  it('switches to a new version without a failed request, and keeps the old one when the new does not load', async () => {
    placeModel(repository, 'swap', layerModel(1));
    await send('/v2/repository/models/swap/load', '');
    let going = true;
    const seen = new Set<string>();
    const client = async () => { while (going) { const { status, json } = await send('/v2/models/swap/infer', layer([[1, 0, 0, 0]])); seen.add(`${status} ${String(json?.['model_version'])}`); } };
    const clients = Array.from({ length: 4 }, client);
    await until(async () => seen.has('200 1'));
    placeModel(repository, 'swap', layerModel(10), { version: 2 });
    expect((await send('/v2/repository/models/swap/load', '')).status).toBe(200);
    await until(async () => seen.has('200 2'));
    placeModel(repository, 'swap', new Uint8Array([1, 2, 3]), { version: 3 });
    expect(await send('/v2/repository/models/swap/load', '')).toMatchObject({ status: 400, json: { error: expect.stringContaining('not a model') as unknown } });
    expect((await send('/v2/models/swap/infer', layer([[1, 0, 0, 0]]))).json).toMatchObject({ model_version: '2', outputs: [{ data: [0, 10, 20] }] });
    going = false;
    await Promise.all(clients);
    expect([...seen].sort()).toEqual(['200 1', '200 2']);
  });
  it('goes on with the other models when one does not load, and says so', async () => {
    const folder = join(root, 'half');
    placeModel(folder, 'good', layerModel());
    placeModel(folder, 'bad', new Uint8Array([1, 2, 3]));
    const half = await startServingProcess(folder);
    await until(async () => (await send('/v2/models/good/ready', undefined, {}, half)).status === 200);
    expect((await send('/v2/health/ready', undefined, {}, half)).status).toBe(503);
    expect((await send('/v2/health/live', undefined, {}, half)).status).toBe(200);
    expect(await send('/v2/models/bad/infer', layer([]), {}, half)).toMatchObject({ status: 503, json: { error: expect.stringContaining('bad') as unknown } });
    await half.end();
  });
});

describe('under load', () => {
  const slow = (size: number) => { const data = new Float32Array(size * size).fill(1 / size); const head = JSON.stringify({ inputs: [{ name: 'x', shape: [size, size], datatype: 'FP32', parameters: { binary_data_size: data.byteLength } }] }); return { body: Buffer.concat([Buffer.from(head), new Uint8Array(data.buffer)]), headers: { 'Inference-Header-Content-Length': String(head.length) } }; };
  it('answers health while a model runs', async () => {
    const { body, headers } = slow(1200);
    let done = false;
    const running = send('/v2/models/slow/infer', body, headers).then((answer) => { done = true; return answer; });
    await until(async () => Buffer.from((await send('/metrics')).bytes).toString().includes('millwright_requests_running{model="slow",version="1"} 1'));
    expect([(await send('/v2/health/live')).status, (await send('/v2/health/ready')).status, done]).toEqual([200, 200, false]);
    expect((await running).status).toBe(200);
  });
  it('refuses more than its queue holds, with the advice to come again, and answers the others', async () => {
    const folder = join(root, 'narrow');
    placeModel(folder, 'slow', slowModel(), { settings: { warmUp: false, maxQueue: 2 } });
    const narrow = await startServingProcess(folder);
    await untilReady(narrow);
    const { body, headers } = slow(300);
    const answers = await Promise.all(Array.from({ length: 24 }, () => send('/v2/models/slow/infer', body, headers, narrow)));
    const count = (status: number) => answers.filter((one) => one.status === status).length;
    expect(count(200) + count(503)).toBe(24);
    expect([count(200) >= 3, count(503) > 0]).toEqual([true, true]);
    expect(answers.find(({ status }) => status === 503)).toMatchObject({ json: { error: expect.stringContaining('wait') as unknown } });
    expect(answers.find(({ status }) => status === 503)?.headers.get('retry-after')).toBe('1');
    await narrow.end();
  });
  it('lets clients take turns: one that sends many requests does not hold up another', async () => {
    const folder = join(root, 'turns');
    placeModel(folder, 'slow', slowModel(), { settings: { warmUp: false } });
    const fair = await startServingProcess(folder);
    await untilReady(fair);
    const { body, headers } = slow(600);
    const order: string[] = [];
    const ask = (client: string) => send('/v2/models/slow/infer', body, { ...headers, Authorization: `Bearer ${client}` }, fair).then(({ status }) => { order.push(`${client} ${status}`); });
    const flood = Array.from({ length: 40 }, () => ask('flood'));
    await until(async () => /requests_waiting\{model="slow",version="1"\} (2[5-9]|3\d)\b/.test(Buffer.from((await send('/metrics', undefined, {}, fair)).bytes).toString()));
    await ask('other');
    expect(order.indexOf('other 200')).toBeLessThan(20);
    expect(await send('/v2/models/slow/infer', { parameters: { timeout: 1000 }, inputs: [] }, {}, fair)).toMatchObject({ status: 503, json: { error: 'The request waited longer than its timeout.' } });
    await Promise.all(flood);
    expect(order.filter((one) => one === 'flood 200')).toHaveLength(40);
    await fair.end();
  });
  it('answers all that is in flight when it is told to end, and leaves with 0', async () => {
    const folder = join(root, 'ending');
    placeModel(folder, 'slow', slowModel(), { settings: { warmUp: false } });
    const ending = await startServingProcess(folder);
    await untilReady(ending);
    const { body, headers } = slow(400);
    const answers = Array.from({ length: 16 }, () => send('/v2/models/slow/infer', body, headers, ending));
    await until(async () => { const text = Buffer.from((await send('/metrics', undefined, {}, ending)).bytes).toString(); return Number(/requests_running\{model="slow",version="1"\} (\d+)/.exec(text)?.[1]) + Number(/requests_waiting\{model="slow",version="1"\} (\d+)/.exec(text)?.[1]) + Number(/requests_total\{model="slow",version="1",outcome="success"\} (\d+)/.exec(text)?.[1]) === 16; });
    ending.signal('SIGTERM');
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
    expect(await ending.ended).toEqual({ code: 0, signal: null });
  });
  it('runs requests together when told to, each with its own answer', async () => {
    const folder = join(root, 'batch');
    placeModel(folder, 'layer', layerModel());
    const batching = await startServingProcess(folder, ['--max-batch', '8', '--max-delay-ms', '200']);
    await untilReady(batching);
    expect((await send('/v2/models/layer/config', undefined, {}, batching)).json).toMatchObject({ max_batch_size: 8, input: [{ dims: [4] }], dynamic_batching: { priority_levels: 10, default_priority_level: 5 } });
    const answers = await Promise.all(Array.from({ length: 16 }, (_, index) => send('/v2/models/layer/infer', index === 5 ? { inputs: [] } : layer([[index, 0, 0, 1]]), {}, batching)));
    expect(answers.map(({ status, json }) => (status === 200 ? (json as { outputs: [{ data: number[] }] }).outputs[0].data : status))).toEqual(Array.from({ length: 16 }, (_, index) => (index === 5 ? 400 : [3, index + 4, 2 * index + 5])));
    const { model_stats: [stats] } = (await send('/v2/models/layer/stats', undefined, {}, batching)).json as { model_stats: [{ inference_count: number; execution_count: number }] };
    expect(stats.inference_count).toBe(15);
    expect(stats.execution_count).toBeLessThan(15);
    await batching.end();
  });
  it('wants the key where there is one, but not of probes', async () => {
    const folder = join(root, 'keyed');
    placeModel(folder, 'layer', layerModel());
    writeFileSync(join(folder, 'note.txt'), 'no model');
    const keyed = await startServingProcess(folder, [], { API_KEY: 'secret' });
    await untilReady(keyed);
    expect((await send('/v2/models/layer/infer', layer([[1, 0, 0, 0]]), {}, keyed)).status).toBe(401);
    expect((await send('/v2/models/layer/infer', layer([[1, 0, 0, 0]]), { Authorization: 'Bearer wrong' }, keyed)).status).toBe(401);
    expect(await send('/v2/models/layer/infer', layer([[1, 0, 0, 0]]), { Authorization: 'Bearer secret', 'X-Request-Id': 'r-1' }, keyed)).toMatchObject(answered(1));
    await keyed.end();
  });
});

describe('the platforms', () => {
  it('answer as TensorFlow Serving does', async () => {
    expect(await send('/v1/models/layer')).toMatchObject({ json: { model_version_status: [{ version: '1', state: 'AVAILABLE' }] } });
    expect(await send('/v1/models/layer:predict', { instances: [[1, 0, 0, 0], [0, 1, 0, 0]] })).toMatchObject({ status: 200, json: { predictions: [[0, 1, 2], [1, 2, 3]] } });
    expect(await send('/v1/models/layer/versions/1:predict', { signature_name: 'serving_default', instances: [{ x: [1, 0, 0, 0] }] })).toMatchObject({ json: { predictions: [[0, 1, 2]] } });
    expect(await send('/v1/models/layer:predict', { inputs: { x: [[1, 0, 0, 0]] } })).toMatchObject({ json: { outputs: [[0, 1, 2]] } });
    expect(await send('/v1/models/id_int64:predict', '{"instances":[[9007199254740993]]}').then(({ bytes }) => Buffer.from(bytes).toString())).toBe('{"predictions":[[9007199254740993]]}');
    for (const body of [{ instances: [[1, 2], [3]] }, { instances: [{ z: 1 }] }, { instances: [] }, { instances: 'x' }, {}, { instances: [{ x: [1, 2, 3, 4] }, {}] }]) expect(await send('/v1/models/layer:predict', body)).toMatchObject({ status: 400, json: { error: expect.stringMatching(/\.$/) as unknown } });
  });
  it('answer SageMaker, Vertex AI and Azure ML in a container with one model', async () => {
    const folder = join(root, 'sole');
    placeModel(folder, 'layer', layerModel());
    const sole = await startServingProcess(folder, [], { AIP_HEALTH_ROUTE: '/up/x9', AIP_PREDICT_ROUTE: '/go/x9:predict' });
    await untilReady(sole);
    for (const path of ['/ping', '/up/x9', '/']) expect((await send(path, undefined, {}, sole)).status).toBe(200);
    for (const path of ['/invocations', '/score', '/go/x9:predict']) {
      expect(await send(path, { instances: [[1, 0, 0, 0], [0, 1, 0, 0]], parameters: {} }, {}, sole)).toMatchObject({ status: 200, json: { predictions: [[0, 1, 2], [1, 2, 3]] } });
      expect(await send(path, layer([[1, 0, 0, 0]]), {}, sole)).toMatchObject(answered(1));
    }
    const head = JSON.stringify({ inputs: [{ name: 'x', shape: [1, 4], datatype: 'FP32', parameters: { binary_data_size: 16 } }], outputs: [{ name: 'y', parameters: { binary_data: true } }] });
    const binary = await send('/invocations', Buffer.concat([Buffer.from(head), new Uint8Array(new Float32Array([1, 0, 0, 0]).buffer)]), { 'Content-Type': `application/vnd.sagemaker-triton.binary+json;json-header-size=${head.length}` }, sole);
    const jsonBytes = Number(/^application\/vnd\.sagemaker-triton\.binary\+json;json-header-size=(\d+)$/.exec(binary.headers.get('content-type') ?? '')?.[1]);
    expect([...new Float32Array(binary.bytes.slice(jsonBytes).buffer)]).toEqual([0, 1, 2]);
    await sole.end();
  });
  it('load, ask and remove models as SageMaker\'s multi-model endpoints do', async () => {
    placeModel(join(root, 'hash'), 'model', layerModel());
    const many = await startServingProcess(join(root, 'nothing'), [], { SAGEMAKER_MULTI_MODEL: 'true' });
    await untilReady(many);
    const url = join(root, 'hash', 'model');
    const load = (body: unknown) => send('/models', body, {}, many);
    expect((await send('/models/m1/invoke', { instances: [[1, 0, 0, 0]] }, {}, many)).status).toBe(404);
    expect([(await load({ model_name: 'm1', url })).status, (await load({ model_name: 'm1', url })).status, (await load({ model_name: 'm2', url: '/proc/self' })).status, (await load({ model_name: 'm2', url: join(root, 'none') })).status, (await load('x')).status]).toEqual([200, 409, 400, 404, 400]);
    expect(await send('/models', undefined, {}, many)).toMatchObject({ json: { models: [{ modelName: 'm1', modelUrl: url }] } });
    expect(await send('/models/m1/invoke', { instances: [[1, 0, 0, 0]] }, {}, many)).toMatchObject({ status: 200, json: { predictions: [[0, 1, 2]] } });
    const remove = async () => (await fetch(`${many.url}/models/m1`, { method: 'DELETE' })).status;
    expect([await remove(), await remove(), (await send('/models/m1', undefined, {}, many)).status, (await load({ model_name: 'm1', url })).status]).toEqual([200, 404, 404, 200]);
    await many.end();
  });
});

describe('the bundle and the command', () => {
  it('holds nothing of the console', () => {
    const bundle = readFileSync('dist/serving.cjs', 'utf8');
    for (const name of ['dockerode', 'require("electron")', 'libsql', 'commander']) expect([name, bundle.includes(name)]).toEqual([name, false]);
  });
  it('serves files from the command line, and says where', async () => {
    const file = join(root, 'net.onnx');
    writeFileSync(file, layerModel());
    const child = spawn(process.execPath, ['scripts/millwright.mjs', 'serve', file, '--port', '0', '--grpc-port', '0', '--json', '--data-dir', join(root, 'data')], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise<number | null>((done) => { child.once('close', done); });
    const text = await new Promise<string>((done) => { let all = ''; child.stdout.on('data', (chunk: Buffer) => { all += chunk.toString(); if (all.endsWith('}\n')) done(all); }); });
    const { address, models } = JSON.parse(text) as { address: string; models: readonly Body[] };
    expect(models).toEqual([{ name: 'net', version: '1', state: 'READY', reason: '' }]);
    const answer = await fetch(`${address}/v2/models/net/infer`, { method: 'POST', body: JSON.stringify(layer([[1, 0, 0, 0]])) });
    expect(await answer.json()).toMatchObject({ model_name: 'net', outputs: [{ data: [0, 1, 2] }] });
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });
});
