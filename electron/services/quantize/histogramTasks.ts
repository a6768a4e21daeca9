// The distribution of a layer inside the worker: the model with the layer's tensors exposed, sample after sample; only counts are kept.
import { join } from 'node:path';
import { AppError } from '#shared/errors';
import type { HistogramOutput } from '#shared/contract/optimize';
import type { TensorInfo } from '#shared/contract/references';
import type { Feeds } from '#shared/tensor';
import { decodeModel } from '#core/onnx/decodeModel';
import { integerTypes } from '#core/quantize/numerics/integerTypes';
import { roundHalfEven } from '#core/quantize/numerics/roundHalfEven';
import { exposeTensors } from '#core/quantize/observers/exposeTensors';
import { tensorsOfNode, type FoundTensor } from '#core/quantize/observers/storedRange';
import { binCount, newHistogram, observe, type StreamHistogram } from '#core/quantize/observers/streamHistogram';
import { createNativeSession, type NativeSession } from '../inference/nativeSession.ts';
import { tensorInfos } from '../inference/tensorInfos.ts';
import { writeModel } from './writeModel.ts';

interface Seen { readonly found: FoundTensor; readonly output: string; readonly histogram: StreamHistogram; clipped: number; belowZero: number; readonly codes: Uint8Array }
let open: { readonly session: NativeSession; readonly seen: readonly Seen[] } | null = null;
const theOpen = () => { if (!open) throw new AppError('INTERNAL', 'No layer is open to be observed.'); return open; };

/** @param bytes of the model; its external files, if any, lie in `workDir` */
export async function histogramOpenTask({ bytes, node, workDir }: { readonly bytes: Uint8Array; readonly node: string; readonly workDir: string }): Promise<{ readonly inputs: readonly TensorInfo[] }> {
  const model = decodeModel(bytes);
  const wanted = tensorsOfNode(model, node);
  const exposed = exposeTensors(model, wanted.map(({ key }) => key), 'values');
  const seen = wanted.flatMap((found): Seen[] => {
    const output = exposed.outputs.get(found.key)?.min;
    return output === undefined ? [] : [{ found, output, histogram: newHistogram(), clipped: 0, belowZero: 0, codes: new Uint8Array(2 ** 16) }];
  });
  if (!seen.length) throw new AppError('MODEL_UNSUPPORTED', `No tensor of "${node}" holds floats that can be looked at.`, { hint: 'Choose a layer that computes, such as a convolution.' });
  const path = join(workDir, 'histogram.onnx');
  writeModel(path, exposed.model);
  const session = await createNativeSession({ path, spinning: false, once: true, arena: false });
  open = { session, seen };
  return { inputs: tensorInfos(session.inputs) };
}

export async function histogramSampleTask({ feeds }: { readonly feeds: Feeds }): Promise<object> {
  const { session, seen } = theOpen();
  const results = await session.run(feeds, [...new Set(seen.map(({ output }) => output))]);
  for (const one of seen) {
    const data = results[one.output]?.data;
    if (!(data instanceof Float32Array)) continue;
    observe(one.histogram, data);
    const { stored } = one.found;
    if (!stored) continue;
    const { min, max } = integerTypes[stored.type].full;
    for (const x of data) {
      if (!Number.isFinite(x)) continue;
      if (x < 0 && stored.low === 0) one.belowZero++; else if (x < stored.low || x > stored.high) one.clipped++;
      one.codes[Math.max(min, Math.min(max, roundHalfEven(x / stored.scale) + stored.zeroPoint)) - min] = 1;
    }
  }
  return {};
}

const shownBins = 128;

export async function histogramResultTask(_input: object): Promise<{ readonly tensors: HistogramOutput['tensors'] }> {
  const { session, seen } = theOpen();
  await session.release();
  open = null;
  return { tensors: seen.filter(({ histogram }) => histogram.total > 0).map(({ found: { role, tensor, stored }, histogram, clipped, belowZero, codes }) => {
    const { min, max, total } = histogram;
    const all = stored ? integerTypes[stored.type].full.max - integerTypes[stored.type].full.min + 1 : 0;
    return { role, tensor, stored, min, max, values: total, nonFinite: histogram.nonFinite, belowZeroShare: stored ? belowZero / total : null, clipShare: stored ? clipped / total : null, unusedShare: stored ? 1 - codes.reduce((sum, used) => sum + used, 0) / all : null, bins: binsOf(histogram) };
  }) };
}

/** Fewer, equal bins over what was seen; each of several of the stream's, for else some would be empty because none of those lies in them. */
function binsOf({ counts, limit, min, max, zeros }: StreamHistogram): { from: number; to: number; count: number }[] {
  const shown = Math.max(1, Math.min(shownBins, Math.floor((max - min) / (2 * limit / binCount) / 4)));
  const width = (max - min) / shown;
  if (!(width > 0)) return [{ from: min, to: max, count: counts.reduce((a, b) => a + b, zeros) }];
  const bins = Array.from({ length: shown }, (_, i) => ({ from: min + i * width, to: i === shown - 1 ? max : min + (i + 1) * width, count: 0 }));
  const add = (x: number, count: number) => { bins[Math.max(0, Math.min(shown - 1, Math.floor((x - min) / width)))]!.count += count; };
  counts.forEach((count, i) => { if (count > 0) add(((i + 0.5) / (binCount / 2) - 1) * limit, count); });
  if (zeros > 0) add(0, zeros);
  return bins;
}
