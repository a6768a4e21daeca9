// The proof inside the worker: original and candidate on the same samples, output by output; and layer by layer for blame.
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import type { Feeds, TensorData, TensorValue } from '#shared/tensor';
import { decodeModel } from '#core/onnx/decodeModel';
import { layerDifferences } from '#core/quantize/observers/layerDifferences';
import { fromFloat16Bits } from '#core/quantize/numerics/float16';
import { walkScopes } from '#core/quantize/static/walkScopes';
import { rangeKey, scopeOfKey } from '#core/quantize/static/StaticOptions';
import type { OptimizationLevel } from '#shared/contract/runtimeOptions';
import { createNativeSession } from '../inference/nativeSession.ts';
import { collectGarbage } from './collectGarbage.ts';
import { closeComparing, theLab, type OutputTotals } from './lab.ts';
import { readBytes } from './prepareTask.ts';
import { writeModel } from './writeModel.ts';

export interface OutputQuality {
  readonly output: string;
  /** Floats have a signal-to-noise ratio; entries of integers and bools are equal or not. null: it could not be compared (a sequence, another type). */
  readonly kind: 'float' | 'exact' | null;
  /** Share of equal entries; null for floats, and where nothing was compared. */
  readonly agreement: number | null;
  /** Values that were compared. */
  readonly compared: number;
  /** All samples were compared, and no value differs. */
  readonly identical: boolean;
  /** Samples that the candidate answers in another shape, as models that select may (NonMaxSuppression, NonZero): nothing was compared there. */
  readonly otherShape: number;
  /** One of these although the model declares a fixed shape. */
  readonly brokenShape: boolean;
  /** null where no float differs. */
  readonly sqnrDb: number | null;
  readonly flips: number;
  readonly samples: number;
  readonly maxAbsError: number;
  /** The candidate answered NaN or infinity where the original did not. */
  readonly nonFinite: number;
  /** Share of the original's values that are NaN: nothing can be compared there. */
  readonly undefinedShare: number;
  /** Share of right decisions of original and candidate; null without labels. */
  readonly accuracy: { readonly a: number; readonly b: number; readonly samples: number } | null;
}

/** Loads the original and the candidate. @throws AppError MODEL_UNSUPPORTED when the runtime refuses the candidate */
export async function compareOpenTask({ path, optimization }: { readonly path: string; readonly optimization: OptimizationLevel }): Promise<object> {
  const lab = theLab();
  const kept = lab.comparing?.a ?? null;
  await lab.comparing?.b.release();
  lab.comparing = null;
  const a = kept ?? await createNativeSession({ path: lab.normalPath, threads: lab.threads, spinning: false, once: true });
  try {
    const b = await createNativeSession({ path, threads: lab.threads, spinning: false, optimization, once: optimization === 'disabled' });
    lab.comparing = { a, b, totals: new Map(), times: [] };
  } catch (error) {
    await a.release();
    throw error;
  }
  return {};
}

const newTotals = (): OutputTotals => ({ signal: 0, noise: 0, flips: 0, samples: 0, maxAbsError: 0, nonFinite: 0, kind: null, different: 0, comparedSamples: 0, otherShape: 0, brokenShape: false, undefinedValues: 0, values: 0, labelled: 0, correctA: 0, correctB: 0 });

