// Real models through every recipe: each ends in a model that the runtime runs, with figures, or in a refusal that says why; none is silent.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InputOf, OutputOf } from '#shared/contract/index';
import { AppError, fromErrorReport, isErrorCode } from '#shared/errors';
import { createNativeSession } from '#services/inference/nativeSession';
import { openTestHost, until, type TestHost } from '#test/fakes/testHost';
import { testWorkers } from '#test/fakes/testWorkers';
import { node, noise, tinyModelBytes, weight } from '#test/fakes/tinyModel';
import { realModels, writeArrays } from '../fixtures/quantize/samples.mjs';

const root = mkdtempSync(join(tmpdir(), 'millwright-quantize-'));
let test: TestHost;
beforeAll(async () => { test = openTestHost({ workers: await testWorkers(), dataDir: join(root, 'data') }); });
afterAll(async () => { await test.close(); rmSync(root, { recursive: true, force: true }); });

type Quantized = OutputOf<'models.quantize'>;
const sample = { model: { path: resolve('resources/sample/lot-code-reader.onnx') }, calibration: { path: resolve('resources/sample/calibration') }, test: { path: resolve('resources/sample/test') } };

async function job<N extends 'models.quantize' | 'models.compare' | 'validation.run'>(op: N, input: InputOf<N>): Promise<OutputOf<N>> {
  const { id } = test.host.jobs.start(op, input);
  await until(() => ['done', 'failed'].includes(test.host.jobs.get(id).state), `${op} ends`, 120_000);
  const { state, output, error } = test.host.jobs.get(id);
  if (state === 'done') return output as OutputOf<N>; // the job of this name answers this
  throw fromErrorReport({ message: '', hint: '', ...error, code: error && isErrorCode(error.code) ? error.code : 'INTERNAL' });
}

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const sqnr = ({ sqnrDb }: Quantized): number => sqnrDb ?? Infinity;
const found = ({ findings }: Quantized): string[] => findings.map(({ id }) => id);

type Recipe = 'static-int8' | 'dynamic-int8' | 'fp16' | 'int8-weights' | 'int4-weights';
/** The least SQNR that is sound, or the code of the refusal. Loose by some dB: kernels differ from CPU to CPU. */
const expected: Readonly<Record<keyof typeof realModels, Readonly<Record<Recipe, number | 'NOTHING_TO_QUANTIZE'>>>> = {
  'PP-OCR det': { 'static-int8': 10, 'dynamic-int8': 12, fp16: 35, 'int8-weights': 18, 'int4-weights': 'NOTHING_TO_QUANTIZE' }, // no matrix products in it
  'PP-OCR rec': { 'static-int8': 7, 'dynamic-int8': 8, fp16: 30, 'int8-weights': 12, 'int4-weights': 12 },
  'PP-OCR cls': { 'static-int8': 10, 'dynamic-int8': 13, fp16: 35, 'int8-weights': 18, 'int4-weights': 25 },
  'Silero VAD': { 'static-int8': -10, 'dynamic-int8': 18, fp16: 40, 'int8-weights': 10, 'int4-weights': 'NOTHING_TO_QUANTIZE' }, // its static INT8 form is damaged: what counts is that this is said
};

describe('weights in blocks of 4 bits', () => {
  const model = { path: resolve(realModels['PP-OCR rec'].path) };
  const calibration = { path: join(root, 'blocks') };
  beforeAll(() => { writeArrays(calibration.path, realModels['PP-OCR rec'].samples(24)); });
  const made = (name: string, more: Partial<InputOf<'models.quantize'>>) => job('models.quantize', { model, outputPath: join(root, `${name}.onnx`), recipe: 'int4-weights', calibration, samples: 16, ...more });

  it('lose less by GPTQ on data than to nearest, and the receipt counts the samples that it learned from', async () => {
    const [nearest, learned] = [await made('nearest', { rounding: 'nearest' }), await made('learned', {})];
    expect(sqnr(learned) - sqnr(nearest)).toBeGreaterThan(1);
    const samples = (name: string) => (JSON.parse(readFileSync(join(root, `${name}.onnx.receipt.json`), 'utf8')) as { calibration: { samples: number } }).calibration.samples;
    expect([samples('nearest'), samples('learned')]).toEqual([0, 16]);
  });

  it('can stand in operators of ONNX 21 alone, whose activations the runtime here rounds to INT8', async () => {
    const [own, standard] = [await made('own', { rounding: 'nearest' }), await made('standard', { rounding: 'nearest', blockFormat: 'qdq' })];
    expect(sqnr(own) - sqnr(standard)).toBeGreaterThan(0);
    expect(sqnr(own) - sqnr(standard)).toBeLessThan(6);
    expect((await test.host.call('models.show', { model: { path: standard.outputPath } })).opset).toEqual({ 'ai.onnx': 21 });
  });

  it('refuse with what to do: GPTQ without data, HQQ without zero points, a rounding that the reference does not have', async () => {
    await expect(job('models.quantize', { model, outputPath: join(root, 'no.onnx'), recipe: 'int4-weights', rounding: 'gptq' })).rejects.toMatchObject({ code: 'BAD_INPUT', hint: expect.stringContaining('--calibration') as string });
    await expect(made('no', { rounding: 'hqq', symmetricWeights: true })).rejects.toMatchObject({ code: 'BAD_USAGE', hint: expect.stringContaining('--symmetric') as string });
    await expect(made('no', { rounding: 'gptq', parity: true })).rejects.toMatchObject({ code: 'BAD_USAGE' });
    expect(readdirSync(root).filter((file) => file.startsWith('no.'))).toEqual([]);
  });
});

