import { expect, it } from 'vitest';
import { latencyHistogram } from '#core/statistics/latencyHistogram';
import { describeSoak, probeClockMHz } from './watchSoak.ts';

it('reads the mean clock of the cores, and nothing where the kernel tells none', async () => {
  const told = (text: string | null) => probeClockMHz({ readText: () => Promise.resolve(text) });
  expect(await told('processor\t: 0\ncpu MHz\t\t: 2400.000\nprocessor\t: 1\ncpu MHz\t\t: 3600.500\n')).toBe(3000.25);
  expect([await told('processor : 0\n'), await told(null)]).toEqual([null, null]);
});

it('gives windows of the soak with the slope of latency, temperature and clock a minute', () => {
  const n = 4000;
  const atS = Float64Array.from({ length: n }, (_, index) => (index * 240) / n); // four minutes
  const latenciesMs = atS.map((s) => 10 + s / 60); // one ms slower each minute
  const histogram = latencyHistogram(latenciesMs);
  const samples = Array.from({ length: 25 }, (_, index) => ({ at: 1000 + index * 10_000, temperatureC: 50 + index / 3, clockMHz: null }));
  const soak = describeSoak({ latenciesMs, atS, startedAt: 1000, histogram }, samples, 12);
  expect(soak?.points).toHaveLength(20);
  expect(soak?.histograms).toMatchObject({ raw: { total: n }, intervalMs: 12 });
  expect(soak?.histograms?.corrected?.total).toBeGreaterThanOrEqual(n); // parts that waited for the runs above the takt
  expect(soak?.driftMsPerMin).toBeCloseTo(1, 6);
  expect(soak?.temperatureSlopeCPerMin).toBeCloseTo(2, 0);
  expect(soak?.clockSlopeMHzPerMin).toBeNull();
  expect(describeSoak({ latenciesMs: latenciesMs.slice(0, 50), atS: atS.slice(0, 50), startedAt: 1000, histogram }, samples, null)).toBeNull(); // too few to say anything
});
