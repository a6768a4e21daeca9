// Calibration inside the worker: the prepared model with inner tensors exposed, sample after sample; only extremes or histograms are kept.
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import type { Feeds } from '#shared/tensor';
import { newChannelStats, observeChannels, weightedNodes } from '#core/quantize/correct/channelInputs';
import { newSampleExtremes, observeSampleExtremes, type SampleExtremes } from '#core/quantize/observers/headroom';
import { exposeTensors } from '#core/quantize/observers/exposeTensors';
import { newReferenceHistogram, observeReference } from '#core/quantize/observers/referencePercentile';
import { newHistogram, observe } from '#core/quantize/observers/streamHistogram';
import { planStatic, type StaticPlan } from '#core/quantize/static/quantizeStatic';
import { tensorOfKey, type Range, type StaticOptions } from '#core/quantize/static/StaticOptions';
import { intAttribute } from '#core/onnx/graph/attributes';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { finishGram, newInputGram, observeGram } from '#core/quantize/blocks/inputGram';
import { createNativeSession } from '../inference/nativeSession.ts';
import { becauseOf } from './becauseOf.ts';
import { collectGarbage } from './collectGarbage.ts';
import { closeObserving, theLab, type Lab, type Observing } from './lab.ts';
import { openSquareSession } from './squareProduct.ts';
import { writeModel } from './writeModel.ts';

/**
 * extremes: min and max, taken inside the runtime · histogram: streaming, for the methods that cut tails
 * channels: means and extremes by channel, for corrections · grams: sums of products of inputs, for GPTQ · magnitudes, then reference: the two passes of the reference's percentile (parity mode).
 */
export type ObserveMode = 'extremes' | 'histogram' | 'magnitudes' | 'reference' | 'channels' | 'grams';

export interface ObserveOpenInput {
  /** Every tensor that one of these settings needs is observed. */
  readonly options: readonly StaticOptions[];
  readonly mode: ObserveMode;
  readonly parity: boolean;
  /** How many samples will come. */
  readonly samples: number;
}

/** @returns how many tensors are observed; 0 opens nothing @throws AppError NOTHING_TO_QUANTIZE when no setting quantizes anything */
export async function observeOpenTask({ options, mode, parity, samples }: ObserveOpenInput): Promise<{ readonly tensors: number; /** Inputs of products that would take too much memory, and are not observed. */ readonly left: number }> {
  const lab = theLab();
  await closeObserving(lab);
  const keys = new Set<string>();
  let left = 0;
  let kept: StaticPlan['kept'][number] | undefined;
  const channels = new Map<string, 'second' | 'last'>();
  if (mode === 'channels') for (const node of weightedNodes(lab.model)) { channels.set(node.key, node.channels); keys.add(node.key); }
  else if (mode === 'grams') {
    const planned = planGrams(lab.model);
    left = planned.left;
    for (const [key, k] of planned.grams) { lab.grams.set(key, newInputGram(k)); keys.add(key); }
  } else for (const one of options) {
    const plan = planStatic(lab.model, one);
    for (const key of plan.observe) keys.add(key);
    kept ??= plan.kept[0];
  }
  // What corrects or rounds weights is an addition: without such nodes the recipe says itself whether anything is left to do.
  if (!keys.size && (mode === 'channels' || mode === 'grams')) return { tensors: 0, left };
  if (!keys.size) throw new AppError('NOTHING_TO_QUANTIZE', `No node of the model can be quantized with static INT8${becauseOf(kept)}.`, { hint: 'Try dynamic-int8, int4-weights or fp16, or keep the original model.' });
  const exposed = exposeTensors(lab.model, [...keys], mode === 'extremes' ? 'extremes' : 'values');
  const path = join(lab.workDir, 'observed.onnx');
  writeModel(path, lab.weights.refer(exposed.model));
  // Parity: the reference calibrates with optimizations off, and its weights laid out (which decides the order of sums). Else all of them: fused kernels are faster and the ranges the same to rounding.
  const session = await createNativeSession({ path, threads: lab.threads, spinning: false, optimization: parity ? 'disabled' : 'all', arena: mode === 'extremes', once: !parity });
  lab.observing = { session, outputs: exposed.outputs, mode, parity, channels, grams: mode === 'grams' ? { rowsPerSample: Math.ceil(gramRows / Math.max(1, samples)), product: await openSquareSession(lab.workDir, lab.threads) } : null };
  if (mode === 'reference') for (const key of keys) {
    const range = lab.extremes.get(key) ?? { low: 0, high: 0 };
    const magnitude = lab.absExtremes.get(key) ?? { low: 0, high: 0 };
    lab.references.set(key, newReferenceHistogram(range.low, range.high, magnitude.low, magnitude.high, true));
  }
  return { tensors: exposed.outputs.size, left };
}

