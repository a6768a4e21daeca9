// Every recipe on small models of many structures: each ends in a model that was proven, or in a refusal that says why; anything else is a fault.
// Usage: node bench/quantize/structures.mjs [--set recipes|options|auto] [--only TEXT] [--torch PYTHON] [--write]. PYTHON has torch (python3-torch of Debian: python3); without it the exported architectures are left out.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { referencePython } from '../setup.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '../..'));
const { values: options } = parseArgs({ options: { set: { type: 'string', default: 'recipes' }, only: { type: 'string', default: '' }, torch: { type: 'string', default: '' }, write: { type: 'boolean', default: false } } });
/** Each column is a recipe, and the options that it is tried with. */
const sets = {
  recipes: { 'static-int8': [], 'static-int8, entropy': ['--method', 'entropy'], 'dynamic-int8': [], 'int8-weights': [], 'int4-weights': [], fp16: [] },
  options: {
    'static-int8, parity': ['--parity'], 'static-int8, S8 per tensor, MSE': ['--activations', 's8', '--per-tensor', '--method', 'mse'], 'static-int8, U16, percentile': ['--activations', 'u16', '--method', 'percentile'],
    'static-int8, all corrections, 7 bits, blame': ['--correct', 'bias', 'equalize', 'smooth', 'float-products', 'headroom', '--reduce-range', '--blame'], 'dynamic-int8, per tensor, 7 bits': ['--per-tensor', '--reduce-range'],
    'int8-weights, blocks of ONNX': ['--block-size', '64', '--format', 'qdq'], 'int4-weights, HQQ': ['--rounding', 'hqq'], 'int4-weights, blocks of ONNX, GPTQ': ['--format', 'qdq', '--rounding', 'gptq', '--block-size', '128'],
  },
  auto: { 'auto, speed': ['--goal', 'speed', '--budget', '10'], 'auto, size': ['--goal', 'size', '--budget', '10'], 'auto, accuracy': ['--goal', 'accuracy', '--budget', '10'] },
};
const recipes = sets[options.set];
if (!recipes) throw new Error(`--set is one of ${Object.keys(sets).join(', ')}`);
const file = `bench/results/quantize-structures${options.set === 'recipes' ? '' : `-${options.set}`}`;
/** What a refusal may be: the model cannot be quantized so, or is broken itself, which may show in its answers only; in parity mode also that the runtime refuses what the reference writes. */
const refusals = (more) => ['NOTHING_TO_QUANTIZE', 'BAD_MODEL', 'BAD_DATA', ...more.includes('--parity') ? ['MODEL_UNSUPPORTED'] : []];
const made = '.build/bench/structures';
/** Without what belongs to this machine and this run: where the checkout is, and the names of jobs. */
const plain = (message) => message.replaceAll(`${process.cwd()}/`, '').replaceAll(/\bjobs\/[\da-f-]{36}\//gu, 'jobs/…/');

function call(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1e8, timeout: 600_000 });
  return { status, stdout, stderr };
}
function must(command, args) {
  const { status, stderr } = call(command, args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
}

rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
must(referencePython(), ['bench/quantize/structures.py', made]);
if (options.torch !== '') must(options.torch, ['bench/quantize/exported.py', made]);
must(process.execPath, ['scripts/millwright.mjs', '--version']); // builds what is not built
process.env.MILLWRIGHT_AS_BUILT = '1'; // a change of sources while this runs is no part of it

function quantize(name, recipe, more) {
  const { status, stdout, stderr } = call(process.execPath, ['dist/cli.cjs', 'quantize', join(made, 'models', `${name}.onnx`), '-o', join(made, 'out.onnx'), '--force', '--recipe', recipe, ...more, '--calibration', join(made, 'data', `${name}.npz`), '--samples', '16', '--json', '--data-dir', join(made, 'store')]);
  let answer;
  try { answer = JSON.parse(stdout); } catch { return { end: 'fault', code: `exit ${status}`, message: plain(stderr.trim().split('\n').at(-1) ?? '') }; }
  if (answer.error) return { end: refusals(more).includes(answer.error.code) ? 'refused' : 'fault', code: answer.error.code, message: plain(answer.error.message) };
  return { end: 'proven', kept: answer.keptOriginal, sqnrDb: answer.sqnrDb, ratio: answer.ratio, findings: answer.findings.filter(({ severity }) => severity !== 'info').map(({ id }) => id) };
}

const results = [];
for (const name of readdirSync(join(made, 'models')).map((file) => file.replace(/\.onnx$/u, '')).filter((one) => one.includes(options.only))) {
  for (const [recipe, more] of Object.entries(recipes)) {
    const result = { model: name, recipe, ...quantize(name, recipe.split(',')[0], more) };
    results.push(result);
    if (result.end === 'fault') console.error(`${name}, ${recipe}: ${result.code} ${result.message}`);
  }
}

const count = (end) => results.filter((one) => one.end === end).length;
const damaged = results.filter(({ findings }) => findings?.includes('QUANTIZE_LOW_SQNR'));
const cell = ({ end, kept, sqnrDb, code, findings }) => (end !== 'proven' ? code : kept ? 'the original' : findings.includes('QUANTIZE_ORIGINAL_NAN') ? 'NaN, as the original (said)' : `${sqnrDb === null ? 'equal' : `${sqnrDb.toFixed(1)} dB`}${findings.includes('QUANTIZE_LOW_SQNR') ? ' (said)' : ''}`);
const names = [...new Set(results.map(({ model }) => model))];
const reasons = [...new Set(results.filter(({ end }) => end !== 'proven').map(({ message }) => message.replace(/^.* is kept because /u, 'kept because ')))].sort((a, b) => a.localeCompare(b));
const text = `# Recipes on models of many structures

Made by \`node bench/quantize/structures.mjs${options.set === 'recipes' ? '' : ` --set ${options.set}`} --torch python3 --write\`: ${names.length} small models with random weights, of forms that exporters, the runtime's optimizers and people write, by each recipe. A recipe
must end in a model that the runtime loads and that was compared with its original on samples that it was not calibrated on, or in a refusal that says why.

${results.length} runs: ${count('proven')} proven, ${count('refused')} refused with a reason, ${count('fault')} faults. Of the proven ones ${damaged.length} are below 20 dB, each with a warning; small random weights suit 4 bits least.

| model | ${Object.keys(recipes).join(' | ')} |
|---|${Object.keys(recipes).map(() => '---|').join('')}
${names.map((name) => `| ${name.replaceAll('_', ' ')} | ${results.filter(({ model }) => model === name).map(cell).join(' | ')} |`).join('\n')}

## The reasons that refusals give
${reasons.map((reason) => `- ${reason}`).join('\n')}
`;
if (options.write) {
  const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), system: process.platform, node: process.version, onnxruntimeNode: JSON.parse(readFileSync('node_modules/onnxruntime-node/package.json', 'utf8')).version };
  writeFileSync(`${file}.json`, `${JSON.stringify({ machine, results }, null, 1)}\n`);
  writeFileSync(`${file}.md`, text);
}
console.log(text);
process.exit(count('fault') > 0 ? 1 : 0);
