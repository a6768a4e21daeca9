// Makes hdrHistogram.json with hdr-histogram-js, a port of HdrHistogram by other hands. It is no dependency of the project: install hdr-histogram-js@3.0.1
// into a folder of your own and run: node test/golden/statistics/hdrHistogram.mjs FOLDER > test/golden/statistics/hdrHistogram.json
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const hdr = createRequire(join(resolve(process.argv[2] ?? '.'), 'package.json'))('hdr-histogram-js');
let state = 20261125;
const random = () => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return state / 2 ** 32; };
const cases = [
  { name: 'around the first bucket that is wider than one', intervalMs: 0.002, valuesNs: [0, 1, 1023, 1024, 2047, 2048, 2049, 4095, 4096, 65_535, 65_536] },
  { name: 'one sample', intervalMs: 10, valuesNs: [1_234_567] },
  { name: 'a quick model with a few stalls', intervalMs: 5, valuesNs: Array.from({ length: 240 }, () => Math.round(1.2e6 * (1 + random() ** 6)) + (random() < 0.02 ? Math.round(80e6 * random()) : 0)) },
  { name: 'six powers of ten', intervalMs: 40, valuesNs: Array.from({ length: 120 }, () => Math.round(10 ** (4 + 6 * random()))) },
  { name: 'longer than the takt', intervalMs: 0.05, valuesNs: Array.from({ length: 40 }, () => Math.round(9e6 + 1e6 * random())) },
];
const build = () => hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 3_600_000_000_000, numberOfSignificantValueDigits: 3, bitBucketSize: 64, useWebAssembly: false });
const percentiles = [10, 50, 90, 99, 99.9, 100];
const seen = (histogram) => ({ total: histogram.totalCount, percentilesNs: percentiles.map((percentile) => histogram.getValueAtPercentile(percentile)), text: histogram.outputPercentileDistribution(5, 1e6) });
console.log(JSON.stringify({
  madeWith: 'hdr-histogram-js 3.0.1', percentiles,
  cases: cases.map(({ name, intervalMs, valuesNs }) => {
    const histogram = build();
    for (const value of valuesNs) histogram.recordValue(value);
    return { name, intervalMs, valuesNs, raw: seen(histogram), corrected: seen(histogram.copyCorrectedForCoordinatedOmission(intervalMs * 1e6)) };
  }),
}, null, 1));
