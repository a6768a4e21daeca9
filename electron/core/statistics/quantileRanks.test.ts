import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { quantileRanks } from './quantileRanks.ts';

interface Golden { readonly rows: readonly { readonly n: number; readonly q: number; readonly confidence: number; readonly low: number | null; readonly high: number | null }[] }
const golden = JSON.parse(readFileSync('test/golden/statistics/quantiles.json', 'utf8')) as Golden;

it('are the ranks that scipy answers, and none where the samples do not reach', () => {
  expect(golden.rows.length).toBeGreaterThan(100);
  expect(golden.rows.map(({ n, q, confidence }) => ({ n, q, confidence, ...quantileRanks(n, q, confidence) }))).toEqual(golden.rows);
});

it('cover the quantile at least as often as they say', () => {
  let state = 7;
  const next = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
  const { low, high } = quantileRanks(200, 0.9);
  let covered = 0;
  const runs = 2000;
  for (let run = 0; run < runs; run++) {
    const sample = Float64Array.from({ length: 200 }, next).sort();
    if ((sample[(low ?? 1) - 1] ?? 0) <= 0.9 && (sample[(high ?? 200) - 1] ?? 1) >= 0.9) covered++;
  }
  expect(covered / runs).toBeGreaterThan(0.94);
});
