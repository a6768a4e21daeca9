// Receipts for tests: one as a real run gives it, one of any size, and one whose every text tries to do harm. The figures are made up; nothing judges a model by them.
import type { ValidationReceiptInput } from '#core/report/receipt';
import { correctOmission, latencyHistogram } from '#core/statistics/latencyHistogram';

const hash = (digit: string) => digit.repeat(64);
const labels = Array.from({ length: 10 }, (_, index) => String(index));

/** Numbers in [0, 1) that look random and never change. */
function sequence(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface SampleOptions { readonly samples?: number; readonly flips?: number; readonly text?: (text: string) => string }

/** @param text applied to each text that comes from a model, a data set or a person. */
export function sampleReceipt({ samples = 400, flips = 3, text = (value) => value }: SampleOptions = {}): ValidationReceiptInput {
  const random = sequence(7);
  const names = labels.map((name) => text(name));
  const rows = Array.from({ length: samples }, (_, index) => {
    const label = Math.floor(random() * 10);
    const reference = random() < 0.985 ? label : (label + 3) % 10;
    const predicted = index % Math.max(1, Math.floor(samples / Math.max(1, flips))) === 0 && index / Math.max(1, Math.floor(samples / Math.max(1, flips))) < flips ? (reference + 1) % 10 : reference;
    return { sample: text(`${label}/img-${String(index).padStart(5, '0')}.png`), label: names[label] ?? '', predicted: names[predicted] ?? '', referencePredicted: names[reference] ?? '', score: 0.5 + random() / 2, actual: label, said: predicted };
  });
  const counts = labels.map((_, actual) => labels.map((__, predicted) => rows.filter((row) => row.actual === actual && row.said === predicted).length));
  const correct = rows.filter((row) => row.actual === row.said).length;
  const flipped = rows.filter((row) => row.predicted !== row.referencePredicted);
  const interval = (value: number) => ({ low: Math.max(0, value - 0.013), high: Math.min(1, value + 0.009), confidence: 0.95, method: 'Wilson', n: samples });
  const accuracy = (right: number) => ({
    samples, correct: right, accuracy: right / samples, interval: interval(right / samples), confusion: { labels: names, counts },
    classes: names.map((label, index) => ({ label, support: (counts[index] ?? []).reduce((sum, n) => sum + n, 0), precision: 0.98, recall: 0.97, f1: 0.975, precisionInterval: interval(0.98), recallInterval: interval(0.97), f1Interval: interval(0.975), auroc: 0.992, aurocInterval: { ...interval(0.992), method: 'DeLong' }, escapes: { count: 1, of: 40, rate: 0.025, interval: interval(0.025) }, falseRejects: null })),
    figures: [{ metric: 'f1' as const, value: 0.974, interval: { ...interval(0.974), method: 'BCa bootstrap, 2000 resamples' } }, { metric: 'calibration_error' as const, value: 0.02, interval: null, note: 'One sample has no interval.' }],
  });
  const summary = (digit: string, precision: string, sizeBytes: number) => ({
    format: 'onnx' as const, sha256: hash(digit), sizeBytes, irVersion: 8, producer: text('pytorch 2.3.0'), opset: { '': 13 },
    inputs: [{ name: text('image'), type: 'float32', shape: ['batch', 1, 28, 28] }], outputs: [{ name: text('logits'), type: 'float32', shape: ['batch', 10] }],
    nodes: 14, operators: { Conv: 3, Relu: 3, MaxPool: 2, Gemm: 2, Flatten: 1 }, parameters: 61_706, subgraphs: 0, precision, metadata: { author: text('line 4') }, findings: [],
  });
  const latencyMs = { p50: 0.612, p90: 0.701, p95: 0.744, p99: 0.981, p999: 1.42, max: 2.07, mean: 0.633, samples: 6000 };
  const point = { provider: 'cpu', batch: 1, threads: 1, concurrency: 1, latencyMs, throughputPerSec: 1579.8, stable: true, peakRssBytes: 92_110_848, memory: { estimatedBytes: 97_153_282, ratio: 0.948, unknownValues: 0 } };
  const runsMs = Float64Array.from({ length: 6000 }, (_, index) => 0.55 + 0.06 * (6000 / (6000 - index)) ** 0.4); // a long tail
  const raw = latencyHistogram(runsMs);
  const histograms = { raw, corrected: correctOmission(raw, 0.8), intervalMs: 0.8 };
  const limitsText = `limits:\n  - { id: ACC-1, metric: accuracy, min: 0.95, reason: "${text('URS-12')}", confidence: 0.95 }\n  - { id: PAR-1, metric: flips, max: 0.01 }\n  - { id: LAT-1, metric: latency_p99_ms, max: 25 }\n`;
  const data = (name: string, digit: string, purpose: 'test' | 'calibration', count: number) => ({
    name: text(name), purpose, manifestSha256: hash(digit), samplesUsed: count, seal: { manifestSha256: hash(digit), samples: count, sealedAt: '2026-11-20T07:12:44.120Z' },
    check: { layout: 'images' as const, task: 'classification' as const, samples: count, labelled: true, classes: names.map((className) => ({ name: className, count: Math.round(count / 10) })), columns: [], findings: [] },
    openings: [{ at: '2026-11-20T08:01:10.000Z', by: text('A. Keller'), reason: 'Validation, attempt 1' }, { at: '2026-11-20T09:00:01.000Z', by: text('A. Keller'), reason: 'Validation, attempt 2' }],
    overlaps: [], overlapChecked: true, preprocess: 'gray, 28 × 28, scale 1/255, NCHW',
  });
  return {
    id: 'validation-0007', title: text('Lot code reader, line 4: validation of the INT8 model'), takenAt: '2026-11-20T09:04:31.512Z', startedAt: '2026-11-20T09:00:01.000Z', productVersion: '0.1.0', runtimeVersion: '1.30.0',
    site: text('Werk Süd'), station: { id: 'station-1', name: text('Lot code reader'), line: text('Line 4'), description: text('Reads the printed lot code of each blister.') }, author: { name: text('Anna Keller'), role: text('process engineer') },
    verdict: 'FAIL', exploratory: false, attempt: 2,
    attempts: [{ id: 'validation-0006', takenAt: '2026-11-20T08:05:00.000Z', verdict: 'FAIL', exploratory: false, note: 'First attempt.' }, { id: 'validation-0007', takenAt: '2026-11-20T09:04:31.512Z', verdict: 'FAIL', exploratory: false }],
    lockedLimits: { id: 'limits-3', sha256: hash('5'), lockedAt: '2026-11-19T15:30:00.000Z', text: limitsText, limits: [{ id: 'ACC-1', metric: 'accuracy', min: 0.95, reason: text('URS-12'), confidence: 0.95 }, { id: 'PAR-1', metric: 'flips', max: 0.01 }, { id: 'LAT-1', metric: 'latency_p99_ms', max: 25 }] },
    limits: [
      { id: 'ACC-1', metric: 'accuracy', limit: '≥ 0.95', value: correct / samples, interval: interval(correct / samples), verdict: 'PASS', reason: 'The lower bound of the interval is above the limit.' },
      { id: 'PAR-1', metric: 'flips', limit: '≤ 0.01', value: flipped.length / samples, interval: interval(flipped.length / samples), verdict: 'FAIL', reason: 'The upper bound of the interval is above the limit.' },
      { id: 'LAT-1', metric: 'latency_p99_ms', limit: '≤ 25', value: 0.981, interval: null, verdict: 'PASS', reason: 'Measured over 6000 runs.' },
    ],
    model: { name: text('lot-code-int8.onnx'), summary: summary('1', 'int8', 66_212), sourceSha256: hash('1'), labels: names, licence: text('Apache-2.0'), origin: text('quantized here') },
    reference: { name: text('lot-code.onnx'), summary: summary('2', 'float32', 249_004), sourceSha256: hash('2'), labels: names, licence: text('Apache-2.0') },
    transformation: {
      receipt: { recipe: 'static-int8', inputSha256: hash('2'), outputSha256: hash('1'), inputBytes: 249_004, outputBytes: 66_212, ratio: 0.266, sqnrDb: 38.42, nodesQuantized: 5, nodesKept: [{ node: text('/Flatten'), reason: 'Moves data only.' }], layers: [{ node: text('/conv1/Conv'), operator: 'Conv', sqnrDb: 35.1 }], durationMs: 812, findings: [], keptOriginal: false,
        candidates: [{ name: 'static INT8, per channel', recipe: 'static-int8', chosen: true, rejectedBecause: null, sizeBytes: 66_212, sqnrDb: 38.42, latencyMs: 0.61, latencyRatio: 0.57, accuracyDrop: 0.0012 }, { name: 'dynamic INT8', recipe: 'dynamic-int8', chosen: false, rejectedBecause: 'Slower than the original.', sizeBytes: 67_001, sqnrDb: 36.0, latencyMs: 3.3, latencyRatio: 3.1, accuracyDrop: 0.001 }],
        nullControl: { low: 0.97, high: 1.04 } },
      calibration: data('lot-codes-calibration', '4', 'calibration', 200), diff: null, settings: { 'method': 'minmax', 'activations': 'u8', 'per channel': 'yes' },
    },
    data: data('lot-codes-test', '3', 'test', samples),
    accuracy: accuracy(correct), referenceAccuracy: accuracy(Math.min(samples, correct + flipped.length)),
    rocCurves: names.map((label, at) => ({ label, positives: samples / 10, auc: 0.95 + at / 1000, interval: { ...interval(0.95), method: 'DeLong' }, points: [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: null }, { falsePositiveRate: 0.1, truePositiveRate: 0.93, threshold: 0.4 }, { falsePositiveRate: 1, truePositiveRate: 1, threshold: 0 }] })), scoresAre: 'softmax',
    subgroups: [{ column: text('shift'), value: text('early'), samples: 300, figures: [{ metric: 'accuracy', value: 0.98, interval: interval(0.98) }, { metric: 'f1', value: 0.97, interval: null }] }, { column: text('shift'), value: text('late'), samples: 12, few: true, figures: [{ metric: 'accuracy', value: 0.9, interval: interval(0.9) }] }],
    nearThreshold: { samples, positive: names[3] ?? null, bands: [{ width: 0.05, samples: 3, wrong: 2, escapes: 1, falseRejects: 1 }], nearest: rows.slice(0, 2).map((row) => ({ sample: row.sample, label: row.label, predicted: row.predicted, next: names[0] ?? '', distance: 0.012 })) },
    compare: { samples, flips: flipped.map((row) => ({ sample: row.sample, label: row.label, before: row.referencePredicted, after: row.predicted, margin: 0.041 })), sqnrDb: 38.42, cosine: 0.99993, maxAbsError: 0.214, accuracy: null, bitExact: false },
    bench: { modelSha256: hash('1'), takenAt: '2026-11-20T09:03:00.000Z', machineFingerprint: hash('6'), points: [{ ...point, histograms }, { ...point, threads: 2, throughputPerSec: 1702 }], best: point, taktVerdict: { verdict: 'PASS', taktMs: 40, cameraMs: 8, plcMs: 4, p999Ms: 1.42, maxMs: 2.07, driftMsPerMin: null }, coldStartMs: 41.2, providerShares: [{ provider: 'cpu', nodes: 14, nodeShare: 1, timeMs: 0.6, timeShare: 1 }], remarks: [] },
    soak: { durationS: 60, driftMsPerMin: 0.002, points: [{ atS: 0, p99Ms: 0.98, temperatureC: 51, clockMHz: 2400 }, { atS: 30, p99Ms: 0.99, temperatureC: 54, clockMHz: 2390 }], histograms: { raw, corrected: null, intervalMs: null } },
    explained: {
      seed: 7, importance: { metric: 'accuracy', undisturbed: 0.97, samples: 300, repeats: 5, columns: [{ name: text('torque'), mean: 0.21, deviation: 0.012, least: 0.19, greatest: 0.23 }, { name: text('angle'), mean: -0.001, deviation: 0.002, least: -0.004, greatest: 0.001 }] },
      maps: [{ sample: text('3/img-00012.png'), label: names[3] ?? '', predicted: names[8] ?? '', why: 'wrong', score: 0.61, height: 28, width: 28, cellPixels: 14, losses: [[0.4, 0.02], [0, -0.01]], changes: [[true, false], [false, false]], pngBase64: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsWo7jQAAAABJRU5ErkJggg==' }],
    },
    security: {
      takenAt: '2026-11-20T09:04:31.000Z', listeners: [{ address: '127.0.0.1', port: 8100, loopback: true, own: false }, { address: '0.0.0.0', port: 22, loopback: false, own: false }],
      containers: [{
        name: 'millwright-lot-code-reader-1a2b3c4d-v1', role: 'model', version: 'v1', state: 'running', image: 'millwright/serving:0.1.0', imageId: `sha256:${hash('7')}`, repoDigests: [], user: '65532', privileged: false, capabilitiesAdded: [], capabilitiesDropped: ['ALL'], noNewPrivileges: true,
        readOnlyRoot: true, networks: [{ name: 'millwright-lot-code-reader-1a2b3c4d-net', internal: true }], published: [], listening: [8080], memoryBytes: 536_870_912, cpus: 2, pids: 512,
      }], containersMissing: null,
      imageBom: { deployed: true, path: '/usr/share/doc/millwright/sbom.cdx.json', sha256: hash('8'), components: 41, imageId: `sha256:${hash('7')}` }, imageBomMissing: null, key: { keyId: '0123456789abcdef', keptIn: 'file' },
      egress: { from: '2026-11-20T09:00:01.000Z', to: '2026-11-20T09:04:31.000Z', looks: 136, everyMs: 2000, peers: [] },
      exports: [{ seq: 41, at: '2026-11-20T08:30:00.000Z', actor: text('Anna Keller'), action: 'evidence.exported', subject: 'evidence-0006' }],
    },
    samples: rows.map(({ actual: _actual, said: _said, ...row }) => row),
  };
}

/** Every way in which a name may try to get out of its place. */
export const hostileTexts: readonly string[] = [
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '../../etc/passwd', '=cmd|\' /C calc\'!A0', '@SUM(1+1)', '+1+1', '-2+3', '\t=1+1', '\r\n=HYPERLINK("http://x")', '\u202egnp.exe', '\u0000\u0001\u001b[31m', ']]>', '<!--', '&lt;b&gt;',
  'x'.repeat(10_000), '\ud800', '漢字 العربية 😀', 'a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301', '${7*7}{{7*7}}', '%n%s', '`id`', 'javascript:alert(1)', '\u2028\u2029', '_x000D_',
];
