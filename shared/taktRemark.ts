// One sentence, in report and console alike, for a takt that is kept at p99.9 and missed by the longest run: the limit judges p99.9, the takt verdict both.
import type { BenchOutput } from './contract/benchmarks.ts';

export const taktRemarkText = 'p99.9 keeps the takt of {takt} ms ({p999} ms with camera and PLC), the longest run missed it ({longest} ms): a warning; limits on the takt judge p99.9.';

/** The values of the sentence; null where both say the same. */
export function taktRemarkValues(verdict: BenchOutput['taktVerdict']): { readonly takt: number; readonly p999: number; readonly longest: number } | null {
  if (verdict === null) return null;
  const [takt, p999, longest] = [verdict.taktMs, verdict.p999Ms + verdict.cameraMs + verdict.plcMs, verdict.maxMs + verdict.cameraMs + verdict.plcMs];
  return p999 <= takt && longest > takt ? { takt, p999, longest } : null;
}

export function taktRemark(verdict: BenchOutput['taktVerdict']): string | null {
  const values = taktRemarkValues(verdict);
  return values && taktRemarkText.replace('{takt}', String(values.takt)).replace('{p999}', values.p999.toFixed(2)).replace('{longest}', values.longest.toFixed(2));
}
