// What metrics are called, and how their values and units are written.
import type { Interval, Metric } from '#shared/contract/validation';
import { formatDb, formatMs, formatNumber, formatShare } from './format.ts';

export const metricWords: Readonly<Record<Metric, string>> = {
  accuracy: 'Accuracy', accuracy_drop: 'Accuracy lost', precision: 'Precision', recall: 'Recall', f1: 'F1', escape_rate: 'Escape rate', false_reject_rate: 'False rejects', flips: 'Changed decisions', sqnr_db: 'SQNR', cosine: 'Cosine similarity', max_abs_error: 'Largest error',
  latency_p50_ms: 'Latency p50', latency_p95_ms: 'Latency p95', latency_p99_ms: 'Latency p99', latency_p999_ms: 'Latency p99.9', takt_ms: 'Takt', throughput_per_s: 'Throughput', cold_start_ms: 'Cold start', provider_share: 'Ran on provider', peak_rss_mb: 'Peak memory', size_mb: 'Size', mae: 'Mean absolute error', rmse: 'Root mean square error', r2: 'R²',
};

const shares: readonly Metric[] = ['accuracy', 'accuracy_drop', 'precision', 'recall', 'f1', 'escape_rate', 'false_reject_rate', 'flips', 'provider_share'];

export function formatMetric(metric: Metric, value: number | null): string {
  if (value === null) return 'not measured';
  if (shares.includes(metric)) return formatShare(value);
  if (metric === 'sqnr_db') return formatDb(value);
  if (metric.endsWith('_ms')) return formatMs(value);
  if (metric.endsWith('_mb')) return `${formatNumber(value, 3)} MB`;
  if (metric === 'throughput_per_s') return `${formatNumber(value, 4)} /s`;
  return formatNumber(value, 5);
}

/** "98.36 … 99.39 %": the unit stands once. */
export function formatInterval(metric: Metric, interval: Interval | null): string {
  if (interval === null) return '–';
  const [low, high] = [formatMetric(metric, interval.low), formatMetric(metric, interval.high)];
  const unit = /^\S+( \S+)$/.exec(high)?.[1] ?? '';
  return unit !== '' && low.endsWith(unit) ? `${low.slice(0, -unit.length)} … ${high}` : `${low} … ${high}`;
}

/** "≤ 40 (camera 8 ms)" with the metric's unit: "≤ 40.0 ms (camera 8 ms)"; what is not a bound stays as it is. */
export const formatAllowed = (metric: Metric, text: string): string => text.replace(/([≤≥]) (-?\d[\d.eE+-]*)/g, (_, sign: string, number: string) => `${sign} ${formatMetric(metric, Number(number))}`);