/** @param label the index of the right class, where it is known */
export async function compareSampleTask({ feeds, label, classes }: { readonly feeds: Feeds; readonly label?: number | null; readonly classes?: number }): Promise<object> {
  const { comparing } = theLab();
  if (!comparing) throw new AppError('INTERNAL', 'No comparison is open.');
  const start = process.hrtime.bigint();
  const before = await comparing.a.run(feeds);
  const middle = process.hrtime.bigint();
  const after = await comparing.b.run(feeds);
  comparing.times.push([Number(middle - start) / 1e6, Number(process.hrtime.bigint() - middle) / 1e6]);
  for (const { name, shape } of comparing.a.outputs) {
    let totals = comparing.totals.get(name);
    if (!totals) { totals = newTotals(); comparing.totals.set(name, totals); }
    totals.samples++;
    const [x, y] = [before[name], after[name]];
    if (!x || !y || x.type !== y.type || x.type === 'bfloat16') continue;
    const [a, b] = [floats(x), floats(y)];
    totals.kind = a ? 'float' : 'exact';
    if (x.dims.length !== y.dims.length || x.dims.some((dim, i) => dim !== y.dims[i])) {
      totals.otherShape++;
      if (shape.every((dim) => typeof dim === 'number' && dim >= 0)) totals.brokenShape = true;
      continue;
    }
    totals.comparedSamples++;
    if (!a || !b) { addAgreement(totals, x.data, y.data); continue; }
    const top = addDifference(totals, a, b);
    if (label !== undefined && label !== null && a.length === classes) {
      totals.labelled++;
      if (top.a === label) totals.correctA++;
      if (top.b === label) totals.correctB++;
    }
  }
  return {};
}

export async function compareResultTask(): Promise<{ readonly outputs: readonly OutputQuality[]; readonly latencyMs: { readonly a: number; readonly b: number }; readonly pairs: readonly (readonly [number, number])[] }> {
  const { comparing } = theLab();
  // The first run of a session is slower than all others
  const times = (comparing?.times ?? []).slice(comparing && comparing.times.length > 1 ? 1 : 0);
  const middle = (side: 0 | 1) => times.map((t) => t[side]).sort((x, y) => x - y)[Math.floor(times.length / 2)] ?? 0;
  return { pairs: times, latencyMs: { a: middle(0), b: middle(1) }, outputs: [...comparing?.totals ?? []].map(([output, totals]) => qualityOf(output, totals)) };
}

export async function compareCloseTask(): Promise<object> {
  await closeComparing(theLab());
  return {};
}

function qualityOf(output: string, t: OutputTotals): OutputQuality {
  return {
    output, kind: t.kind, sqnrDb: t.kind === 'float' ? sqnr(t) : null, agreement: t.kind === 'exact' && t.values > 0 ? 1 - t.different / t.values : null,
    compared: t.values - t.undefinedValues, identical: t.comparedSamples === t.samples && t.different === 0, otherShape: t.otherShape, brokenShape: t.brokenShape,
    flips: t.flips, samples: t.samples, maxAbsError: t.maxAbsError, nonFinite: t.nonFinite, undefinedShare: t.values === 0 ? 0 : t.undefinedValues / t.values,
    accuracy: t.labelled ? { a: t.correctA / t.labelled, b: t.correctB / t.labelled, samples: t.labelled } : null,
  };
}

function addAgreement(totals: OutputTotals, a: TensorData, b: TensorData): void {
  totals.values += a.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) totals.different++;
}

/** 10 log10(sum of squares / sum of squared differences); null for no difference. */
const sqnr = ({ signal, noise }: Pick<OutputTotals, 'signal' | 'noise'>): number | null => (noise === 0 ? null : signal === 0 ? -999 : 10 * Math.log10(signal / noise));

function floats(value: TensorValue | undefined): Float32Array | Float64Array | null {
  if (!value) return null;
  if (value.data instanceof Float32Array || value.data instanceof Float64Array) return value.data;
  return value.type === 'float16' && value.data instanceof Uint16Array ? Float32Array.from(value.data, fromFloat16Bits) : null;
}

function addDifference(totals: OutputTotals, a: Float32Array | Float64Array, b: Float32Array | Float64Array): { readonly a: number; readonly b: number } {
  let [topA, topB] = [0, 0];
  totals.values += a.length;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x > a[topA]!) topA = i;
    if (y > b[topB]!) topB = i;
    if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) totals.different++;
    if (!Number.isFinite(x)) { if (Number.isNaN(x)) totals.undefinedValues++; continue; }
    if (!Number.isFinite(y)) { totals.nonFinite++; totals.noise += x * x + 1; continue; }
    const d = x - y;
    totals.signal += x * x;
    totals.noise += d * d;
    if (Math.abs(d) > totals.maxAbsError) totals.maxAbsError = Math.abs(d);
  }
  if (topA !== topB) totals.flips++;
  return { a: topA, b: topB };
}

