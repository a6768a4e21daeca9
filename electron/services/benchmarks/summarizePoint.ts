// One row of the benchmark from the samples of its callers; of callers that run beside each other, only the time that they share counts.
import type { BenchPoint, HdrHistogram, LatencyHistograms } from '#shared/contract/benchmarks';
import { summarizeLatency } from '#core/statistics/latency';
import { correctOmission, latencyHistogram } from '#core/statistics/latencyHistogram';
import type { PointResult } from './pointTask.ts';

export interface Setting { readonly provider: string; readonly batch: number; readonly threads: number; readonly concurrency: number }

type Samples = Pick<PointResult, 'latenciesMs' | 'atS' | 'startedAt' | 'elapsedMs' | 'stable' | 'peakRssBytes' | 'gcMs' | 'gcLongestMs'>;

/** Garbage collection is named from this share of the measured time on. */
const GC_SHARE = 0.01;

export const describeSetting = ({ batch, threads, concurrency }: Setting) => `Batch ${batch}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, ${concurrency} at once`;

/** @param taktMs time between two parts, by which the histogram is corrected for coordinated omission */
export function histogramsOf(raw: HdrHistogram, taktMs: number | null): LatencyHistograms {
  return { raw, corrected: taktMs === null ? null : correctOmission(raw, taktMs), intervalMs: taktMs };
}

/**
 * A caller that starts late or ends early would be measured partly alone, which flatters it: samples count from the start of the last caller
 * to the end of the first. When no time is shared, all samples count, and a remark says so.
 */
export function summarizePoint(setting: Setting, results: readonly Samples[], taktMs: number | null = null): { readonly point: BenchPoint; readonly remarks: readonly string[] } {
  const remarks: string[] = [];
  const from = Math.max(...results.map(({ startedAt }) => startedAt));
  const to = Math.min(...results.map(({ startedAt, elapsedMs }) => startedAt + elapsedMs));
  let kept: readonly Float64Array[] = results.map(({ latenciesMs, atS, startedAt }) => latenciesMs.filter((latencyMs, index) => {
    const end = startedAt + atS[index]! * 1000;
    // The start is rounded to whole milliseconds: a tenth of one more is slack for the last sample.
    return end - latencyMs >= from - 0.1 && end <= to + 0.1;
  }));
  const shared = results.length === 1 || kept.every(({ length }) => length > 0);
  if (!shared) {
    kept = results.map(({ latenciesMs }) => latenciesMs);
    remarks.push(`${describeSetting(setting)}: the callers did not run at the same time; their samples are counted as if each ran alone.`);
  }
  const samples = new Float64Array(kept.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of kept) { samples.set(part, at); at += part.length; }
  const throughputPerSec = kept.reduce((sum, { length }, index) => sum + (length * setting.batch * 1000) / (shared ? to - from : results[index]!.elapsedMs), 0);
  const stable = results.every((result) => result.stable);
  if (!stable) remarks.push(`${describeSetting(setting)} did not become stable within its time.`);
  const gcMs = results.reduce((sum, result) => sum + result.gcMs, 0);
  const measuredMs = results.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
  if (gcMs > GC_SHARE * measuredMs) remarks.push(`${describeSetting(setting)}: garbage collection took ${((gcMs / measuredMs) * 100).toFixed(1)} % of the time, the longest pause ${Math.max(...results.map(({ gcLongestMs }) => gcLongestMs)).toFixed(1)} ms.`);
  return { point: { ...setting, latencyMs: summarizeLatency(samples), stable, throughputPerSec, peakRssBytes: results.reduce((sum, result) => sum + result.peakRssBytes, 0), histograms: histogramsOf(latencyHistogram(samples), taktMs) }, remarks };
}
