// What each metric of limits.yaml means: unit, reachable range, the keys it takes, and how it is judged.
import type { Limit, Metric } from '#shared/contract/validation';

type LimitKey = Extract<keyof Limit, 'positive' | 'provider' | 'camera_ms' | 'plc_ms' | 'confidence'>;
export interface MetricKind {
  readonly title: string;
  /** For people: "a share", "ms". */
  readonly unit: string;
  readonly range: readonly [number, number];
  /** The bound that the metric must have. */
  readonly only?: 'min' | 'max';
  readonly needs?: readonly Extract<LimitKey, 'positive' | 'provider'>[];
  readonly takes: readonly LimitKey[];
  /** interval: judged on the bound of the confidence interval that lies towards the limit; point: on the measured value. */
  readonly judged: 'interval' | 'point';
}

const any = Number.POSITIVE_INFINITY;
const share = (title: string, extra: Partial<MetricKind> = {}): MetricKind => ({ title, unit: 'a share from 0 to 1', range: [0, 1], takes: ['confidence'], judged: 'interval', ...extra });
const time = (title: string): MetricKind => ({ title, unit: 'milliseconds', range: [0, any], only: 'max', takes: [], judged: 'point' });

/** Of a soak, by Theil and Sen; it may fall as well as rise. */
const slope = (title: string, unit: string, extra: Partial<MetricKind> = {}): MetricKind => ({ title, unit, range: [-any, any], takes: [], judged: 'point', ...extra });

export const metricTable: Readonly<Record<Metric, MetricKind>> = {
  accuracy: share('Accuracy', { only: 'min' }),
  accuracy_drop: { title: 'Accuracy lost against the reference', unit: 'a share from -1 to 1', range: [-1, 1], only: 'max', takes: ['confidence'], judged: 'interval' },
  precision: share('Precision', { only: 'min', takes: ['confidence', 'positive'] }),
  recall: share('Recall', { only: 'min', takes: ['confidence', 'positive'] }),
  f1: share('F1', { only: 'min', takes: ['confidence', 'positive'] }),
  kappa: { title: "Cohen's kappa against the labels", unit: 'a number from -1 to 1', range: [-1, 1], only: 'min', takes: ['confidence'], judged: 'interval' },
  calibration_error: share('Expected calibration error', { only: 'max' }),
  auroc_weighted: share('AUROC, weighted by the samples of each class', { only: 'min' }),
  auroc_one_vs_one: share('AUROC, mean over pairs of classes', { only: 'min' }),
  escape_rate: share('Escape rate', { only: 'max', needs: ['positive'], takes: ['confidence', 'positive'] }),
  false_reject_rate: share('False-reject rate', { only: 'max', needs: ['positive'], takes: ['confidence', 'positive'] }),
  flips: share('Decisions that changed', { only: 'max' }),
  sqnr_db: { title: 'Signal to quantization noise', unit: 'dB', range: [-1000, 1000], only: 'min', takes: [], judged: 'point' },
  cosine: { title: 'Cosine similarity', unit: 'a number from -1 to 1', range: [-1, 1], only: 'min', takes: [], judged: 'point' },
  max_abs_error: { title: 'Largest absolute error', unit: 'the unit of the output', range: [0, any], only: 'max', takes: [], judged: 'point' },
  latency_p50_ms: time('Latency p50'),
  latency_p95_ms: time('Latency p95'),
  latency_p99_ms: time('Latency p99'),
  latency_p999_ms: time('Latency p99.9'),
  takt_ms: { ...time('Takt'), takes: ['camera_ms', 'plc_ms'] },
  throughput_per_s: { title: 'Throughput', unit: 'inferences a second', range: [0, any], only: 'min', takes: [], judged: 'point' },
  cold_start_ms: time('Cold start'),
  latency_drift_ms_per_min: slope('Drift of the latency over the soak', 'ms a minute', { only: 'max' }),
  temperature_slope_c_per_min: slope('Slope of the temperature over the soak', '°C a minute', { only: 'max' }),
  clock_slope_mhz_per_min: slope('Slope of the processor clock over the soak', 'MHz a minute'),
  provider_share: { title: 'Share of nodes on the provider', unit: 'a share from 0 to 1', range: [0, 1], only: 'min', needs: ['provider'], takes: ['provider'], judged: 'point' },
  peak_rss_mb: { title: 'Peak memory', unit: 'MB', range: [0, any], only: 'max', takes: [], judged: 'point' },
  memory_estimate_ratio: { title: 'Peak memory, measured over estimated', unit: 'a ratio', range: [0, any], takes: [], judged: 'point' },
  size_mb: { title: 'Model size', unit: 'MB', range: [0, any], only: 'max', takes: [], judged: 'point' },
  mae: { title: 'Mean absolute error', unit: 'the unit of the label', range: [0, any], only: 'max', takes: ['confidence'], judged: 'interval' },
  rmse: { title: 'Root mean square error', unit: 'the unit of the label', range: [0, any], only: 'max', takes: ['confidence'], judged: 'interval' },
  r2: { title: 'R²', unit: 'a number up to 1', range: [-1e9, 1], only: 'min', takes: ['confidence'], judged: 'interval' },
  subset_accuracy: share('Whole label sets that are right', { only: 'min' }),
  hamming_loss: share('Hamming loss', { only: 'max' }),
  micro_f1: share('F1 over all labels', { only: 'min' }),
  macro_f1: share('F1, mean over the labels', { only: 'min' }),
  mean_iou: share('Mean IoU', { only: 'min' }),
  mean_dice: share('Mean Dice', { only: 'min' }),
  pixel_accuracy: share('Pixel accuracy', { only: 'min' }),
  auroc: share('AUROC', { only: 'min', takes: ['confidence', 'positive'] }),
  average_precision: share('Average precision', { only: 'min' }),
  pro: share('Per-region overlap (PRO)', { only: 'min' }),
  recall_at_1: share('Recall at 1', { only: 'min' }),
  recall_at_5: share('Recall at 5', { only: 'min' }),
  recall_at_10: share('Recall at 10', { only: 'min' }),
  mean_cosine: { title: 'Mean cosine to the reference', unit: 'a number from -1 to 1', range: [-1, 1], only: 'min', takes: ['confidence'], judged: 'interval' },
  map_50: share('Mean average precision, IoU 0.50', { only: 'min' }),
  map_50_95: share('Mean average precision, IoU 0.50 to 0.95', { only: 'min' }),
  map_small: share('Mean average precision, boxes up to 32 x 32 pixels', { only: 'min' }),
  map_medium: share('Mean average precision, boxes up to 96 x 96 pixels', { only: 'min' }),
  map_large: share('Mean average precision, larger boxes', { only: 'min' }),
  box_escape_rate: share('Boxes that were not found', { only: 'max' }),
  image_escape_rate: share('Images with a defect on which none was found', { only: 'max' }),
  image_false_reject_rate: share('Images without a defect on which one was found', { only: 'max' }),
  false_alarms_per_image: { title: 'False boxes an image', unit: 'boxes an image', range: [0, any], only: 'max', takes: ['confidence'], judged: 'interval' },
};

/** Whether a limit on it may be on the worst subgroup: figures that are told from the answers to some of the samples alone. */
export const isOfSamples = (metric: Metric): boolean => metricTable[metric].judged === 'interval' && metric !== 'flips' && metric !== 'pro';
