import { describe, expect, it } from 'vitest';
import type { AdvisedPoint } from '#shared/contract/serving';
import { chooseServing, chooseSplit, splitsOf } from './chooseServing.ts';

type Measured = Omit<Parameters<typeof chooseServing>[0], 'split'>;
const choose = (measured: Measured) => chooseServing({ ...measured, split: chooseSplit(measured.alone, measured.taktMs) });

const point = (instances: number, threads: number, samplesPerSec: number, p99Ms: number, batch = 1): AdvisedPoint => ({ instances, threads, batch, samplesPerSec, p50Ms: p99Ms / 2, p99Ms });
const base = { taktMs: null, obstacle: null, again: null };

describe('how a model is served', () => {
  it('tries powers of two and all threads in one session, and never more threads than processors', () => {
    expect(splitsOf(1)).toEqual([{ instances: 1, threads: 1 }]);
    expect(splitsOf(6)).toEqual([{ instances: 6, threads: 1 }, { instances: 3, threads: 2 }, { instances: 1, threads: 4 }, { instances: 1, threads: 6 }]);
    for (let cpus = 1; cpus <= 64; cpus++) for (const { instances, threads } of splitsOf(cpus)) expect(instances >= 1 && instances * threads <= cpus).toBe(true);
  });

  it('takes most throughput, and among those alike the shorter tail', () => {
    expect(chooseSplit([point(4, 1, 100, 40), point(2, 2, 97, 21), point(1, 4, 80, 12)], null)).toMatchObject({ instances: 2 });
    expect(chooseSplit([point(4, 1, 100, 40), point(2, 2, 97, 21), point(1, 4, 80, 12)], 15)).toMatchObject({ instances: 1 });
  });

  it('says so where none keeps the takt, and takes the quickest', () => {
    const { chosen, because } = choose({ ...base, taktMs: 5, alone: [point(2, 1, 100, 40), point(1, 2, 80, 12)], batched: [] });
    expect(chosen).toEqual({ instances: 1, threads: 2, maxBatch: 1, maxDelayMs: 0 });
    expect(because.join(' ')).toContain('None keeps the takt of 5 ms');
  });

  it('leaves batching off where nothing is gained, also where a second look at one sample explains it', () => {
    const alone = [point(2, 1, 100, 10)];
    expect(choose({ ...base, alone, batched: [point(2, 1, 114, 20, 2)] }).chosen).toMatchObject({ maxBatch: 1, maxDelayMs: 0 });
    expect(choose({ ...base, alone, again: point(2, 1, 120, 10), batched: [point(2, 1, 130, 20, 4)] }).chosen.maxBatch).toBe(1);
    expect(choose({ ...base, alone, obstacle: 'the first dimension of "x" is not free', batched: [] }).because.at(-1)).toBe('No batching: the first dimension of "x" is not free.');
  });

  it('switches it on where it gains, with the smallest batch that gains as much, and a wait of a quarter of one execution', () => {
    const alone = [point(2, 1, 100, 8)];
    const { chosen, because } = choose({ ...base, alone, batched: [point(2, 1, 130, 12, 2), point(2, 1, 160, 20, 4), point(2, 1, 164, 30, 8)] });
    expect(chosen).toEqual({ instances: 2, threads: 1, maxBatch: 4, maxDelayMs: 1 });
    expect(because).toContain('Batches of 4: 160 samples a second, p99 20.0 ms, 1.60 times as many samples: on.');
  });

  it('takes no batch that is too slow: for the takt with its wait, else for four samples', () => {
    const alone = [point(2, 1, 100, 8)];
    const batched = [point(2, 1, 160, 20, 4), point(2, 1, 250, 33, 16)];
    expect(choose({ ...base, alone, batched }).chosen.maxBatch).toBe(4);
    expect(choose({ ...base, alone, batched, taktMs: 20.5 }).chosen.maxBatch).toBe(1);
    expect(choose({ ...base, alone, batched, taktMs: 40 }).chosen.maxBatch).toBe(16);
  });
});
