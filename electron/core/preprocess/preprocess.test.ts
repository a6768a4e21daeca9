// Image preparation against Pillow (test/golden/statistics/make.py), and fitting of values to a model's inputs.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TensorInfo } from '#shared/contract/references';
import { decodeBmp } from './decodeBmp.ts';
import { decodeFloat16, encodeFloat16, fitTensor } from './fitTensor.ts';
import { preprocessImage, resolvePreprocess, toChannels } from './preprocessImage.ts';
import { resizeImage, type RawImage, type ResizeFilter } from './resize.ts';
import { largestBatch, stackFeeds } from './stackFeeds.ts';

interface Golden {
  resize: ({ width: number; height: number; channels: 1 | 3; data: string; toWidth: number; toHeight: number; gray: string } & Record<ResizeFilter, string>)[];
  bitmaps: { mode: string; file: string; width: number; height: number; channels: number; data: string }[];
}
const golden = JSON.parse(readFileSync('test/golden/statistics/images.json', 'utf8')) as Golden;
const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const input = (shape: TensorInfo['shape'], type = 'tensor(float)'): TensorInfo => ({ name: 'x', type, shape });

describe('images equal Pillow byte for byte', () => {
  for (const row of golden.resize) {
    const image: RawImage = { width: row.width, height: row.height, channels: row.channels, data: bytes(row.data) };
    it(`resize ${row.width} x ${row.height} (${row.channels}) to ${row.toWidth} x ${row.toHeight}`, () => {
      for (const filter of ['bilinear', 'bicubic', 'nearest'] as const) expect(resizeImage(image, row.toWidth, row.toHeight, filter).data, filter).toEqual(bytes(row[filter]));
      expect(toChannels(image, 1).data).toEqual(bytes(row.gray));
    });
  }
  for (const row of golden.bitmaps) {
    it(`BMP of mode ${row.mode}`, () => {
      const image = decodeBmp(bytes(row.file), 'a.bmp');
      expect([image.width, image.height]).toEqual([row.width, row.height]);
      expect(image.channels === row.channels ? image.data : toChannels(image, 3).data).toEqual(bytes(row.data));
    });
  }
  it('a BMP that is cut or not one says so, whatever the bytes', () => {
    const whole = bytes(golden.bitmaps[3]!.file);
    for (const length of [0, 10, 20, 40, whole.length - 5]) expect(() => decodeBmp(whole.subarray(0, length), 'a.bmp')).toThrow(/^a\.bmp cannot be decoded/);
    fc.assert(fc.property(fc.uint8Array({ minLength: 60, maxLength: 200 }), (noise) => {
      const file = Uint8Array.from([0x42, 0x4d, ...noise]);
      try { decodeBmp(file, 'a.bmp'); } catch (error) { expect((error as { code?: string }).code).toBe('BAD_DATA'); }
    }), { numRuns: 300 });
  });
});

