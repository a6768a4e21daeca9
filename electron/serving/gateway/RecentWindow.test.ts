import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRecentWindow } from './RecentWindow.ts';

it('tells the percentiles of what was answered within five percent of the exact ones', () => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0.06, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 400 }), (durationsMs) => {
    const window = createRecentWindow(() => 0);
    for (const durationMs of durationsMs) window.observe(false, durationMs);
    const sorted = [...durationsMs].sort((a, b) => a - b);
    const { p50Ms, p99Ms } = window.read();
    for (const [q, told] of [[0.5, p50Ms], [0.99, p99Ms]] as const) {
      const exact = sorted[Math.ceil(q * sorted.length) - 1] ?? NaN;
      expect(Math.abs((told ?? NaN) - exact) / exact).toBeLessThan(0.05);
    }
  }));
});

it('forgets what is older than five minutes, also while nothing comes', () => {
  let nowMs = 1_000_000;
  const window = createRecentWindow(() => nowMs);
  window.observe(false, 10);
  window.observe(true, 5);
  expect(window.read()).toMatchObject({ requests: 2, failed: 1, seconds: 300 });
  nowMs += 200_000;
  window.observe(false, 20);
  expect(window.read()).toMatchObject({ requests: 3, failed: 1 });
  nowMs += 110_000;
  expect(window.read()).toMatchObject({ requests: 1, failed: 0 });
  nowMs += 300_000;
  expect(window.read()).toEqual({ seconds: 300, requests: 0, failed: 0, p50Ms: null, p99Ms: null });
});