describe.each(Object.entries(realModels))('%s', (name, { path, samples }) => {
  const model = { path: resolve(path) };
  const data = { path: join(root, name.replaceAll(' ', '-')) };
  beforeAll(() => { writeArrays(data.path, samples(8)); });
  const out = (recipe: string) => join(root, `${name.replaceAll(' ', '-')}.${recipe}.onnx`);
  const recipes = Object.entries(expected[name as keyof typeof expected]) as [Recipe, number | string][];

  it.each(recipes)('%s', async (recipe, expectation) => {
    const outputPath = out(recipe);
    const run = job('models.quantize', { model, outputPath, recipe, calibration: data, samples: 4 });
    if (typeof expectation === 'string') {
      await expect(run).rejects.toSatisfy((error) => error instanceof AppError && error.code === expectation && (error.hint ?? '').length > 0 && !error.message.includes('static INT8')); // the recipe that was asked for
      expect(readdirSync(root).filter((file) => file.startsWith(outputPath.slice(root.length + 1)))).toEqual([]);
      return;
    }
    const result = await run;
    expect(sqnr(result)).toBeGreaterThan(expectation);
    if (sqnr(result) < 20) expect(found(result)).toContain('QUANTIZE_LOW_SQNR');
    expect(result.nodesQuantized).toBeGreaterThan(0);
    expect(result.layers.length).toBeGreaterThan(0);
    expect(result.outputBytes).toBeLessThan(result.inputBytes);
    expect(sha256(outputPath)).toBe(result.outputSha256);
    // an independent look: the runtime loads the file that lies there, and it answers what the receipt says
    const compared = await job('models.compare', { a: model, b: { path: outputPath }, data, samples: 2 });
    expect(compared.bitExact).toBe(false);
    expect(Math.abs((compared.sqnrDb ?? Infinity) - sqnr(result))).toBeLessThan(20); // other samples than the receipt's, and quiet ones keep less
  });
}, 120_000);

it('auto never ships a worse model unsaid: a winner keeps its floor, and each other candidate is told with its reason', async () => {
  const { path, samples } = realModels['PP-OCR cls'];
  const data = writeArrays(join(root, 'auto-data'), samples(12));
  const result = await job('models.quantize', { model: { path: resolve(path) }, outputPath: join(root, 'auto.onnx'), recipe: 'auto', calibration: { path: data }, budgetMs: 4000 });
  expect(result.candidates.length).toBeGreaterThan(3);
  expect(result.candidates.filter(({ chosen, rejectedBecause }) => chosen === (rejectedBecause !== null))).toEqual([]);
  expect(result.candidates.filter(({ chosen }) => chosen)).toHaveLength(result.keptOriginal ? 0 : 1);
  if (result.keptOriginal) {
    expect(found(result)).toContain('QUANTIZE_KEPT_ORIGINAL');
    expect(result.outputSha256).toBe(result.inputSha256);
  } else expect(sqnr(result)).toBeGreaterThanOrEqual(30);
}, 120_000);

