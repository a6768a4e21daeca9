// Per-region overlap at size: the exact value in steps, and bins whose error holds the exact value (golden: test/golden/statistics/make_intervals.py).
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnomalyMap } from './anomaly.ts';
import { seededRandom } from './bootstrap.ts';
import { finish } from './bootstrapFigures.ts';
import { overlapCollector } from './overlapCollector.ts';
import { overlapBins, overlapSteps } from './regionOverlap.ts';
import { taskFigures } from './taskFigures.ts';

const golden = (JSON.parse(readFileSync('test/golden/statistics/intervals.json', 'utf8')) as { overlap: { size: number; masks: number[][]; maps: number[][]; pro: number } }).overlap;
const goldenMaps = golden.masks.map((mask, at): AnomalyMap => ({ width: golden.size, height: golden.size, mask, scores: golden.maps[at]! }));

/** Every second one with a square region that stands out; scores of either sign as float32, some tied. */
function madeMaps(count: number, size: number, seed: number): AnomalyMap[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, image) => {
    const mask = new Uint8Array(size * size), scores = new Float32Array(size * size), from = Math.floor(random() * size / 2), side = 2 + Math.floor(random() * size / 4);
    for (let pixel = 0; pixel < mask.length; pixel++) {
      const x = pixel % size, y = Math.floor(pixel / size);
      if (image % 2 === 1 && x >= from && x < from + side && y >= from && y < from + side) mask[pixel] = 1;
      scores[pixel] = Math.round((random() - 0.5 + (mask[pixel] ? 0.4 : 0)) * 5000) / 5000;
    }
    return { width: size, height: size, mask, scores };
  });
}

describe('the exact value', () => {
  it('equals the reference to 1e-9', () => { expect(Math.abs(finish(overlapSteps(goldenMaps))! - golden.pro)).toBeLessThanOrEqual(1e-9); });
  it('lets others work between maps and between sorted buckets', () => {
    const maps = madeMaps(30, 96, 5), steps = overlapSteps(maps);
    let slices = 0;
    while (steps.next().done !== true) slices++;
    expect(slices).toBeGreaterThan(2 * maps.length);
  });
  it('no answer is no alarm, and infinite scores are the highest and the lowest', () => {
    expect(finish(overlapSteps([{ width: 4, height: 1, mask: [0, 0, 0, 1], scores: [0.1, Number.NaN, -0, Number.POSITIVE_INFINITY] }]))).toBe(1);
    expect(finish(overlapSteps([{ width: 2, height: 1, mask: [0, 1], scores: [0, Number.NEGATIVE_INFINITY] }]))).toBeLessThan(0.5);
  });
});

describe('bins', () => {
  it.each([[12, 40, 1], [40, 64, 2], [6, 128, 3]])('%i maps of %i pixels a side: the exact value lies within the stated error, which is small', (count, size, seed) => {
    const maps = madeMaps(count, size, seed), bins = overlapBins();
    maps.forEach((map) => { bins.add(map); });
    const { value, error } = bins.result()!, exact = finish(overlapSteps(maps))!;
    expect(Math.abs(value - exact)).toBeLessThanOrEqual(error + 1e-12);
    expect(error).toBeLessThan(2e-3);
  });
  it('nothing to judge by is no figure', () => { const bins = overlapBins(); bins.add({ width: 1, height: 1, mask: [0], scores: [1] }); expect(bins.result()).toBeNull(); });
});

it('more maps than are held come out as a figure within its error, whose interval is widened by it', () => {
  const maps = madeMaps(24, 48, 7);
  const collect = (most: number) => { const collector = overlapCollector(most); maps.forEach((map) => { collector.add(map); }); return collector.collected(); };
  const held = collect(1e9), away = collect(48 * 48 * 5);
  expect(held).toMatchObject({ images: 24, counted: null });
  expect(away).toMatchObject({ images: 24, maps: [] });
  const scores = maps.map((_, at) => at), anomalous = maps.map((_, at) => at % 2 === 1);
  const pro = (samples: Partial<Parameters<typeof taskFigures>[0]>) => taskFigures({ task: 'anomaly', scores, anomalous, maps: [], ...samples } as Parameters<typeof taskFigures>[0]).find(({ metric }) => metric === 'pro')!; // of this task
  const exact = pro({ maps: held.maps }), binned = pro({ counted: away.counted! });
  expect(Math.abs(binned.value - exact.value)).toBeLessThanOrEqual(away.counted!.overlap!.error);
  expect(Math.abs(binned.interval!.low - exact.interval!.low)).toBeLessThan(0.01);
  expect(binned.interval!.method).toMatch(/^BCa bootstrap, \d+ resamples at 256 thresholds, scores in bins, which may move it by \d\.\de-\d$/);
});
