// Gaussian blur of a picture; borders repeat the edge.
import type { RawImage } from '../preprocess/resize.ts';

/** Above this many pixels three running means take the place of the weights: a camera's picture out of focus would take minutes otherwise. */
const mostWeighted = 4;

/** @param sigma standard deviation in pixels */
export function blur(image: RawImage, sigma: number): RawImage {
  if (sigma < 0.05) return image;
  const passes = sigma > mostWeighted ? meanWidths(sigma).map((width): Pass => (source, out, line) => { runningMean(source, out, line, width); }) : [weighted(sigma)];
  const { width, height, channels } = image;
  let [data, out] = [new Float32Array(image.data), new Float32Array(image.data.length)];
  const run = (pass: Pass, lines: readonly Line[]) => { for (const line of lines) pass(data, out, line); [data, out] = [out, data]; };
  const rows = Array.from({ length: height }, (_, y): Line => ({ first: y * width * channels, length: width, size: channels }));
  for (const pass of passes) run(pass, rows);
  // All columns go together, a row at a time: memory is read in its order.
  for (const pass of passes) run(pass, [{ first: 0, length: height, size: width * channels }]);
  return { ...image, data: new Uint8Array(new Uint8ClampedArray(data).buffer) };
}

/** Groups of `size` values, one after the other: pixels of a row, or rows of a picture. */
interface Line { readonly first: number; readonly length: number; readonly size: number }
type Pass = (source: Float32Array, out: Float32Array, line: Line) => void;

function weighted(sigma: number): Pass {
  const radius = Math.max(1, Math.ceil(sigma * 3));
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, at) => Math.exp(-((at - radius) ** 2) / (2 * sigma * sigma)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (source, out, { first, length, size }) => {
    const sum = new Float64Array(size);
    for (let at = 0; at < length; at++) {
      sum.fill(0);
      for (let step = -radius; step <= radius; step++) {
        const weight = (weights[step + radius] ?? 0) / total, from = first + Math.max(0, Math.min(length - 1, at + step)) * size;
        for (let part = 0; part < size; part++) sum[part] = (sum[part] ?? 0) + weight * (source[from + part] ?? 0);
      }
      out.set(sum, first + at * size);
    }
  };
}

/** Odd widths of three means whose variances add up to that of the Gaussian (Kovesi 2010). */
function meanWidths(sigma: number): number[] {
  const passes = 3, ideal = Math.sqrt((12 * sigma * sigma) / passes + 1);
  const narrow = Math.floor(ideal) - (Math.floor(ideal) % 2 === 0 ? 1 : 0);
  const ofNarrow = Math.round((12 * sigma * sigma - passes * narrow * narrow - 4 * passes * narrow - 3 * passes) / (-4 * narrow - 4));
  return Array.from({ length: passes }, (_, pass) => (pass < ofNarrow ? narrow : narrow + 2));
}

function runningMean(source: Float32Array, out: Float32Array, { first, length, size }: Line, width: number): void {
  const radius = (width - 1) / 2, last = length - 1;
  const sum = new Float64Array(size);
  for (let at = -radius; at <= radius; at++) {
    const from = first + Math.max(0, Math.min(last, at)) * size;
    for (let part = 0; part < size; part++) sum[part] = (sum[part] ?? 0) + (source[from + part] ?? 0);
  }
  for (let at = 0; at <= last; at++) {
    const to = first + at * size, add = first + Math.min(last, at + radius + 1) * size, drop = first + Math.max(0, at - radius) * size;
    for (let part = 0; part < size; part++) {
      const now = sum[part] ?? 0;
      out[to + part] = now / width;
      sum[part] = now + (source[add + part] ?? 0) - (source[drop + part] ?? 0);
    }
  }
}
