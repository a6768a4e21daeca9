// Puts samples together into one batch, and says how large a batch a model takes.
import type { TensorInfo } from '#shared/contract/references';
import type { Feeds, TensorData, TensorValue } from '#shared/tensor';

/** Infinity where every input's first axis is open, else the fixed batch size (1 where the inputs have no batch axis in common). */
export function largestBatch(inputs: readonly TensorInfo[]): number {
  const open = inputs.length > 0 && inputs.every((input) => input.shape.length > 0 && (typeof input.shape[0] !== 'number' || input.shape[0] < 0));
  return open ? Number.POSITIVE_INFINITY : 1;
}

/** Joins feeds of one sample each along the first axis. Returns null where the samples differ in shape, so that they must run one by one. */
export function stackFeeds(samples: readonly Feeds[]): Feeds | null {
  const first = samples[0];
  if (!first) return null;
  if (samples.length === 1) return first;
  const stacked: Record<string, TensorValue> = {};
  for (const [name, value] of Object.entries(first)) {
    const parts: TensorValue[] = [];
    for (const sample of samples) {
      const part = sample[name];
      if (!part || part.type !== value.type || part.dims.length !== value.dims.length || part.dims.length === 0 || part.dims.some((size, axis) => size !== value.dims[axis])) return null;
      parts.push(part);
    }
    const rows = value.dims[0] ?? 1;
    stacked[name] = { type: value.type, dims: [rows * samples.length, ...value.dims.slice(1)], data: joinData(parts.map((part) => part.data)) };
  }
  return stacked;
}

type NumericData = Exclude<TensorData, readonly string[]>;
function isNumeric(data: TensorData): data is NumericData { return !Array.isArray(data); }

function joinData(parts: readonly TensorData[]): TensorData {
  const first = parts[0];
  if (first === undefined || !isNumeric(first)) return parts.flatMap((part) => Array.from(part as readonly string[]));
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const joined = new (first.constructor as new (length: number) => NumericData)(length); // same class as the parts, by stackFeeds
  let at = 0;
  for (const part of parts) {
    (joined as Float32Array).set(part as Float32Array, at); // both are of one class; the union hides it
    at += part.length;
  }
  return joined;
}
