// Disturbances do what their unit says, and the break point is where the curve stays below.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RawImage } from '../preprocess/resize.ts';
import { seededRandom } from '../statistics/bootstrap.ts';
import { normalCdf } from '../statistics/special.ts';
import { blur } from './blur.ts';
import { tasks } from '#shared/contract/datasets';
import type { Limit } from '#shared/contract/validation';
import { breakPoint, breakRule } from './breakPoint.ts';
import { feedDisturbances, spreadOf } from './disturbFeeds.ts';
import { imageDisturbances } from './disturbImage.ts';
import { moveBox, moveMask } from './moveLabels.ts';
import { primaryMetric } from './primaryMetric.ts';

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
  it('of a camera are blurred as by the Gaussian itself, within three of 200 gray levels', () => {
    // An edge of 200 gray levels under a Gaussian is the normal distribution function.
    const edge = gray(400, 3, (x) => (x < 200 ? 0 : 200));
    for (const sigma of [2, 3.9, 4.1, 12, 30]) {
      const { data } = blur(edge, sigma);
      for (let x = 100; x < 300; x++) expect(Math.abs((data[400 + x] ?? 0) - 200 * normalCdf((x - 199.5) / sigma)), `sigma ${sigma}, x ${x}`).toBeLessThan(3);
    }
    expect(blur(gray(300, 200, () => 93), 16).data.every((value) => value === 93)).toBe(true);
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
  it('that move take their masks and boxes along', () => {
    const { apply, moves } = byKind('shift');
    fc.assert(fc.property(fc.integer({ min: 8, max: 40 }), fc.integer({ min: 8, max: 40 }), fc.constantFrom(3, 6, 10, 15), fc.integer(), (width, height, severity, seed) => {
      // A square of light in the middle half: no part of it leaves the picture.
      const [x, y, w, h] = [Math.floor(width / 4), Math.floor(height / 4), Math.floor(width / 2), Math.floor(height / 2)];
      const picture = gray(width, height, (px, py) => (px >= x && px < x + w && py >= y && py < y + h ? 200 : 0));
      const offset = moves!({ width, height }, severity, seededRandom(seed)), moved = apply(picture, severity, seededRandom(seed));
      expect(moveMask(picture, offset, 0).data).toEqual(moved.data);
      const box = moveBox([x, y, w, h], offset, picture)!;
      expect(box.isJudged).toBe(true);
      const lit = [...moved.data.keys()].filter((at) => moved.data[at] !== 0);
      const columns = lit.map((at) => at % width), rows = lit.map((at) => Math.floor(at / width));
      expect(box.box).toEqual([Math.min(...columns), Math.min(...rows), w, h]);
    }));
  });
  it('of a box that leaves them the rest is kept, and is judged from one half on', () => {
    const size = { width: 100, height: 100 };
    expect(moveBox([80, 10, 10, 10], { x: 15, y: 0 }, size)).toEqual({ box: [95, 10, 5, 10], isJudged: true });
    expect(moveBox([80, 10, 10, 10], { x: 16, y: 0 }, size)).toEqual({ box: [96, 10, 4, 10], isJudged: false });
    expect(moveBox([80, 10, 10, 10], { x: 20, y: 0 }, size)).toBeNull();
    expect([...moveMask(gray(3, 2, () => 7), { x: 1, y: -1 }, 255).data]).toEqual([255, 7, 7, 255, 255, 255]);
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
  const rule = { bound: 0.9, lowerIsBetter: false, text: '' };
  it('is where the curve stays below, not where it dips once', () => {
    expect(breakPoint(points(0.99, 0.95, 0.85, 0.7), rule)).toBe(3);
    expect(breakPoint(points(0.99, 0.85, 0.95, 0.7), rule)).toBe(4);
    expect(breakPoint(points(0.99, 0.98, 0.97, 0.96), rule)).toBeNull();
    expect(breakPoint(points(0.5, 0.5, 0.5, 0.5), rule)).toBe(1);
  });
  it('of an error is where it stays above, and a figure that cannot be told is beyond any rule', () => {
    const most = { bound: 2, lowerIsBetter: true, text: '' };
    expect(breakPoint(points(1, 1.9, 2.1, 3), most)).toBe(3);
    expect(breakPoint(points(1, 2, 2, 2), most)).toBeNull();
    expect(breakPoint([...points(1, 1.9, 1.9), { severity: 4, value: null }], most)).toBe(4);
  });
  it('follows the limit on the figure, else five points or five percent of the spread of the labels', () => {
    expect(breakRule('accuracy', [{ id: 'ACC-1', metric: 'accuracy', min: 0.97 }], 0.99)).toEqual({ bound: 0.97, lowerIsBetter: false, text: 'Accuracy below 0.97, the limit ACC-1' });
    expect(breakRule('accuracy', [{ id: 'IOU', metric: 'mean_iou', min: 0.5 }], 0.99).bound).toBeCloseTo(0.94, 12);
    expect(breakRule('hamming_loss', [], 0.01)).toMatchObject({ lowerIsBetter: true, text: 'Hamming loss more than 5 points above the undisturbed samples' });
    expect(breakRule('mae', [{ id: 'MAE-1', metric: 'mae', max: 1.5 }], 1, 20)).toEqual({ bound: 1.5, lowerIsBetter: true, text: 'Mean absolute error above 1.5, the limit MAE-1' });
    expect(breakRule('mae', [], 1, 20)).toEqual({ bound: 2, lowerIsBetter: true, text: 'Mean absolute error above 2: 5 % of the standard deviation of the labels more than undisturbed' });
  });
  it('follows the figure that a limit is on, in the direction that it has', () => {
    expect(tasks.map((task) => primaryMetric(task, []))).toEqual(['accuracy', 'micro_f1', 'mae', 'map_50', 'mean_iou', 'auroc', 'recall_at_1']);
    expect(primaryMetric('detection', [{ id: 'A', metric: 'map_50_95', min: 0.4 }])).toBe('map_50_95');
    const disturbed: Limit = { id: 'B', metric: 'map_50_95', min: 0.2, disturbance: 'blur', severity: 2 };
    expect(primaryMetric('detection', [{ id: 'A', metric: 'map_50', min: 0.4 }, disturbed])).toBe('map_50_95');
    // What is allowed of disturbed samples is not what the break point is told by.
    expect(breakRule('map_50_95', [disturbed], 0.8).bound).toBeCloseTo(0.75, 12);
    expect(primaryMetric('regression', [{ id: 'A', metric: 'rmse', max: 2 }])).toBe('rmse');
    expect(primaryMetric('multilabel', [{ id: 'A', metric: 'hamming_loss', max: 0.1 }])).toBe('hamming_loss');
  });
});