/** @throws AppError BAD_DATA when the sample holds NaN or infinity; in parity mode MODEL_UNSUPPORTED when an inner tensor does */
export async function observeSampleTask({ feeds, name }: { readonly feeds: Feeds; readonly name: string }): Promise<object> {
  const lab = theLab();
  const { observing } = lab;
  if (!observing) throw new AppError('INTERNAL', 'Calibration is not open.');
  refuseNonFinite(feeds, name);
  const fetches = [...observing.outputs.values()].flatMap(({ min, max, size }) => [...new Set([min, max]), ...size === null ? [] : [size]]);
  for (let from = 0; from < fetches.length; from += fetchesPerRun(observing.mode)) {
    const part = fetches.slice(from, from + fetchesPerRun(observing.mode));
    const wanted = new Set(part);
    const results = await observing.session.run(feeds, part);
    for (const [key, { min, max, size }] of observing.outputs) {
      if (!wanted.has(min)) continue;
      const low = results[min]?.data;
      const high = results[max]?.data;
      const where = observing.channels.get(key);
      if (observing.grams) { const gram = lab.grams.get(key); if (gram && low instanceof Float32Array) await observeGram(gram, low, results[min]!.dims, observing.grams.rowsPerSample, observing.grams.product.square); continue; }
      if (where !== undefined) { if (low instanceof Float32Array) takeChannels(lab, key, low, results[min]!.dims, where); continue; }
      observedBytes += low instanceof Float32Array ? low.byteLength : 0;
      const elements = size === null ? null : Number(results[size]?.data[0]);
      if (low instanceof Float32Array && high instanceof Float32Array) take(lab, key, low, high, elements, observing);
    }
  }
  if (observedBytes > collectEvery) { collectGarbage(); observedBytes = 0; }
  return {};
}

/** Activations lie outside the collector's heap: see calibrate.ts. */
const collectEvery = 64 * 2 ** 20;
let observedBytes = 0;

/** More say little that is new. */
const gramRows = 2048;
/** For the sums of all inputs together: [k, k] in float64 each. */
const gramBytesMax = 768 * 2 ** 20;

/** The inputs of products with a constant matrix, each with its length; `left` counts those for which there is no room. */
function planGrams(model: ModelProto): { readonly grams: ReadonlyMap<string, number>; readonly left: number } {
  const grams = new Map<string, number>();
  const left = new Set<string>();
  let bytes = 0;
  for (const { node, key, channels, weight } of weightedNodes(model)) {
    if (channels !== 'last' || weight.dims.length !== 2 || grams.has(key)) continue;
    const k = Number(weight.dims[node.opType === 'Gemm' && intAttribute(node, 'transB', 0) > 0 ? 1 : 0]);
    if (bytes + k * k * 8 > gramBytesMax) { left.add(key); continue; }
    bytes += k * k * 8;
    grams.set(key, k);
  }
  return { grams, left: left.size };
}

/** Pairs of scalars come out together; whole tensors in parts, so that a wide model does not fill the memory. */
const fetchesPerRun = (mode: ObserveMode) => (mode === 'extremes' ? 100_000 : 400);

