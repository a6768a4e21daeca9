// What happens to a camera's picture on a line: light that fades or glares, focus that is off, sensor noise, parts that are shifted, dirt on the glass.
import type { Size } from '../preprocess/imageGeometry.ts';
import type { RawImage } from '../preprocess/resize.ts';
import { blur } from './blur.ts';

/** In pixels of the picture, to the right and down. */
export interface Offset { readonly x: number; readonly y: number }

export interface ImageDisturbance {
  readonly kind: string;
  readonly unit: string;
  /** Least to greatest. */
  readonly severities: readonly number[];
  /** The same image, severity and random numbers (0 to 1) give the same picture. */
  readonly apply: (image: RawImage, severity: number, random: () => number) => RawImage;
  /** Where it puts what the picture shows, with the random numbers of `apply`; without it things stay where they are. */
  readonly moves?: (size: Size, severity: number, random: () => number) => Offset;
}

export const imageDisturbances: readonly ImageDisturbance[] = [
  { kind: 'less light', unit: '% darker', severities: [10, 25, 50, 75], apply: (image, severity) => mapPixels(image, (value) => value * (1 - severity / 100)) },
  { kind: 'more light', unit: '% brighter', severities: [25, 50, 100, 200], apply: (image, severity) => mapPixels(image, (value) => value * (1 + severity / 100)) },
  { kind: 'blur', unit: '% of the shorter side (standard deviation)', severities: [1, 2, 4, 8], apply: (image, severity) => blur(image, (severity / 100) * Math.min(image.width, image.height)) },
  { kind: 'noise', unit: 'gray levels (standard deviation)', severities: [5, 15, 30, 60], apply: (image, severity, random) => { const normal = normalFrom(random); return mapPixels(image, (value) => value + severity * normal()); } },
  { kind: 'shift', unit: '% of width and height', severities: [3, 6, 10, 15], apply: shift, moves: offsetOf },
  { kind: 'dirt', unit: '% of the area covered', severities: [1, 3, 6, 12], apply: dirt },
];

function mapPixels(image: RawImage, change: (value: number) => number): RawImage {
  // Uint8ClampedArray rounds half to even and stops at 0 and 255.
  const data = new Uint8ClampedArray(image.data.length);
  for (let at = 0; at < data.length; at++) data[at] = change(image.data[at] ?? 0);
  return { ...image, data: new Uint8Array(data.buffer) };
}

/** Box-Muller. */
function normalFrom(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

const clamp = (at: number, size: number): number => Math.max(0, Math.min(size - 1, at));

/** By the severity in one of eight directions. */
function offsetOf({ width, height }: Size, severity: number, random: () => number): Offset {
  const [dx, dy] = [[1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1]][Math.floor(random() * 8)] ?? [1, 0];
  return { x: (dx ?? 0) * Math.max(1, Math.round((severity / 100) * width)), y: (dy ?? 0) * Math.max(1, Math.round((severity / 100) * height)) };
}

/** What comes in repeats the edge. */
function shift(image: RawImage, severity: number, random: () => number): RawImage {
  const { width, height, channels } = image;
  const { x: byX, y: byY } = offsetOf(image, severity, random);
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) for (let part = 0; part < channels; part++) {
    data[(y * width + x) * channels + part] = image.data[(clamp(y - byY, height) * width + clamp(x - byX, width)) * channels + part] ?? 0;
  }
  return { ...image, data };
}

/** Round gray spots at random places until the area is covered. */
function dirt(image: RawImage, severity: number, random: () => number): RawImage {
  const { width, height, channels } = image;
  const data = image.data.slice();
  const covered = new Uint8Array(width * height);
  const wanted = Math.max(1, Math.round((severity / 100) * width * height));
  const largest = Math.max(1, Math.min(width, height) * 0.08);
  let count = 0;
  for (let spot = 0; spot < 10_000 && count < wanted; spot++) {
    const [centreX, centreY, radius, level] = [random() * width, random() * height, largest * (0.3 + 0.7 * random()), 40 + 80 * random()];
    for (let y = Math.max(0, Math.floor(centreY - radius)); y <= Math.min(height - 1, centreY + radius) && count < wanted; y++) {
      for (let x = Math.max(0, Math.floor(centreX - radius)); x <= Math.min(width - 1, centreX + radius) && count < wanted; x++) {
        if ((x - centreX) ** 2 + (y - centreY) ** 2 > radius * radius || covered[y * width + x] === 1) continue;
        covered[y * width + x] = 1;
        count++;
        for (let part = 0; part < channels; part++) data[(y * width + x) * channels + part] = level;
      }
    }
  }
  return { ...image, data };
}
