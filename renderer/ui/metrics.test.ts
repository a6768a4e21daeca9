import { expect, it } from 'vitest';
import { metrics } from '#shared/contract/validation';
import { formatAllowed, formatInterval, formatMetric, metricWords } from './metrics.ts';

const wilson = (low: number, high: number) => ({ low, high, confidence: 0.95, method: 'Wilson, two-sided', n: 2000 });

it('writes each metric in its own unit', () => {
  expect([formatMetric('accuracy', 0.9931), formatMetric('sqnr_db', 34.2), formatMetric('latency_p99_ms', 18.4), formatMetric('peak_rss_mb', 105.28), formatMetric('throughput_per_s', 3531.48), formatMetric('cosine', 0.99998)]).toEqual(['99.31 %', '34.2 dB', '18.4 ms', '105 MB', '3531 /s', '0.99998']);
});
it('never shows a figure that was not measured', () => { for (const metric of metrics) expect(formatMetric(metric, null)).toBe('not measured'); });
it('has a name for every metric', () => { for (const metric of metrics) expect(metricWords[metric]).toMatch(/^[A-Z]/); });
it('writes an interval with its unit once', () => expect([formatInterval('accuracy', wilson(0.9836, 0.9939)), formatInterval('cosine', wilson(0.5, 0.75)), formatInterval('accuracy', null)]).toEqual(['98.36 … 99.39 %', '0.5 … 0.75', '–']));
it('writes what is allowed in the unit of what was measured, and leaves the conditions as they are', () => {
  expect(formatAllowed('accuracy', '≥ 0.97')).toBe('≥ 97.00 %');
  expect(formatAllowed('takt_ms', '≤ 40 (camera 8 ms, PLC 4 ms)')).toBe('≤ 40.0 ms (camera 8 ms, PLC 4 ms)');
  expect(formatAllowed('max_abs_error', '≥ 1e-7 and ≤ 0.5')).toBe('≥ 1.0000e−7 and ≤ 0.5');
});
