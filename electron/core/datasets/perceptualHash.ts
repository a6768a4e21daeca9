// Finds images that look the same: a 63-bit frequency hash to find candidates and a small picture to confirm them.
import { toChannels } from '../preprocess/preprocessImage.ts';
import { resizeImage, type RawImage } from '../preprocess/resize.ts';

export interface ImageSignature {
  /** 16 hex digits; null for an image without structure, which would look like any other such image. */
  readonly hash: string | null;
  /** 16 x 16 gray, to confirm a candidate. */
  readonly thumbnail: Uint8Array;
}

const side = 32, kept = 8;
const cosines = Float64Array.from({ length: kept * side }, (_, index) => Math.cos((Math.PI * Math.floor(index / side) * (2 * (index % side) + 1)) / (2 * side)));

/** Hash: signs of the 63 lowest DCT-II coefficients of the 32 x 32 gray image against their median (Zauner 2010, pHash). */
export function imageSignature(image: RawImage): ImageSignature {
  const gray = toChannels(image, 1);
  const small = resizeImage(gray, side, side, 'bilinear').data;
  const thumbnail = resizeImage(gray, 16, 16, 'bilinear').data;
  const rows = new Float64Array(side * kept);
  for (let y = 0; y < side; y++) for (let u = 0; u < kept; u++) {
    let sum = 0;
    for (let x = 0; x < side; x++) sum += (small[y * side + x] ?? 0) * (cosines[u * side + x] ?? 0);
    rows[y * kept + u] = sum;
  }
  const coefficients: number[] = [];
  for (let v = 0; v < kept; v++) for (let u = 0; u < kept; u++) {
    if (u + v === 0) continue;
    let sum = 0;
    for (let y = 0; y < side; y++) sum += (rows[y * kept + u] ?? 0) * (cosines[v * side + y] ?? 0);
    coefficients.push(sum);
  }
  if (deviation(thumbnail) < 2) return { hash: null, thumbnail };
  const median = [...coefficients].sort((a, b) => a - b)[31] ?? 0;
  let hash = '';
  for (let digit = 0; digit < 16; digit++) {
    let nibble = 0;
    for (let bit = 0; bit < 4; bit++) { const value = coefficients[digit * 4 + bit]; if (value !== undefined && value > median) nibble |= 8 >> bit; }
    hash += nibble.toString(16);
  }
  return { hash, thumbnail };
}

function deviation(values: Uint8Array): number {
  let sum = 0, squares = 0;
  for (const value of values) { sum += value; squares += value * value; }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}

/** Correlation of two thumbnails, which brightness and contrast do not change; 0 where one has no structure. */
export function correlation(a: Uint8Array, b: Uint8Array): number {
  const n = a.length;
  let sumA = 0, sumB = 0, squareA = 0, squareB = 0, product = 0;
  for (let index = 0; index < n; index++) {
    const x = a[index] ?? 0, y = b[index] ?? 0;
    sumA += x; sumB += y; squareA += x * x; squareB += y * y; product += x * y;
  }
  const spread = Math.sqrt((n * squareA - sumA * sumA) * (n * squareB - sumB * sumB));
  return spread === 0 ? 0 : (n * product - sumA * sumB) / spread;
}

/** Largest number of differing hash bits for a candidate; 8 bands of 8 bits find all of them. */
export const hashDistance = 6;
/** Thumbnails must correlate at least this much. Below 0.995 different hand-written digits begin to count as the same. */
export const sameCorrelation = 0.997;

export interface Signed { readonly hash: string | null; readonly thumbnail: Uint8Array }

/** Pairs [index in a, index in b] that look the same. With `b` equal to `a`, each pair once and none with itself. */
export function lookAlikes(a: readonly Signed[], b: readonly Signed[]): [number, number][] {
  const same = a === b;
  const bands: Map<number, number[]>[] = Array.from({ length: 8 }, () => new Map<number, number[]>());
  const words = (hash: string): [number, number] => [Number.parseInt(hash.slice(0, 8), 16) | 0, Number.parseInt(hash.slice(8), 16) | 0];
  const wordsOf = (signed: readonly Signed[]) => signed.map(({ hash }) => (hash === null ? null : words(hash)));
  const wordsA = wordsOf(a), wordsB = same ? wordsA : wordsOf(b);
  const bandOf = ([high, low]: readonly [number, number], band: number) => ((band < 4 ? high : low) >>> ((band % 4) * 8)) & 0xff;
  wordsB.forEach((word, index) => {
    if (word) bands.forEach((band, at) => { const key = bandOf(word, at); const list = band.get(key); if (list) list.push(index); else band.set(key, [index]); });
  });
  const pairs: [number, number][] = [];
  wordsA.forEach((word, index) => {
    if (!word) return;
    const seen = new Set<number>();
    bands.forEach((band, at) => band.get(bandOf(word, at))?.forEach((other) => {
      if ((same && other <= index) || seen.has(other)) return;
      const [high, low] = wordsB[other] ?? [0, 0];
      if (bitCount(word[0] ^ high) + bitCount(word[1] ^ low) > hashDistance) return;
      seen.add(other);
      if (correlation(a[index]?.thumbnail ?? new Uint8Array(), b[other]?.thumbnail ?? new Uint8Array()) >= sameCorrelation) pairs.push([index, other]);
    }));
  });
  return pairs;
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
