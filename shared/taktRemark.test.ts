import { expect, test } from 'vitest';
import { taktRemark } from './taktRemark.ts';

const verdict = { verdict: 'FAIL' as const, taktMs: 40, cameraMs: 8, plcMs: 4, p999Ms: 20, maxMs: 31.5, driftMsPerMin: null };

test('only a takt that p99.9 keeps and the longest run misses is remarked, with both figures', () => {
  expect(taktRemark(verdict)).toBe('p99.9 keeps the takt of 40 ms (32.00 ms with camera and PLC), the longest run missed it (43.50 ms): a warning; limits on the takt judge p99.9.');
  expect([taktRemark(null), taktRemark({ ...verdict, maxMs: 28 }), taktRemark({ ...verdict, p999Ms: 29 })]).toEqual([null, null, null]);
});