/**
 * SQNR of inner tensors: the float model's against the candidate's dequantized twins, over the given samples; and how much falls outside of the ranges.
 * @param tensors rangeKeys of the float model's tensors @param allRanges also of the other tensors that have a range, which takes time
 */
export async function layersTask({ path, tensors, samples, allRanges }: { readonly path: string; readonly tensors: readonly string[]; readonly allRanges: boolean; readonly samples: readonly Feeds[] }): Promise<LayersResult> {
  const lab = theLab();
  const twins = lab.dequantized.get(path);
  if (!twins) throw new AppError('INTERNAL', 'This candidate was not written here.');
  const covered = lab.covered.get(path);
  // How often a loop runs may depend on its values, and then its tensors in both models are no pairs.
  const repeated = new Set(walkScopes(lab.model).flatMap((scope) => (scope.repeated ? [scope.path] : [])));
  const keys = new Set([...tensors, ...allRanges && covered ? covered.keys() : []]);
  const pairs = [...keys].filter((key) => !repeated.has(scopeOfKey(key))).flatMap((key) => {
    const [twin, range] = [twins.get(key), covered?.get(key)];
    return twin === undefined ? [] : [{ key, twin: rangeKey(scopeOfKey(key), twin), ...(range ? { range } : {}) }];
  });
  if (pairs.length === 0) return { sqnrDb: {}, spread: {} };
  const bothPath = join(lab.workDir, 'layers.onnx');
  const writeBoth = () => {
    const { model, outputs } = layerDifferences(lab.model, decodeModel(readBytes(path)), pairs);
    writeModel(bothPath, lab.weights.refer(model, { add: true }));
    return outputs;
  };
  const outputs = writeBoth();
  if (outputs.size === 0) return { sqnrDb: {}, spread: {} };
  collectGarbage();
  const totals = new Map<string, { signal: number; noise: number; clipped: number; count: number; low: number; high: number }>();
  const session = await createNativeSession({ path: bothPath, threads: lab.threads, spinning: false, optimization: 'extended', once: true });
  try {
    for (const feeds of samples) {
      const results = await session.run(feeds);
      const read = (name: string | undefined) => (name === undefined ? undefined : floats(results[name])?.[0]);
      for (const [key, { signal, noise, spread }] of outputs) {
        const [s, n] = [read(signal), read(noise)];
        if (s === undefined || n === undefined) continue; // the branch of an If that was not taken
        const total = totals.get(key) ?? { signal: 0, noise: 0, clipped: 0, count: 0, low: Infinity, high: -Infinity };
        totals.set(key, {
          signal: total.signal + s, noise: total.noise + n, clipped: total.clipped + (read(spread?.clipped) ?? 0), count: total.count + (read(spread?.count) ?? 0),
          low: Math.min(total.low, read(spread?.min) ?? Infinity), high: Math.max(total.high, read(spread?.max) ?? -Infinity),
        });
      }
    }
  } finally { await session.release(); }
  return {
    sqnrDb: Object.fromEntries([...totals].map(([key, total]) => [key, Number.isFinite(total.noise) && Number.isFinite(total.signal) ? sqnr(total) : -999])),
    spread: Object.fromEntries([...totals].flatMap(([key, { clipped, count, low, high }]) => {
      const range = covered?.get(key);
      if (!range || count === 0 || !(range.high > range.low)) return [];
      const used = Math.max(0, Math.min(high, range.high) - Math.max(low, range.low));
      return [[key, { clipShare: clipped / count, deadShare: Math.max(0, 1 - used / (range.high - range.low)) }]];
    })),
  };
}

export interface LayersResult {
  readonly sqnrDb: Readonly<Record<string, number | null>>;
  /** Of tensors with a range: what fell outside of it, and what of it lay idle. */
  readonly spread: Readonly<Record<string, { readonly clipShare: number; readonly deadShare: number }>>;
}
