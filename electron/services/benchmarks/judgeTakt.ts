// The takt gate: is a part done in time, with the share of camera and PLC, at the tail and not only on average?
import type { taktVerdictSchema, LatencySummary } from '#shared/contract/benchmarks';
import { median, theilSenSlope } from '#core/statistics/latency';
import type { z } from 'zod';

interface Takt { readonly taktMs: number; readonly cameraMs: number; readonly plcMs: number }

/** Slope of the median latency per tenth of the soak, in ms per minute; null without a soak. */
export function driftMsPerMin(soak: { readonly latenciesMs: Float64Array; readonly atS: Float64Array } | null): number | null {
  if (!soak || soak.latenciesMs.length < 100) return null;
  const parts = 20;
  const size = Math.floor(soak.latenciesMs.length / parts);
  return theilSenSlope(Array.from({ length: parts }, (_value, part) => ({ x: soak.atS[part * size]! / 60, y: median(soak.latenciesMs.subarray(part * size, (part + 1) * size)) })));
}

/** PASS when p99.9 and the longest of all runs, plus camera and PLC, stay within the takt. */
export function judgeTakt({ taktMs, cameraMs, plcMs }: Takt, point: LatencySummary, soak: { readonly latenciesMs: Float64Array; readonly atS: Float64Array; readonly longestMs: number } | null): z.infer<typeof taktVerdictSchema> {
  const maxMs = soak ? Math.max(point.max, soak.longestMs) : point.max;
  const share = taktMs - cameraMs - plcMs;
  return { verdict: point.p999 <= share && maxMs <= share ? 'PASS' : 'FAIL', taktMs, cameraMs, plcMs, p999Ms: point.p999, maxMs, driftMsPerMin: driftMsPerMin(soak) };
}
