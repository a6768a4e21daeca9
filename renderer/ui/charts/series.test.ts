import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisTop, binValues, createRing, niceStep, paretoFront, withGaps } from './series.ts';

describe('the axis', () => {
  it('ends on a tick at or above the value, with little room left over', () => {
    expect([100, 23.5, 31.8, 0.4].map((value) => axisTop(value).top)).toEqual([100, 25, 40, 0.4]);
    fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e9, noNaN: true }), (value) => {
      const { top, step } = axisTop(value);
      expect(top).toBeGreaterThanOrEqual(value * (1 - 1e-9));
      expect(top).toBeLessThanOrEqual(value * 2);
      expect(Math.abs(top / step - Math.round(top / step))).toBeLessThan(1e-6);
      expect(Math.round(top / step)).toBeLessThanOrEqual(6);
    }));
  });
  it('stands for nothing too', () => { expect(axisTop(0)).toEqual({ top: 1, step: 0.25 }); expect(axisTop(Number.NaN).top).toBe(1); expect(niceStep(0, 4)).toBe(1); });
});

describe('lines', () => {
  it('are broken where samples are missing', () => expect(withGaps([0, 1000, 9000], [1, 2, 3], 4000)).toEqual([{ x: 0, y: 1 }, { x: 1000, y: 2 }, { x: 1001, y: null }, { x: 9000, y: 3 }]));
  it('keep the newest samples and forget the oldest', () => {
    const ring = createRing(1, 100);
    for (let x = 0; x < 1000; x += 1) ring.push(x, [x]);
    expect(ring.length).toBeLessThanOrEqual(125);
    expect(ring.since(990)).toEqual({ xs: [990, 991, 992, 993, 994, 995, 996, 997, 998, 999], series: [[990, 991, 992, 993, 994, 995, 996, 997, 998, 999]] });
  });
});

it('every finite value falls into one bin', () => fc.assert(fc.property(fc.array(fc.double()), fc.integer({ min: 1, max: 40 }), (values, bins) => {
  const finite = values.filter((value) => Number.isFinite(value) && Math.abs(value) < 1e150);
  expect(binValues(finite, bins).reduce((sum, bin) => sum + bin.count, 0)).toBe(finite.length);
})));

it('the front holds the points that no other beats, and only those', () => fc.assert(fc.property(fc.array(fc.record({ x: fc.integer({ min: 0, max: 20 }), y: fc.integer({ min: 0, max: 20 }) })), (points) => {
  const front = paretoFront(points);
  const beats = (a: { x: number; y: number }, b: { x: number; y: number }) => a.x <= b.x && a.y >= b.y && (a.x < b.x || a.y > b.y);
  for (const point of front) expect(points.some((other) => beats(other, point))).toBe(false);
  for (const point of points) expect(front.some((kept) => (kept.x === point.x && kept.y === point.y) || beats(kept, point))).toBe(true);
})));
