import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MachineSample } from '#shared/contract/machine';
import { createMachineFeed, thin } from './machineFeed.ts';

const start = Date.parse('2026-11-25T00:00:00.000Z');
const sample = (ms: number): MachineSample => ({ at: new Date(start + ms).toISOString(), cpuPercent: 1, corePercent: [1], memoryUsedBytes: 1, memoryTotalBytes: 2, gpus: [], temperatureC: null });

it('puts each sample of the window into one slice, in order, and no more slices than asked for', () => fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 500_000 }), { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (times, count) => {
  const samples = times.sort((a, b) => a - b).map(sample);
  const [from, to] = [start + 100_000, start + 400_000];
  const slices = thin(samples, from, to, count);
  expect(slices.flat()).toEqual(samples.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to));
  expect(slices.length).toBeLessThanOrEqual(count + 1);
})));

it('keeps eight hours of samples and the newest always', () => {
  const feed = createMachineFeed();
  for (let second = 0; second < 9 * 3600; second += 1) feed.push(sample(second * 1000));
  expect(feed.samples().length).toBeLessThanOrEqual(8 * 3600 + 601);
  expect(feed.samples().length).toBeGreaterThanOrEqual(8 * 3600);
  expect(feed.latest()?.at).toBe(sample((9 * 3600 - 1) * 1000).at);
});