describe('auto, with no word from the user', () => {
  const auto = async (name: keyof typeof realModels, count: number, budgetMs = 12_000) => {
    const { path, samples } = realModels[name];
    const [data, outputPath] = [writeArrays(join(root, `auto ${name}`), samples(count)), join(root, `auto ${name}.onnx`)];
    return { path: resolve(path), outputPath, result: await job('models.quantize', { model: { path: resolve(path) }, outputPath, recipe: 'auto', calibration: { path: data }, budgetMs }) };
  };

  it('PP-OCR rec: at least 30 dB with at least half of the size saved, or the original kept and said so', async () => {
    const { result } = await auto('PP-OCR rec', 24, 40_000); // a busy machine needs more of it
    if (result.keptOriginal) expect(found(result)).toContain('QUANTIZE_KEPT_ORIGINAL');
    const accurate = result.candidates.filter(({ sqnrDb, sizeBytes, recipe }) => recipe === 'int8-weights' && (sqnrDb ?? Infinity) >= 30 && sizeBytes <= 0.5 * result.inputBytes);
    expect(accurate.length).toBeGreaterThan(0);
  }, 240_000);

  it('Silero VAD: at least 22 dB, and 98.5 % of the decisions stay', async () => {
    const { path, outputPath, result } = await auto('Silero VAD', 32);
    expect(sqnr(result)).toBeGreaterThan(22);
    const { input, state } = realModels['Silero VAD'].samples(232);
    const [a, b] = [await createNativeSession({ path, threads: 1 }), await createNativeSession({ path: outputPath, threads: 1 })];
    let equal = 0;
    for (let i = 32; i < 232; i++) {
      const feeds = { input: { type: 'float32', dims: [1, 576], data: input.data.subarray(i * 576, (i + 1) * 576) }, state: { type: 'float32', dims: [2, 1, 128], data: state.data.subarray(i * 256, (i + 1) * 256) }, sr: { type: 'int64', dims: [], data: BigInt64Array.of(16000n) } } as const;
      const speech = async (session: typeof a) => ((await session.run(feeds))['output']!.data as Float32Array)[0]! > 0.5; // a probability
      if (await speech(a) === await speech(b)) equal++;
    }
    await a.release();
    await b.release();
    expect(equal / 200).toBeGreaterThanOrEqual(0.985);
  }, 240_000);
});

it('auto keeps the original, saying so, where nothing can be won', async () => {
  const model = { path: join(root, 'relu.onnx') };
  writeFileSync(model.path, tinyModelBytes({ inputs: { x: [1, 16] }, outputs: { y: [1, 16] }, nodes: [node('Relu', ['x'], ['y'])] }));
  const outputPath = join(root, 'kept.onnx');
  const result = await job('models.quantize', { model, outputPath, recipe: 'auto', budgetMs: 2000 });
  expect(result).toMatchObject({ keptOriginal: true, recipe: 'original', outputSha256: sha256(model.path) });
  expect(sha256(outputPath)).toBe(sha256(model.path));
  expect(found(result)).toContain('QUANTIZE_KEPT_ORIGINAL');
}, 60_000);

