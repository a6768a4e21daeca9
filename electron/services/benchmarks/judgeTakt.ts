// The takt gate: is a part done in time, with the share of camera and PLC, at the tail and not only on average?
import type { HdrHistogram, taktVerdictSchema, LatencySummary } from '#shared/contract/benchmarks';
import { hdrCountAbove } from '#shared/hdrHistogram';
import { median, theilSenSlope } from '#core/statistics/latency';
import type { z } from 'zod';

interface Takt { readonly taktMs: number; readonly cameraMs: number; readonly plcMs: number }
/** A soak: its latencies (an even part of very many), and the histogram and the longest of all of its runs. */
interface Soak { readonly latenciesMs: Float64Array; readonly atS: Float64Array; readonly longestMs: number; readonly histogram: HdrHistogram }

/** Slope of the median latency per twentieth of the soak (Theil and Sen), in ms per minute; null without a soak. */
export function driftMsPerMin(soak: Pick<Soak, 'latenciesMs' | 'atS'> | null): number | null {
  if (!soak || soak.latenciesMs.length < 100) return null;
  const parts = 20;
  const size = Math.floor(soak.latenciesMs.length / parts);
  return theilSenSlope(Array.from({ length: parts }, (_value, part) => ({ x: soak.atS[part * size]! / 60, y: median(soak.latenciesMs.subarray(part * size, (part + 1) * size)) })));
}

/**
 * PASS when p99.9 of the point, plus camera and PLC, stays within the takt: the same figure that limits on the takt judge. The longest run and the
 * count of runs over the takt, soak included, are observations; one run among thousands may be another program's doing.
 * @param histogram of every run of the point (counts are exact to its buckets, 0.1 %)
 */
export function judgeTakt({ taktMs, cameraMs, plcMs }: Takt, point: LatencySummary, histogram: HdrHistogram | null, soak: Soak | null): z.infer<typeof taktVerdictSchema> {
  const maxMs = soak ? Math.max(point.max, soak.longestMs) : point.max;
  const share = taktMs - cameraMs - plcMs;
  const all = [histogram, soak?.histogram ?? null].filter((each) => each !== null);
  const over = maxMs <= share ? 0 : all.reduce((sum, each) => sum + hdrCountAbove(each, share), 0);
  return {
    verdict: point.p999 <= share ? 'PASS' : 'FAIL', taktMs, cameraMs, plcMs, p999Ms: point.p999, maxMs, driftMsPerMin: driftMsPerMin(soak), samples: point.samples,
    ...(histogram === null ? {} : { overTakt: { runs: over, of: all.reduce((sum, { total }) => sum + total, 0) } }),
  };
}
