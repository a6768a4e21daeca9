// Samples to judge on: from the user's data, apart from those calibrated on where there are enough; without data, random ones in the declared shapes.
import type { TensorInfo } from '#shared/contract/references';
import type { ElementType, Feeds, TensorValue } from '#shared/tensor';
import type { DatasetReader } from '../datasets/DatasetReader.ts';

export interface SampleSplit {
  /** Indices to calibrate on. */
  readonly calibration: readonly number[];
  /** Indices to judge on. */
  readonly judged: readonly number[];
  /** False where the same samples serve for both. */
  readonly heldOut: boolean;
}

/** `count` indices spread evenly over [0, length): class folders come sorted, so the first ones would be one class. */
export function spread(length: number, count: number): number[] {
  const n = Math.min(length, count);
  return Array.from({ length: n }, (_, i) => Math.floor((i * length) / n));
}

/**
 * @param wanted samples to calibrate on; @param judged at most so many to judge on
 * @param first the first ones in order, as the reference reads them
 * @param reserve keep a quarter apart even when all were wanted (automatic recipes must not judge on what they tuned on)
 */
export function splitSamples(length: number, wanted: number, judged: number, { first, reserve }: { readonly first: boolean; readonly reserve: boolean }): SampleSplit {
  let calibration = first ? Array.from({ length: Math.min(length, wanted) }, (_, i) => i) : spread(length, wanted);
  if (reserve && length - calibration.length < 4 && length >= 8) calibration = calibration.filter((_, i) => i % 4 !== 3);
  const used = new Set(calibration);
  const rest = Array.from({ length }, (_, i) => i).filter((i) => !used.has(i));
  const heldOut = rest.length >= 4 || (reserve && rest.length > 0);
  const pool = heldOut ? rest : calibration;
  return { calibration, judged: spread(pool.length, judged).map((i) => pool[i]!), heldOut };
}

export async function readFeeds(reader: DatasetReader, indices: readonly number[]): Promise<{ readonly feeds: Feeds; readonly name: string; readonly label: string | null }[]> {
  const samples = [];
  for (const index of indices) samples.push(await reader.read(index));
  return samples;
}

/** Sizes tried, in turn, for dimensions that the model leaves open. */
export const openSizes = [64, 32, 1, 128, 256, 512, 320, 16];

/** Seeded, so that the same model is judged on the same values: xorshift32. */
function randomSource(seed: number): () => number {
  let state = seed | 1;
  return () => { state ^= state << 13; state ^= state >>> 17; state ^= state << 5; return (state >>> 0) / 4294967296; };
}

/** Random feeds in the declared shapes; open dimensions get 1 where they come first (the batch), else `openSize`. null for types that cannot be made up. */
export function randomFeeds(inputs: readonly TensorInfo[], openSize: number, seed: number): Feeds | null {
  const next = randomSource(seed * 7919 + 17);
  const feeds: Record<string, TensorValue> = {};
  for (const { name, type, shape } of inputs) {
    const dims = shape.map((d, i) => (typeof d === 'number' && d > 0 ? d : i === 0 ? 1 : openSize));
    const count = dims.reduce((a, b) => a * b, 1);
    const fill = <T extends { length: number; [i: number]: number }>(array: T, value: () => number): T => { for (let i = 0; i < array.length; i++) array[i] = value(); return array; };
    const bell = () => next() + next() + next() + next() - 2;
    switch (type as ElementType) {
      case 'float32': feeds[name] = { type: 'float32', dims, data: fill(new Float32Array(count), bell) }; break;
      case 'float64': feeds[name] = { type: 'float64', dims, data: fill(new Float64Array(count), bell) }; break;
      case 'int64': feeds[name] = { type: 'int64', dims, data: new BigInt64Array(count).fill(1n) }; break;
      case 'int32': feeds[name] = { type: 'int32', dims, data: new Int32Array(count).fill(1) }; break;
      case 'uint8': feeds[name] = { type: 'uint8', dims, data: fill(new Uint8Array(count), () => Math.floor(next() * 256)) }; break;
      case 'bool': feeds[name] = { type: 'bool', dims, data: new Uint8Array(count).fill(1) }; break;
      default: return null;
    }
  }
  return feeds;
}
