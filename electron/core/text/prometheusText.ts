// Reads the Prometheus text exposition format (version 0.0.4; the OpenMetrics additions are passed over).
export interface Sample { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }

const samplePattern = /^([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+(?:\.\d+)?)?(?:\s+#.*)?\s*$/;
const labelPattern = /([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)\s*/y;

/** Lines that are no samples are left out; `maxSamples` keeps a hostile or runaway exporter from filling memory. */
export function readPrometheusText(text: string, maxSamples = 50_000): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = samplePattern.exec(line);
    const labels = match ? readLabels(match[2] ?? '') : null;
    const value = match ? readValue(match[3] ?? '') : null;
    if (!match || labels === null || value === null) continue;
    samples.push({ name: match[1] ?? '', labels, value });
    if (samples.length >= maxSamples) break;
  }
  return samples;
}

const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

function readLabels(text: string): Record<string, string> | null {
  const labels: Record<string, string> = {};
  labelPattern.lastIndex = 0;
  let at = 0;
  while (at < text.length) {
    const match = labelPattern.exec(text);
    if (!match) return null;
    labels[match[1] ?? ''] = (match[2] ?? '').replace(/\\[\\"n]/g, (found) => escapes[found] ?? found);
    at = labelPattern.lastIndex;
  }
  return labels;
}

function readValue(text: string): number | null {
  if (/^[+]?Inf(inity)?$/i.test(text)) return Infinity;
  if (/^-Inf(inity)?$/i.test(text)) return -Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const value = Number(text);
  return text !== '' && Number.isFinite(value) ? value : null;
}

/** A histogram of one series as upper bounds and counts, both ascending; the counts are cumulative, as they came. */
export interface Histogram { readonly bounds: readonly number[]; readonly counts: readonly number[] }

/**
 * The quantile `q` (0 to 1) by linear interpolation inside its bucket, as Prometheus' histogram_quantile does; null for an empty histogram.
 * What lies above the last finite bound is told as that bound.
 */
export function quantileOf({ bounds, counts }: Histogram, q: number): number | null {
  const total = counts.at(-1) ?? 0;
  if (!(total > 0)) return null;
  const rank = q * total;
  const index = counts.findIndex((count) => count >= rank);
  const upper = bounds[index] ?? Infinity;
  if (!Number.isFinite(upper)) return bounds[index - 1] ?? null;
  const [lower, below] = index === 0 ? [upper <= 0 ? upper : 0, 0] : [bounds[index - 1] ?? 0, counts[index - 1] ?? 0];
  const inside = (counts[index] ?? 0) - below;
  return inside > 0 ? lower + (upper - lower) * ((rank - below) / inside) : upper;
}
