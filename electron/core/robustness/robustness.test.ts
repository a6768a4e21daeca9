// Disturbances do what their unit says, and the break point is where the curve stays below.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawImage } from '../preprocess/resize.ts';
import { seededRandom } from '../statistics/bootstrap.ts';
import { breakPoint, breakRule } from './breakPoint.ts';
import { feedDisturbances, spreadOf } from './disturbFeeds.ts';
import { imageDisturbances } from './disturbImage.ts';

const byKind = (kind: string) => { const found = imageDisturbances.find((each) => each.kind === kind); if (!found) throw new Error(kind); return found; };
const gray = (width: number, height: number, value: (x: number, y: number) => number): RawImage => ({ width, height, channels: 1, data: Uint8Array.from({ length: width * height }, (_, at) => value(at % width, Math.floor(at / width))) });
const mean = (image: RawImage) => image.data.reduce((sum, value) => sum + value, 0) / image.data.length;

describe('pictures', () => {
  const flat = gray(32, 32, () => 100);
  it('fade and glare by the percentage, and stop at black and white', () => {
    expect(mean(byKind('less light').apply(flat, 25, Math.random))).toBe(75);
    expect(mean(byKind('more light').apply(flat, 50, Math.random))).toBe(150);
    expect(mean(byKind('more light').apply(flat, 200, Math.random))).toBe(255);
  });
  it('get noise of the standard deviation that is named', () => {
    const noisy = byKind('noise').apply(gray(100, 100, () => 128), 15, seededRandom(1));
    const deviation = Math.sqrt(noisy.data.reduce((sum, value) => sum + (value - 128) ** 2, 0) / noisy.data.length);
    expect(deviation).toBeGreaterThan(14.5);
    expect(deviation).toBeLessThan(15.5);
  });
  it('keep their light when blurred, and lose their edges', () => {
    const edge = gray(32, 32, (x) => (x < 16 ? 0 : 200));
    const blurred = byKind('blur').apply(edge, 8, Math.random);
    expect(Math.abs(mean(blurred) - 100)).toBeLessThan(1);
    expect(blurred.data[16 * 32 + 15]).toBeGreaterThan(60);
    expect(byKind('blur').apply(flat, 8, Math.random).data).toEqual(flat.data);
  });
  it('are covered with dirt by the area that is named', () => {
    const white = gray(100, 100, () => 255);
    for (const severity of [1, 3, 6, 12]) expect(byKind('dirt').apply(white, severity, seededRandom(3)).data.filter((value) => value !== 255)).toHaveLength(severity * 100);
  });
  it('move by the percentage and repeat the edge', () => {
    const ramp = gray(20, 20, (x) => x * 10);
    const right = byKind('shift').apply(ramp, 10, () => 0);
    expect([...right.data.subarray(0, 4)]).toEqual([0, 0, 0, 10]);
  });
  it('keep size and channels, and come out the same for the same random numbers', () => {
    fc.assert(fc.property(fc.constantFrom(...imageDisturbances), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), fc.constantFrom(1 as const, 3 as const), fc.integer(), ({ apply, severities }, width, height, channels, seed) => {
      const image: RawImage = { width, height, channels, data: Uint8Array.from({ length: width * height * channels }, (_, at) => (at * 37) % 256) };
      const before = image.data.slice();
      for (const severity of severities) {
        const out = apply(image, severity, seededRandom(seed));
        expect([out.width, out.height, out.channels, out.data.length]).toEqual([width, height, channels, image.data.length]);
        expect(apply(image, severity, seededRandom(seed)).data).toEqual(out.data);
      }
      expect(image.data).toEqual(before);
    }));
  });
});

describe('rows', () => {
  const rows = Array.from({ length: 400 }, (_, at) => ({ x: { type: 'float32' as const, dims: [1, 2], data: Float32Array.of(at % 10, 5) }, id: { type: 'int64' as const, dims: [1], data: BigInt64Array.of(BigInt(at)) } }));
  const spread = spreadOf(rows);
  it('have the mean and standard deviation of their columns', () => {
    expect(spread.get('x')?.mean[0]).toBeCloseTo(4.5, 12);
    expect(spread.get('x')?.deviation[0]).toBeCloseTo(Math.sqrt((400 * 8.25) / 399), 12);
    expect(spread.get('x')?.deviation[1]).toBe(0);
    expect(spread.has('id')).toBe(false);
  });
  it('lose the share of values that is named, and keep whole numbers', () => {
    const missing = feedDisturbances.find(({ kind }) => kind === 'missing values');
    const random = seededRandom(5);
    const changed = rows.map((row) => missing?.apply(row, spread, 40, random));
    const lost = changed.filter((row) => row?.x?.data[0] === 4.5).length;
    expect(lost / 400).toBeGreaterThan(0.32);
    expect(lost / 400).toBeLessThan(0.48);
    expect(changed[7]?.id).toBe(rows[7]?.id);
  });
});

describe('break point', () => {
  const points = (...values: number[]) => values.map((value, at) => ({ severity: at + 1, value }));
  const rule = { least: 0.9, text: '' };
  it('is where the curve stays below, not where it dips once', () => {
    expect(breakPoint(points(0.99, 0.95, 0.85, 0.7), rule)).toBe(3);
    expect(breakPoint(points(0.99, 0.85, 0.95, 0.7), rule)).toBe(4);
    expect(breakPoint(points(0.99, 0.98, 0.97, 0.96), rule)).toBeNull();
    expect(breakPoint(points(0.5, 0.5, 0.5, 0.5), rule)).toBe(1);
  });
  it('follows the limit on accuracy, else five points below', () => {
    expect(breakRule([{ id: 'ACC-1', metric: 'accuracy', min: 0.97 }], 0.99)).toEqual({ least: 0.97, text: 'accuracy below 0.97, the limit ACC-1' });
    expect(breakRule([], 0.99).least).toBeCloseTo(0.94, 12);
  });
});
