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

/** Largest number of differing hash bits for a candidate; 8 bands of 8 bits find all of them. */
export const hashDistance = 6;
/** Thumbnails must correlate at least this much. Below 0.995 different hand-written digits begin to count as the same. */
export const sameCorrelation = 0.997;

export interface Signed { readonly hash: string | null; readonly thumbnail: Uint8Array }

/**
 * Pairs [index in a, index in b] that look the same: for each of `a` the first of `b`, so that 10,000 pictures of one fixed scene give 10,000 pairs
 * and not 50 million. With `b` equal to `a` the first that comes after it: each group of look-alikes is a chain, and no picture is paired with itself.
 * Memory: 1 kB a picture beside what is given. Time: linear where hashes differ; where all are near each other every pair is looked at, most
 * of them over some dozen of the 256 pixels.
 */
export function lookAlikes(a: readonly Signed[], b: readonly Signed[]): [number, number][] {
  const same = a === b;
  const wordsA = wordsOf(a), wordsB = same ? wordsA : wordsOf(b);
  const unitsA = a.map(unitThumbnail), unitsB = same ? unitsA : b.map(unitThumbnail);
  const bands = Array.from({ length: 8 }, () => new Map<number, number[]>());
  wordsB.forEach((word, index) => {
    if (word) bands.forEach((band, at) => { const key = bandOf(word, at); const list = band.get(key); if (list) list.push(index); else band.set(key, [index]); });
  });
  const lastSeen = new Int32Array(b.length).fill(-1);
  const pairs: [number, number][] = [];
  wordsA.forEach((word, index) => {
    const unit = unitsA[index];
    if (!word || !unit) return;
    const looksAs = (other: number): boolean => {
      if ((same && other <= index) || lastSeen[other] === index) return false;
      lastSeen[other] = index;
      const [high, low] = wordsB[other] ?? [0, 0];
      const unitB = unitsB[other];
      return unitB !== null && unitB !== undefined && bitCount(word[0] ^ high) + bitCount(word[1] ^ low) <= hashDistance && isNear(unit, unitB);
    };
    for (const [at, band] of bands.entries()) {
      const found = band.get(bandOf(word, at))?.find(looksAs);
      if (found !== undefined) { pairs.push([index, found]); return; }
    }
  });
  return pairs;
}

type Words = readonly [number, number];
const wordsOf = (signed: readonly Signed[]): (Words | null)[] => signed.map(({ hash }) => (hash === null ? null : [Number.parseInt(hash.slice(0, 8), 16) | 0, Number.parseInt(hash.slice(8), 16) | 0]));
const bandOf = ([high, low]: Words, band: number) => ((band < 4 ? high : low) >>> ((band % 4) * 8)) & 0xff;

/** Mean 0 and length 1, so that brightness and contrast do not count; null where there is no structure. */
function unitThumbnail({ thumbnail }: Signed): Float32Array | null {
  const mean = thumbnail.reduce((sum, value) => sum + value, 0) / thumbnail.length;
  const length = Math.sqrt(thumbnail.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return length > 0 ? Float32Array.from(thumbnail, (value) => (value - mean) / length) : null;
}

/** Whether the correlation r of two unit vectors reaches `sameCorrelation`: |x - y|² = 2 - 2r, and the sum ends as soon as it is too large. */
function isNear(x: Float32Array, y: Float32Array): boolean {
  const most = 2 - 2 * sameCorrelation;
  let distance = 0;
  for (let at = 0; at < x.length; at++) {
    const difference = (x[at] ?? 0) - (y[at] ?? 0);
    distance += difference * difference;
    if (distance > most) return false;
  }
  return true;
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}
