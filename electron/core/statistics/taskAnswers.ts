// Reads what a model says about one sample for the tasks whose answer is not one class: labels, a mask, a score, a vector; boxes are in decodeBoxes.ts.
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import { floatsOfTensor } from './floatsOfTensor.ts';
import type { TruthBox } from './detection.ts';

type Outputs = Readonly<Record<string, TensorValue>>;
const numbersOf = (value: TensorValue): Float64Array => Float64Array.from(floatsOfTensor(value), Number);
const isFloat = ({ type }: TensorValue) => type === 'float32' || type === 'float64' || type === 'float16';
/** Axes beside the batch and those of size 1. */
const axes = ({ dims }: TensorValue) => dims.slice(1).filter((size) => size > 1);
const unsupported = (what: string) => new AppError('MODEL_UNSUPPORTED', `No output of the model gives ${what}.`, { hint: 'Set task in dataset.yaml to what the model does; docs/guide.md lists the outputs of each task.' });

/** As many scores as there are labels. */
export function labelScores(outputs: Outputs, labels: number): Float64Array {
  const found = Object.values(outputs).find((value) => isFloat(value) && value.data.length === labels);
  if (!found) throw unsupported(`one score for each of the ${labels} labels`);
  return numbersOf(found);
}

/** Places above one half; scores outside 0 to 1 are logits and are cut at 0. Decided over the whole set, since one sample's logits may look like shares. */
export function labelSets(scores: readonly Float64Array[]): Set<number>[] {
  const areLogits = scores.some((row) => row.some((score) => score < 0 || score > 1));
  return scores.map((row) => new Set(Array.from(row, (score, at) => (score > (areLogits ? 0 : 0.5) ? at : -1)).filter((at) => at >= 0)));
}

/** Class of each pixel: a map of class numbers as it is, planes of scores by their largest, one plane of scores by one half (logits by 0). */
export function pixelClasses(outputs: Outputs, pixels: number): Float64Array {
  for (const value of Object.values(outputs)) {
    if (!isFloat(value) && value.type !== 'string' && value.data.length === pixels) return numbersOf(value);
    if (!isFloat(value) || value.data.length % pixels !== 0) continue;
    const planes = value.data.length / pixels, scores = numbersOf(value);
    if (planes === 1) { const cut = scores.some((score) => score < 0 || score > 1) ? 0 : 0.5; return scores.map((score) => (score > cut ? 1 : 0)); }
    // NHWC has the scores of a pixel side by side.
    const isPacked = value.dims.at(-1) === planes && value.dims[1] !== planes;
    return new Float64Array(pixels).map((_, pixel) => {
      let best = 0, most = Number.NEGATIVE_INFINITY;
      for (let plane = 0; plane < planes; plane++) { const score = scores[isPacked ? pixel * planes + plane : plane * pixels + pixel] ?? 0; if (score > most) { most = score; best = plane; } }
      return best;
    });
  }
  throw unsupported(`a class for each of the ${pixels} pixels`);
}

/** The score of a sample, and the map beside it where one has as many values as the mask; without a score of its own the largest of the map. */
export function anomalyAnswer(outputs: Outputs, pixels: number | null): { score: number; map: Float64Array | null } {
  const floats = Object.values(outputs).filter(isFloat);
  const single = floats.find((value) => value.data.length === 1);
  const map = floats.find((value) => (pixels === null ? axes(value).length >= 2 : value.data.length === pixels && pixels > 1));
  const values = map ? numbersOf(map) : null;
  if (!single && !values) throw unsupported('an anomaly score or a map of them');
  const score = single ? numbersOf(single)[0] ?? 0 : (values ?? new Float64Array()).reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return { score, map: pixels === null ? null : values };
}

export function embeddingOf(outputs: Outputs): Float64Array {
  const found = Object.values(outputs).find((value) => isFloat(value) && value.data.length > 1);
  if (!found) throw unsupported('a vector');
  return numbersOf(found);
}

/** Rows of class, x1, y1, x2, y2; a class below 0 fills up. */
export function truthBoxes(target: TensorValue): Omit<TruthBox, 'image'>[] {
  const values = numbersOf(target);
  if (target.dims.at(-1) !== 5) throw new AppError('BAD_DATA', 'Labels of a detection have five values a box: class, x1, y1, x2, y2.');
  return Array.from({ length: values.length / 5 }, (_, at): Omit<TruthBox, 'image'> => {
    const [category = -1, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = values.subarray(at * 5, at * 5 + 5);
    return { category, box: [x1, y1, x2 - x1, y2 - y1] };
  }).filter(({ category }) => category >= 0);
}
