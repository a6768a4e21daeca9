// Resizes 8-bit images exactly as Pillow does (Image.resize with reducing_gap=None), because calibration and accuracy must match the training code.

export interface RawImage {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 3 RGB; interleaved, row-major, 8 bits. */
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}
export type ResizeFilter = 'nearest' | 'bilinear' | 'bicubic';

interface Kernel { readonly support: number; readonly weight: (x: number) => number }
const triangle: Kernel = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };
/** Keys cubic with a = -0.5. */
const cubic: Kernel = {
  support: 2,
  weight: (signed) => {
    const x = Math.abs(signed), a = -0.5;
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  },
};

/** Fixed point as in Pillow: 22 fraction bits, so that 8-bit sums stay within 32 bits. */
const fractionBits = 22;

interface Taps { readonly first: Int32Array; readonly count: Int32Array; readonly weights: Int32Array; readonly stride: number }

function tapsFor(from: number, to: number, kernel: Kernel): Taps {
  const scale = from / to;
  const stretch = Math.max(1, scale); // antialias only when shrinking
  const support = kernel.support * stretch;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to), count = new Int32Array(to), weights = new Int32Array(to * stride);
  const exact = new Float64Array(stride);
  for (let out = 0; out < to; out++) {
    const centre = (out + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const high = Math.min(from, Math.trunc(centre + support + 0.5));
    let sum = 0;
    for (let tap = 0; tap < high - low; tap++) {
      const weight = kernel.weight((tap + low - centre + 0.5) * (1 / stretch));
      exact[tap] = weight;
      sum += weight;
    }
    first[out] = low;
    count[out] = high - low;
    for (let tap = 0; tap < high - low; tap++) {
      const share = sum === 0 ? exact[tap] ?? 0 : (exact[tap] ?? 0) * (1 / sum);
      weights[out * stride + tap] = Math.trunc(share * (1 << fractionBits) + (share < 0 ? -0.5 : 0.5));
    }
  }
  return { first, count, weights, stride };
}

/** One pass along one axis: `lines` lines of `from` pixels become `to` pixels; steps are in elements. */
function pass(source: Uint8Array, target: Uint8Array, taps: Taps, shape: { lines: number; to: number; channels: number; sourceLine: number; sourcePixel: number; targetLine: number; targetPixel: number }): void {
  const { lines, to, channels, sourceLine, sourcePixel, targetLine, targetPixel } = shape;
  const { first, count, weights, stride } = taps;
  for (let line = 0; line < lines; line++) {
    for (let out = 0; out < to; out++) {
      const start = line * sourceLine + (first[out] ?? 0) * sourcePixel;
      const taken = count[out] ?? 0;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 1 << (fractionBits - 1);
        for (let tap = 0, at = start + channel, weight = out * stride; tap < taken; tap++, at += sourcePixel, weight++) sum += (source[at] ?? 0) * (weights[weight] ?? 0);
        const value = sum >> fractionBits;
        target[line * targetLine + out * targetPixel + channel] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
  }
}

/** Resizes to exactly width x height: horizontal pass first, rounded to 8 bits between the passes, as Pillow does. */
export function resizeImage(image: RawImage, width: number, height: number, filter: ResizeFilter): RawImage {
  const { channels } = image;
  if (width === image.width && height === image.height) return image;
  if (filter === 'nearest') return nearest(image, width, height);
  const kernel = filter === 'bilinear' ? triangle : cubic;
  let { data } = image;
  if (width !== image.width) {
    const wide = new Uint8Array(width * image.height * channels);
    pass(data, wide, tapsFor(image.width, width, kernel), { lines: image.height, to: width, channels, sourceLine: image.width * channels, sourcePixel: channels, targetLine: width * channels, targetPixel: channels });
    data = wide;
  }
  if (height !== image.height) {
    const tall = new Uint8Array(width * height * channels);
    pass(data, tall, tapsFor(image.height, height, kernel), { lines: width, to: height, channels, sourceLine: channels, sourcePixel: width * channels, targetLine: channels, targetPixel: width * channels });
    data = tall;
  }
  return { width, height, channels, data };
}

/** Source positions are summed up step by step, as Pillow does: where a position falls on a pixel border, the rounding of the sum decides. */
function nearestPlaces(from: number, to: number): Int32Array {
  const step = from / to;
  const places = new Int32Array(to);
  let at = step * 0.5;
  for (let out = 0; out < to; out++, at += step) places[out] = Math.min(from - 1, Math.trunc(at));
  return places;
}

function nearest(image: RawImage, width: number, height: number): RawImage {
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  const columns = nearestPlaces(image.width, width), rows = nearestPlaces(image.height, height);
  for (let y = 0; y < height; y++) {
    const line = (rows[y] ?? 0) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (line + (columns[x] ?? 0)) * channels;
      for (let channel = 0; channel < channels; channel++) data[(y * width + x) * channels + channel] = image.data[from + channel] ?? 0;
    }
  }
  return { width, height, channels, data };
}