describe('the sample reader', () => {
  it('loses no accuracy that its interval can see, and the same settings give the same bytes', async () => {
    const quantize = (name: string) => job('models.quantize', { model: sample.model, outputPath: join(root, name), recipe: 'static-int8', calibration: sample.calibration });
    const [first, second] = [await quantize('digits-1.onnx'), await quantize('digits-2.onnx')];
    expect(first.outputSha256).toBe(second.outputSha256);
    expect(sha256(join(root, 'digits-1.onnx'))).toBe(sha256(join(root, 'digits-2.onnx')));
    const { accuracy, samples, flips } = await job('models.compare', { a: sample.model, b: { path: join(root, 'digits-1.onnx') }, data: sample.test });
    const { a, b } = accuracy!;
    // the half width of a 95 % interval around the original's accuracy (Wilson's at this size), and of a paired change
    expect(a - b).toBeLessThan(1.96 * Math.sqrt((a * (1 - a) + 1 / samples) / samples));
    expect(flips.length).toBeLessThan(samples * 0.01);
    expect(first.ratio).toBeLessThan(0.3);
  }, 60_000);

  it('is not judged on what it was calibrated on, given by its path; each opening of other data stands in its report', async () => {
    await job('models.quantize', { model: sample.model, outputPath: join(root, 'tuned.onnx'), recipe: 'static-int8', calibration: sample.calibration });
    const copy = { path: join(root, 'fresh name') };
    cpSync(sample.calibration.path, copy.path, { recursive: true });
    const validate = (data: { path: string }, outputDir: string, model = join(root, 'tuned.onnx')) => job('validation.run', { model: { path: model }, data, outputDir: join(root, outputDir), samples: 16, robustness: false, repeat: { runs: 2, restarts: 0 } });
    writeFileSync(join(copy.path, 'dataset.yaml'), readFileSync(join(copy.path, 'dataset.yaml'), 'utf8').replace(/^name: .*/mu, 'name: fresh name\ncollected: { from: 2026-03-01, to: 2026-03-31 }\nlabelling: { who: QA, how: by eye, agreement: 0.94 }\nexclusions: [{ what: 31 lids, why: lamp broken }]'));
    await expect(validate(copy, 'refused')).rejects.toMatchObject({ code: 'BAD_DATA', message: expect.stringMatching(/of fresh name are among those that tuned was calibrated on, from "/) });
    await validate(copy, 'original', sample.model.path); // which was not calibrated
    const stated = readFileSync(join(root, 'original', 'report.html'), 'utf8');
    for (const words of ['2026-03-01 – 2026-03-31', 'QA: by eye', '0.94', '31 lids: lamp broken']) expect(stated).toContain(words);
    await validate(sample.test, 'first');
    await validate(sample.test, 'second');
    const html = readFileSync(join(root, 'second', 'report.html'), 'utf8');
    expect(html).toMatch(/Overlap with what this model was calibrated on \(.+, \d+ samples\): none found\./);
    expect(html.match(/Validation of tuned<\/td>/g)).toHaveLength(2);
  }, 240_000);

  it.each(['static-int8', 'dynamic-int8'] as const)('%s without proof writes the same bytes, and says that nobody has run them', async (recipe) => {
    for (const parity of [false, true]) {
      const [proven, unproven] = await Promise.all([true, false].map((proof) => job('models.quantize', { model: sample.model, outputPath: join(root, `${recipe}-${parity}-${proof}.onnx`), recipe, parity, samples: 16, calibration: sample.calibration, proof })));
      expect(unproven!.outputSha256).toBe(proven!.outputSha256);
      expect(unproven).toMatchObject({ proven: false, sqnrDb: null, layers: [] });
      expect(found(unproven!)).toContain('QUANTIZE_NOT_PROVEN');
      expect(proven).toMatchObject({ proven: true });
      expect(found(proven!)).not.toContain('QUANTIZE_NOT_PROVEN');
    }
  }, 60_000);

  it('is not chosen automatically without proof', async () => {
    await expect(job('models.quantize', { model: sample.model, outputPath: join(root, 'blind.onnx'), recipe: 'auto', calibration: sample.calibration, proof: false })).rejects.toMatchObject({ code: 'BAD_USAGE' });
  });

  it('with --blame tells what each layer costs alone, what was clipped and what lay idle; nodes are kept by type, and a name that fits nothing is told', async () => {
    const result = await job('models.quantize', { model: sample.model, outputPath: join(root, 'blamed.onnx'), recipe: 'static-int8', method: 'percentile', calibration: sample.calibration, samples: 32, blame: true, exclude: ['type:Gemm', 'nowhere*'] });
    const convolutions = result.layers.filter(({ operator }) => operator === 'Conv');
    expect(convolutions.length).toBeGreaterThan(0);
    for (const { aloneDb, clipShare, deadShare } of convolutions) {
      expect(aloneDb ?? Infinity).toBeGreaterThan(sqnr(result) - 3);
      expect([clipShare! >= 0 && clipShare! < 0.05, deadShare! >= 0 && deadShare! < 1]).toEqual([true, true]);
    }
    expect(result.layers.filter(({ operator }) => operator === 'Gemm')).toEqual([]);
    expect(result.nodesKept.filter(({ reason }) => reason === 'excluded by the user').length).toBeGreaterThan(0);
    expect(found(result)).toContain('QUANTIZE_EXCLUDE_UNKNOWN');
  }, 60_000);

  it('takes corrections by name, and keeps them in the receipt', async () => {
    const outputPath = join(root, 'corrected.onnx');
    const result = await job('models.quantize', { model: sample.model, outputPath, recipe: 'static-int8', calibration: sample.calibration, samples: 32, corrections: ['equalize', 'smooth', 'bias'] });
    expect(sqnr(result)).toBeGreaterThan(20);
    const receipt = JSON.parse(readFileSync(`${outputPath}.receipt.json`, 'utf8')) as { settings: { corrections: string[] }; changes: string[] };
    expect(receipt.settings.corrections).toEqual(['equalize', 'smooth', 'bias']);
    expect(receipt.changes.join(' ')).toMatch(/equalisation/u);
    const unnamed = join(root, 'unnamed.onnx');
    await job('models.quantize', { model: sample.model, outputPath: unnamed, recipe: 'static-int8', calibration: sample.calibration, samples: 16 });
    expect((JSON.parse(readFileSync(`${unnamed}.receipt.json`, 'utf8')) as { settings: { corrections: string[] } }).settings.corrections).toEqual(['float-products', 'headroom']);
  }, 60_000);

  it('says of small layers and few samples what is clipped, and with room in the ranges it is not', async () => {
    const [path, data] = [join(root, 'sensors.onnx'), join(root, 'sensors')];
    const layers = [['x', 'a'], ['a', 'b'], ['b', 'y']] as const;
    writeFileSync(path, tinyModelBytes({ inputs: { x: [1, 32] }, outputs: { y: [1, 32] }, weights: layers.map(([, name], i) => weight(`w${name}`, [32, 32], noise(1024, i + 1, 0.3))), nodes: layers.map(([from, name]) => node('MatMul', [from, `w${name}`], [name])) }));
    writeArrays(data, { x: { data: noise(24 * 32, 9).map((x) => x ** 9), shape: [24, 32] } });
    const made = (name: string, more: Partial<InputOf<'models.quantize'>>) => job('models.quantize', { model: { path }, outputPath: join(root, `${name}.onnx`), recipe: 'static-int8', calibration: { path: data }, samples: 12, ...more });
    const [without, roomy] = [await made('sensors-1', { corrections: ['float-products'] }), await made('sensors-2', {})];
    expect(without.findings.find(({ id }) => id === 'QUANTIZE_CLIPPED')).toMatchObject({ severity: 'warning', message: expect.stringMatching(/^Of the tensor "[abx]" \d+\.\d % of the values lie outside of its range\.$/u) as string, remedy: expect.stringContaining('headroom') as string });
    expect(found(roomy)).not.toContain('QUANTIZE_CLIPPED');
    expect(sqnr(roomy) - sqnr(without)).toBeGreaterThan(5);
  }, 60_000);

  it('tells which layers could add wrongly elsewhere; with the reduced range none can, at some accuracy', async () => {
    const [wide, reduced] = [await job('models.quantize', { model: sample.model, outputPath: join(root, 'wide.onnx'), recipe: 'static-int8', calibration: sample.calibration, samples: 32 }), await job('models.quantize', { model: sample.model, outputPath: join(root, 'reduced.onnx'), recipe: 'static-int8', calibration: sample.calibration, samples: 32, reduceRange: true })];
    expect(wide.findings.find(({ id }) => id === 'QUANTIZE_PAIR_SUMS')).toMatchObject({ severity: 'info', remedy: expect.stringContaining('--reduce-range') as string });
    expect(found(reduced)).not.toContain('QUANTIZE_PAIR_SUMS');
    expect([sqnr(reduced) > 30, sqnr(reduced) < sqnr(wide)]).toEqual([true, true]);
    await expect(job('models.quantize', { model: sample.model, outputPath: join(root, 'never.onnx'), recipe: 'fp16', reduceRange: true })).rejects.toMatchObject({ code: 'BAD_USAGE', hint: expect.stringContaining('--reduce-range') as string });
  }, 60_000);

  it('is refused a second time: it is quantized already', async () => {
    await expect(job('models.quantize', { model: { path: join(root, 'digits-1.onnx') }, outputPath: join(root, 'digits-3.onnx'), recipe: 'static-int8', calibration: sample.calibration }))
      .rejects.toMatchObject({ code: 'NOTHING_TO_QUANTIZE', message: expect.stringContaining('quantized already') as string });
  });
});

it('two terminals at once on one data folder: the second waits for its turn, and both end with a model', async () => {
  const run = (name: string) => new Promise<number | null>((done) => {
    const args = ['scripts/millwright.mjs', 'quantize', sample.model.path, '-o', join(root, name), '--recipe', 'static-int8', '--calibration', sample.calibration.path, '--json', '--data-dir', join(root, 'shared')];
    spawn(process.execPath, args, { stdio: 'ignore' }).once('close', done);
  });
  expect(await Promise.all([run('one.onnx'), run('two.onnx')])).toEqual([0, 0]);
  expect(sha256(join(root, 'one.onnx'))).toBe(sha256(join(root, 'two.onnx')));
}, 60_000);
