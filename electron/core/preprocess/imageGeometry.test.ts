// Where pixels come to lie: boxes go through exactly the geometry that pictures go through.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { areaOfPixel, imageGeometry, placeBox, placePixels, type ImageGeometry } from './imageGeometry.ts';
import { preprocessImage, resolvePreprocess } from './preprocessImage.ts';
import type { RawImage } from './resize.ts';

const input = { name: 'x', type: 'tensor(float)', shape: [1, 1, 64, 96] };

/** A white rectangle on black, prepared; the box around what is white afterwards. */
function seen(width: number, height: number, box: readonly [number, number, number, number], spec: ReturnType<typeof resolvePreprocess>): number[] {
  const data = new Uint8Array(width * height);
  for (let y = box[1]; y < box[1] + box[3]; y++) data.fill(255, y * width + box[0], y * width + box[0] + box[2]);
  const image: RawImage = { width, height, channels: 1, data };
  const { dims, data: values } = preprocessImage(image, spec);
  const [wide, high] = [dims[3] ?? 0, dims[2] ?? 0];
  let [x1, y1, x2, y2] = [wide, high, 0, 0];
  for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) if (Number(values[y * wide + x]) > 0.5) { x1 = Math.min(x1, x); y1 = Math.min(y1, y); x2 = Math.max(x2, x + 1); y2 = Math.max(y2, y + 1); }
  return [x1, y1, x2, y2];
}

it.each([
  ['both sides', { resize: [96, 64] as [number, number] }], ['letterbox', { resize: { letterbox: [96, 64] as [number, number], fill: 114 } }],
  ['shorter side and crop', { resize: { shorter: 70 }, crop: [96, 64] as [number, number] }],
])('a box lies where the picture shows it: %s', (_, preprocess) => {
  const spec = resolvePreprocess({ filter: 'bilinear', ...preprocess }, input);
  fc.assert(fc.property(fc.integer({ min: 100, max: 220 }), fc.integer({ min: 70, max: 160 }), fc.nat(60), fc.nat(30), fc.integer({ min: 20, max: 39 }), fc.integer({ min: 20, max: 39 }), (width, height, x, y, w, h) => {
    const box = [x, y, w, h] as const;
    const placed = placeBox(box, imageGeometry({ width, height }, spec));
    const found = seen(width, height, box, spec);
    if (placed === null) return;
    const [px, py, pw, ph] = placed;
    // Half a pixel of the edge may be on either side of the threshold.
    if (pw > 4 && ph > 4) [px, py, px + pw, py + ph].forEach((edge, at) => expect(Math.abs(edge - found[at]!), `${box.join()} of ${width} x ${height}: ${edge} against ${found[at]}`).toBeLessThanOrEqual(1.01));
  }), { numRuns: 60 });
});

it('a letterbox keeps the proportion, fills with the gray that was asked for and centres', () => {
  const geometry = imageGeometry({ width: 200, height: 100 }, { resize: { letterbox: { width: 64, height: 64 }, fill: 114 }, crop: null });
  expect(geometry).toMatchObject({ resized: { width: 64, height: 32 }, left: 0, top: 16, canvas: { width: 64, height: 64 } });
  expect(placeBox([100, 50, 20, 10], geometry)).toEqual([32, 32, 6.4, 3.2]);
  const spec = resolvePreprocess({ filter: 'bilinear', resize: { letterbox: 64, fill: 51 }, scale: 1 / 51 }, { ...input, shape: [1, 1, 64, 64] });
  const { data } = preprocessImage({ width: 200, height: 100, channels: 1, data: new Uint8Array(20_000) }, spec);
  expect([data[0], data[15 * 64], data[16 * 64], data[47 * 64 + 63], data[48 * 64]]).toEqual([1, 1, 0, 0, 1]);
  expect(() => resolvePreprocess({ filter: 'bilinear', resize: { letterbox: 64, fill: 0 }, crop: 32 }, null)).toThrow('both resize.letterbox and crop');
});

it('what a crop cuts off is taken from the box, and a box that is wholly outside is gone', () => {
  const geometry: ImageGeometry = imageGeometry({ width: 100, height: 100 }, { resize: null, crop: { width: 50, height: 50 } });
  expect([placeBox([20, 30, 20, 20], geometry), placeBox([0, 0, 20, 20], geometry), placeBox([10, 10, 80, 80], geometry)]).toEqual([[0, 5, 15, 20], null, [0, 0, 50, 50]]);
  expect(areaOfPixel(imageGeometry({ width: 100, height: 50 }, { resize: { width: 50, height: 50 }, crop: null }))).toBe(2);
  expect(Array.from(placePixels(Uint8Array.of(1, 2, 3, 4), 1, imageGeometry({ width: 2, height: 2 }, { resize: null, crop: { width: 4, height: 2 } }), 255))).toEqual([255, 1, 2, 255, 255, 3, 4, 255]);
});
