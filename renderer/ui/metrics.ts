// What metrics are called, and how their values and units are written.
import type { Interval, Metric } from '#shared/contract/validation';
import { formatDb, formatMs, formatNumber, formatShare } from './format.ts';

export const metricWords: Readonly<Record<Metric, string>> = {
  accuracy: 'Accuracy', accuracy_drop: 'Accuracy lost', precision: 'Precision', recall: 'Recall', f1: 'F1', kappa: "Cohen's kappa", calibration_error: 'Calibration error', auroc_weighted: 'AUROC, weighted', auroc_one_vs_one: 'AUROC, pairs of classes', escape_rate: 'Escape rate', false_reject_rate: 'False rejects', flips: 'Changed decisions', sqnr_db: 'SQNR', cosine: 'Cosine similarity', max_abs_error: 'Largest error',
  latency_p50_ms: 'Latency p50', latency_p95_ms: 'Latency p95', latency_p99_ms: 'Latency p99', latency_p999_ms: 'Latency p99.9', takt_ms: 'Takt', throughput_per_s: 'Throughput', cold_start_ms: 'Cold start', latency_drift_ms_per_min: 'Drift of the latency', temperature_slope_c_per_min: 'Slope of the temperature', clock_slope_mhz_per_min: 'Slope of the clock', provider_share: 'Ran on provider', peak_rss_mb: 'Peak memory', memory_estimate_ratio: 'Peak memory, measured over estimated', size_mb: 'Size', mae: 'Mean absolute error', rmse: 'Root mean square error', r2: 'R²',
  subset_accuracy: 'Whole label sets that are right', hamming_loss: 'Hamming loss', micro_f1: 'F1 over all labels', macro_f1: 'F1, mean over the labels', mean_iou: 'Mean IoU', mean_dice: 'Mean Dice', pixel_accuracy: 'Pixel accuracy', auroc: 'AUROC', average_precision: 'Average precision', pro: 'Per-region overlap (PRO)', recall_at_1: 'Recall at 1', recall_at_5: 'Recall at 5', recall_at_10: 'Recall at 10', mean_cosine: 'Mean cosine to the reference', map_50: 'Mean average precision, IoU 0.50', map_50_95: 'Mean average precision, IoU 0.50 to 0.95', map_small: 'Mean average precision, small boxes', map_medium: 'Mean average precision, medium boxes', map_large: 'Mean average precision, large boxes',
  box_escape_rate: 'Boxes not found', image_escape_rate: 'Images with a defect, none found', image_false_reject_rate: 'Images without a defect, one found', false_alarms_per_image: 'False boxes an image',
};

const shares: readonly Metric[] = ['accuracy', 'accuracy_drop', 'precision', 'recall', 'f1', 'escape_rate', 'false_reject_rate', 'flips', 'provider_share', 'subset_accuracy', 'hamming_loss', 'pixel_accuracy', 'recall_at_1', 'recall_at_5', 'recall_at_10', 'box_escape_rate', 'image_escape_rate', 'image_false_reject_rate'];

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
