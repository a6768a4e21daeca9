// Made-up inputs from a model's declared shapes, for latency where no data is at hand; the same seed gives the same values.
import type { ElementType, Feeds, TensorData } from '#shared/tensor';

export interface DeclaredInput { readonly name: string; readonly type: ElementType | null; readonly shape: readonly (number | string | null)[] }

/** mulberry32: small, fast, well enough distributed for inputs that only have to keep arithmetic units busy. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function fill(type: ElementType, count: number, random: () => number): TensorData {
  switch (type) {
    case 'float32': return Float32Array.from({ length: count }, random);
    case 'float64': return Float64Array.from({ length: count }, random);
    // A half float between 0.5 and 1: exponent 14, random fraction.
    case 'float16': return Uint16Array.from({ length: count }, () => 0x3800 | Math.floor(random() * 1024));
    case 'bfloat16': return Uint16Array.from({ length: count }, () => 0x3f00 | Math.floor(random() * 128));
    case 'int64': return BigInt64Array.from({ length: count }, () => BigInt(Math.floor(random() * 2)));
    case 'uint64': return BigUint64Array.from({ length: count }, () => BigInt(Math.floor(random() * 2)));
    case 'int32': return Int32Array.from({ length: count }, () => Math.floor(random() * 2));
    case 'uint32': return Uint32Array.from({ length: count }, () => Math.floor(random() * 2));
    case 'int16': return Int16Array.from({ length: count }, () => Math.floor(random() * 2));
    case 'uint16': return Uint16Array.from({ length: count }, () => Math.floor(random() * 2));
    case 'int8': return Int8Array.from({ length: count }, () => Math.floor(random() * 127));
    case 'uint8': return Uint8Array.from({ length: count }, () => Math.floor(random() * 256));
    case 'bool': return Uint8Array.from({ length: count }, () => (random() < 0.5 ? 0 : 1));
    case 'string': return Array.from({ length: count }, () => 'a');
    case 'int4': case 'uint4': return Uint8Array.from({ length: Math.ceil(count / 2) }, () => Math.floor(random() * 256));
  }
}

/**
 * @param batch size of an open first axis
 * @returns feeds, and one remark for each open dimension other than the batch that had to be guessed
 */
export function randomFeeds(inputs: readonly DeclaredInput[], { batch, seed, openSize = 1 }: { readonly batch: number; readonly seed: number; readonly openSize?: number }): { readonly feeds: Feeds; readonly remarks: readonly string[] } {
  const random = seededRandom(seed);
  const remarks: string[] = [];
  const feeds: Record<string, Feeds[string]> = {};
  for (const { name, type, shape } of inputs) {
    const dims = shape.map((dim, axis) => {
      if (typeof dim === 'number' && dim >= 0) return dim;
      if (axis === 0) return batch;
      remarks.push(`Dimension ${axis} of input "${name}" is open; ${openSize} was taken. Give data for a latency that means something.`);
      return openSize;
    });
    const elementType = type ?? 'float32';
    feeds[name] = { type: elementType, dims, data: fill(elementType, dims.reduce((product, size) => product * size, 1), random) };
  }
  return { feeds, remarks };
}
