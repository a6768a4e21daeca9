import { expect, it } from 'vitest';
import { keepsTakt, sayTakt } from './taktSentence.ts';

const verdict = { verdict: 'PASS' as const, taktMs: 40, cameraMs: 8, plcMs: 4, p999Ms: 20, maxMs: 31.5, driftMsPerMin: null, samples: 5000, overTakt: { runs: 3, of: 6000 } };

it('is judged at p99.9; the longest run is told beside it and is no second verdict', () => {
  expect(sayTakt(verdict)).toBe('Takt 40 ms: kept at p99.9: 32 ms with camera 8 ms and PLC 4 ms (n = 5000). Observed beside it: the longest run took 43.5 ms with both, and 3 of 6000 runs (0.05 %) took longer than the takt.');
  expect(sayTakt({ ...verdict, p999Ms: 28.5 })).toMatch(/^Takt 40 ms: not kept at p99\.9: 40\.5 ms/);
});

it('reads a benchmark of an earlier version, which failed by its longest run, by its p99.9', () => {
  const { samples: _n, overTakt: _over, ...old } = verdict;
  expect(keepsTakt({ ...old, verdict: 'FAIL' })).toBe(true);
  expect(sayTakt(old)).toContain('– of – runs');
});
