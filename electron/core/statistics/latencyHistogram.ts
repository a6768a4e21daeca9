// Records latencies into an HDR histogram, merges histograms, and corrects for coordinated omission.
import type { HdrHistogram } from '#shared/contract/benchmarks';
import { hdrHighestEquivalent, hdrHighestNs, hdrIndexCount, hdrIndexOf, hdrLowestAt } from '#shared/hdrHistogram';

type Counts = Float64Array;

function compact(counts: Counts): HdrHistogram {
  const buckets: [number, number][] = [];
  let total = 0;
  counts.forEach((n, index) => { if (n > 0) { buckets.push([hdrLowestAt(index), n]); total += n; } });
  return { unit: 'ns', significantDigits: 3, highest: hdrHighestNs, total, buckets };
}

function add(counts: Counts, valueNs: number, n: number): void {
  const index = hdrIndexOf(valueNs);
  counts[index] = (counts[index] ?? 0) + n;
}

export interface LatencyRecorder { record(latencyMs: number): void; read(): HdrHistogram }

/** Counts latencies as they come, to the nanosecond; takes the same 270 KB for a second and for a day. */
export function latencyRecorder(): LatencyRecorder {
  const counts = new Float64Array(hdrIndexCount);
  return { record: (latencyMs) => { add(counts, Math.max(0, Math.round(latencyMs * 1e6)), 1); }, read: () => compact(counts) };
}

/** @param latenciesMs in any order; each is counted once. */
export function latencyHistogram(latenciesMs: Float64Array): HdrHistogram {
  const { record, read } = latencyRecorder();
  for (const latencyMs of latenciesMs) record(latencyMs);
  return read();
}

/** The histogram of all samples of both. */
export function mergeHistograms(a: HdrHistogram, b: HdrHistogram): HdrHistogram {
  const counts = new Float64Array(hdrIndexCount);
  for (const [low, n] of [...a.buckets, ...b.buckets]) add(counts, low, n);
  return compact(counts);
}

/**
 * Runs that follow each other leave out the parts that came while a long run kept the station busy. For each run longer than the interval
 * between parts, the waits of those parts are added: the run's time less one interval, less two, and so on down to one interval
 * (copyCorrectedForCoordinatedOmission of HdrHistogram, with its rule that a bucket stands for its highest value).
 * @param intervalMs time between two parts; 1 ns at least
 */
export function correctOmission(histogram: HdrHistogram, intervalMs: number): HdrHistogram {
  const interval = Math.max(1, Math.round(intervalMs * 1e6));
  const counts = new Float64Array(hdrIndexCount);
  for (const [low, n] of histogram.buckets) {
    const value = hdrHighestEquivalent(low);
    add(counts, value, n);
    let missing = value - interval;
    while (missing >= interval) {
      // Waits that fall into one bucket are counted together: a takt of microseconds under a run of seconds would else take millions of steps.
      const lowest = Math.max(interval, hdrLowestAt(hdrIndexOf(missing)));
      const together = Math.floor((missing - lowest) / interval) + 1;
      add(counts, missing, n * together);
      missing -= together * interval;
    }
  }
  return compact(counts);
}
