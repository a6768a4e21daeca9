// Temperature and clock of the processor while a soak runs, and the soak as a report shows it: windows of time, and the slope of each figure.
import type { HdrHistogram, Soak } from '#shared/contract/benchmarks';
import { theilSenSlope } from '#core/statistics/latency';
import { probeContext, type ProbeContext } from '../machine/ProbeContext.ts';
import { probeTemperature } from '../machine/probes/temperature.ts';
import { driftMsPerMin } from './judgeTakt.ts';
import { histogramsOf } from './summarizePoint.ts';

export interface SoakSample { readonly at: number; readonly temperatureC: number | null; readonly clockMHz: number | null }

const parts = 20;

/** Mean of all cores as the kernel tells it; null where it does not, as in many virtual machines. */
export async function probeClockMHz({ readText }: Pick<ProbeContext, 'readText'>): Promise<number | null> {
  const clocks = [...((await readText('/proc/cpuinfo')) ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)$/gm)].map(([, value]) => Number(value));
  return clocks.length === 0 ? null : clocks.reduce((sum, value) => sum + value, 0) / clocks.length;
}

/** Looks until stopped; the looks are few, so that they do not disturb what is measured. */
export function watchSoak(durationS: number, context: ProbeContext = probeContext()): { stop(): Promise<SoakSample[]> } {
  const samples: SoakSample[] = [];
  let looking: Promise<void> = Promise.resolve();
  const look = () => { looking = looking.then(async () => { samples.push({ at: Date.now(), temperatureC: await probeTemperature(context).catch(() => null), clockMHz: await probeClockMHz(context).catch(() => null) }); }); };
  look();
  const timer = setInterval(look, Math.max(500, (durationS * 1000) / parts));
  return { async stop() { clearInterval(timer); look(); await looking; return samples; } };
}

/** @param soak `startedAt` in ms since the epoch, when the first latency was taken */
export function describeSoak(soak: { readonly latenciesMs: Float64Array; readonly atS: Float64Array; readonly startedAt: number; readonly histogram: HdrHistogram }, samples: readonly SoakSample[], taktMs: number | null): Soak | null {
  const drift = driftMsPerMin(soak);
  if (drift === null) return null;
  const size = Math.floor(soak.latenciesMs.length / parts);
  const points = Array.from({ length: parts }, (_, part) => {
    const window = Float64Array.from(soak.latenciesMs.subarray(part * size, (part + 1) * size)).sort();
    const atS = soak.atS[part * size] ?? 0;
    const near = samples.reduce<SoakSample | null>((best, sample) => (best === null || Math.abs(sample.at - soak.startedAt - atS * 1000) < Math.abs(best.at - soak.startedAt - atS * 1000) ? sample : best), null);
    return { atS, p99Ms: window[Math.min(window.length - 1, Math.floor(window.length * 0.99))] ?? 0, temperatureC: near?.temperatureC ?? null, clockMHz: near?.clockMHz ?? null };
  });
  const slope = (pick: (point: (typeof points)[number]) => number | null): number | null => {
    const known = points.flatMap((point) => { const y = pick(point); return y === null ? [] : [{ x: point.atS / 60, y }]; });
    return known.length < 3 ? null : theilSenSlope(known);
  };
  return { durationS: soak.atS[soak.atS.length - 1] ?? 0, driftMsPerMin: drift, temperatureSlopeCPerMin: slope(({ temperatureC }) => temperatureC), clockSlopeMHzPerMin: slope(({ clockMHz }) => clockMHz), points, histograms: histogramsOf(soak.histogram, taktMs) };
}