/** @param elements of extremes: values of the tensor in this sample; null where nobody knows */
function take(lab: Lab, key: string, low: Float32Array, high: Float32Array, elements: number | null, { mode, parity }: Pick<Observing, 'mode' | 'parity'>): void {
  if (low.length === 0 || lab.nonFinite.has(key)) return; // no values: the branch of an If that was not taken
  if (mode === 'extremes') {
    if (!merge(lab.extremes, key, low, high)) return leaveOut(lab, key, parity);
    if (elements !== null) observeSampleExtremes(sampleExtremesOf(lab, key, elements), low[0]!, high[0]!);
    return undefined;
  }
  if (mode === 'magnitudes') {
    const magnitudes = low.map(Math.abs);
    if (!merge(lab.extremes, key, low, low) || !merge(lab.absExtremes, key, magnitudes, magnitudes)) leaveOut(lab, key, parity);
    return undefined;
  }
  if (mode === 'reference') {
    const histogram = lab.references.get(key);
    if (histogram) observeReference(histogram, low);
    return undefined;
  }
  let histogram = lab.histograms.get(key);
  if (!histogram) { histogram = newHistogram(); lab.histograms.set(key, histogram); }
  const seen = observe(histogram, low);
  if (seen === null) return leaveOut(lab, key, parity);
  observeSampleExtremes(sampleExtremesOf(lab, key, low.length), seen.low, seen.high);
  lab.extremes.set(key, { low: histogram.min, high: histogram.max });
  return undefined;
}

function sampleExtremesOf(lab: Lab, key: string, elements: number): SampleExtremes {
  const known = lab.sampleExtremes.get(key) ?? newSampleExtremes(elements);
  lab.sampleExtremes.set(key, known);
  return known;
}

function takeChannels(lab: Lab, key: string, data: Float32Array, dims: readonly number[], where: 'second' | 'last'): void {
  if (data.length === 0) return;
  let stats = lab.channelInputs.get(key);
  if (!stats) { stats = newChannelStats(dims[where === 'last' ? dims.length - 1 : 1] ?? 0); lab.channelInputs.set(key, stats); }
  observeChannels(stats, data, dims, where);
}

/** @returns false where there is NaN or infinity; then nothing is merged */
function merge(extremes: Map<string, Range>, key: string, low: Float32Array, high: Float32Array): boolean {
  let { low: min, high: max } = extremes.get(key) ?? { low: Infinity, high: -Infinity };
  for (let i = 0; i < low.length; i++) {
    const [l, h] = [low[i]!, high[i]!];
    if (!Number.isFinite(l) || !Number.isFinite(h)) return false;
    if (l < min) min = l;
    if (h > max) max = h;
  }
  extremes.set(key, { low: min, high: max });
  return true;
}

/** The tensor stays float, with what touches it. The reference leaves nothing out: it would write an infinite scale. */
function leaveOut(lab: Lab, key: string, parity: boolean): void {
  if (parity) throw new AppError('MODEL_UNSUPPORTED', `The tensor "${tensorOfKey(key)}" takes NaN or infinity, for which the Python reference has no scale.`, { hint: 'Leave --parity out: what takes such values then stays in float.' });
  lab.nonFinite.add(key);
}

export function refuseNonFinite(feeds: Feeds, sample: string): void {
  for (const [input, { data }] of Object.entries(feeds)) {
    if (!(data instanceof Float32Array) && !(data instanceof Float64Array)) continue;
    let sum = 0;
    for (let i = 0; i < data.length; i++) sum += data[i]! * 0; // only NaN and infinity survive a product with 0
    if (sum !== 0) throw new AppError('BAD_DATA', `The sample ${sample} holds NaN or infinity in the input "${input}".`, { hint: 'Remove or correct this sample; `millwright data check` lists all of them.' });
  }
}

export async function observeCloseTask(): Promise<{ readonly tensors: number }> {
  const lab = theLab();
  const { observing } = lab;
  if (observing?.grams) for (const gram of lab.grams.values()) await finishGram(gram, observing.grams.product.square);
  // Sums with NaN or infinity in them correct and round nothing.
  for (const [key, { means }] of lab.channelInputs) if (!means.every(Number.isFinite)) lab.channelInputs.delete(key);
  for (const [key, { sums }] of lab.grams) if (!sums.every(Number.isFinite)) lab.grams.delete(key);
  await closeObserving(lab);
  return { tensors: lab.extremes.size };
}