describe('the pipeline', () => {
  const image: RawImage = { width: 2, height: 1, channels: 3, data: Uint8Array.from([255, 0, 51, 0, 102, 255]) };
  it('puts colour, scale, mean, std and layout together', () => {
    const spec = resolvePreprocess({ filter: 'bilinear', color: 'bgr', scale: 1 / 255, mean: [0.5, 0, 0], std: [0.5, 1, 2] }, input(['N', 3, 1, 2]));
    const { dims, data } = preprocessImage(image, spec);
    expect(dims).toEqual([1, 3, 1, 2]);
    expect(Array.from(data as Float32Array, (value) => Math.round(value * 1000) / 1000)).toEqual([-0.6, 1, 0, 0.4, 0.5, 0]);
    expect(preprocessImage(image, { ...spec, layout: 'NHWC' }).dims).toEqual([1, 1, 2, 3]);
  });
  it('takes size, channels, layout and type from the model where the file leaves them open', () => {
    expect(resolvePreprocess(null, input(['N', 1, 28, 28]))).toMatchObject({ resize: { width: 28, height: 28 }, color: 'gray', layout: 'NCHW', scale: 1 / 255, type: 'float32' });
    expect(resolvePreprocess(null, input([1, 224, 192, 3], 'uint8'))).toMatchObject({ resize: { width: 192, height: 224 }, color: 'rgb', layout: 'NHWC', scale: 1, type: 'uint8' });
    expect(preprocessImage(image, resolvePreprocess(null, input([null, 28, 28]))).dims).toEqual([1, 28, 28]);
    expect(preprocessImage(image, resolvePreprocess(null, input(['N', 784]))).dims).toEqual([1, 2]);
    expect(resolvePreprocess({ filter: 'bilinear', mean: 123.7 }, input(['N', 3, 8, 8])).scale).toBe(1);
  });
  it('refuses what contradicts the model in one sentence', () => {
    expect(() => resolvePreprocess({ filter: 'bilinear', color: 'gray' }, input(['N', 3, 8, 8]))).toThrow('takes 3 channels, but the images are prepared as gray with 1');
    expect(() => resolvePreprocess({ filter: 'bilinear', resize: [9, 8] }, input(['N', 3, 8, 8]))).toThrow('takes images of 8 x 8 pixels, but they are prepared as 9 x 8');
    expect(() => resolvePreprocess({ filter: 'bilinear', mean: [1, 2] }, input(['N', 3, 8, 8]))).toThrow('preprocess.mean has 2 values, but the images have 3 channels');
    expect(() => resolvePreprocess(null, input(['N', 3, 8, 8], 'int64'))).toThrow('takes int64');
  });
  it('crops the centre, and pads where the image is smaller', () => {
    const wide: RawImage = { width: 4, height: 1, channels: 1, data: Uint8Array.from([1, 2, 3, 4]) };
    const spec = resolvePreprocess({ filter: 'bilinear', crop: [2, 1], scale: 1 }, input(['N', 1, 1, 2]));
    expect(Array.from(preprocessImage(wide, spec).data as Float32Array)).toEqual([2, 3]);
    expect(Array.from(preprocessImage(wide, { ...spec, crop: { width: 6, height: 1 } }).data as Float32Array)).toEqual([0, 1, 2, 3, 4, 0]);
  });
});

describe('values fitted to inputs', () => {
  it('adds the batch axis, keeps scalars, converts types without rounding', () => {
    const value = { type: 'float64', dims: [2], data: Float64Array.of(1, 2) } as const;
    expect(fitTensor(value, input(['N', 2]), 'row 1')).toEqual({ type: 'float32', dims: [1, 2], data: Float32Array.of(1, 2) });
    expect(fitTensor({ type: 'int64', dims: [], data: BigInt64Array.of(16000n) }, input([], 'int64'), 'sr').dims).toEqual([]);
    expect(fitTensor(value, input(['N', 2], 'int64'), 'row 1').data).toEqual(BigInt64Array.of(1n, 2n));
    expect(() => fitTensor({ ...value, data: Float64Array.of(1, 2.5) }, input(['N', 2], 'int64'), 'row 1')).toThrow('row 1: it holds 2.5, which is not a whole number, but the model\'s input "x" takes int64');
    expect(() => fitTensor(value, input(['N', 3]), 'row 1')).toThrow('row 1 has the shape 2, but the model\'s input "x" takes ? x 3');
    expect(() => fitTensor({ type: 'string', dims: [2], data: ['a', 'b'] }, input(['N', 2]), 'row 1')).toThrow('row 1: it holds text');
  });
  it('half floats round to nearest even, both ways', () => {
    expect(Array.from(encodeFloat16(Float32Array.of(0, 1, -2, 65504, 65520, 2 ** -24, 2 ** -25, 2049, 2051)))).toEqual([0, 0x3c00, 0xc000, 0x7bff, 0x7c00, 1, 0, 0x6800, 0x6802]);
    const all = Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits);
    expect(encodeFloat16(decodeFloat16(all))).toEqual(all);
  });
  it('stacks equal samples into one batch, and says when it cannot', () => {
    const sample = (value: number, width = 2) => ({ x: { type: 'float32', dims: [1, width], data: new Float32Array(width).fill(value) } as const });
    expect(stackFeeds([sample(1), sample(2)])).toEqual({ x: { type: 'float32', dims: [2, 2], data: Float32Array.of(1, 1, 2, 2) } });
    expect(stackFeeds([sample(1), sample(2, 3)])).toBeNull();
    expect(largestBatch([input(['N', 2]), input([null, 1])])).toBe(Number.POSITIVE_INFINITY);
    expect(largestBatch([input(['N', 2]), input([1, 1])])).toBe(1);
  });
});
