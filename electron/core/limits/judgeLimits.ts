// Judges measured facts against limits: on the interval's bound for what is a sample's estimate, on the value for the rest.
import type { BenchOutput } from '#shared/contract/benchmarks';
import type { CompareOutput } from '#shared/contract/optimize';
import type { ClassFigureMetric, Interval, Limit, LimitResult, Metric, RobustnessCurve, TaskMetric, Verdict } from '#shared/contract/validation';
import { bootstrapBca } from '../statistics/bootstrap.ts';
import { areaFigure, classFigure, f1Figure, type ClassFigure } from '../statistics/classFigures.ts';
import { classSamplesOf, type ClassSamples } from '../statistics/classSamples.ts';
import { exactUpperBound, pairedDifference, wilson } from '../statistics/intervals.ts';
import { regressionMetrics } from '../statistics/regression.ts';
import { taskFigures, type TaskSamples } from '../statistics/taskFigures.ts';
import { metricTable } from './metricTable.ts';

/** What the protocol measured; null for what it did not. */
export interface MeasuredFacts {
  readonly task: 'classification' | 'regression' | 'none';
  /** Samples with a label, in one order for all lists. */
  readonly actual: readonly string[];
  readonly predicted: readonly string[];
  readonly referencePredicted: readonly string[] | null;
  readonly classes: readonly string[];
  readonly compare: CompareOutput | null;
  readonly bench: BenchOutput | null;
  /** Of a classification: the same samples with the scores of all classes; made from the lists above where it is left out. */
  readonly classSamples?: ClassSamples | null;
  /** Of a task beside classification and regression. */
  readonly taskSamples?: TaskSamples | null;
  /** The same by subgroup, the largest first; only the lists of samples differ from these facts. */
  readonly groups?: readonly FactsGroup[];
  readonly modelBytes: number;
  /** Curves of disturbed samples. */
  readonly robustness?: readonly RobustnessCurve[];
  /** Why a whole part is missing, in one sentence each. */
  readonly missing: { readonly labels?: string; readonly compare?: string; readonly bench?: string; readonly robustness?: string };
}

export interface FactsGroup { readonly column: string; readonly value: string; readonly samples: number; readonly facts: MeasuredFacts }

export interface Measured { /** Of a limit on subgroups. */ readonly group?: string; readonly value: number | null; readonly interval: Interval | null; readonly why?: string; /** Why the value alone, without an interval, proves nothing. */ readonly unproven?: string }

/** One result per limit, in the order of the limits. NOT MEASURED says why. */
export function judgeLimits(limits: readonly Limit[], given: MeasuredFacts): LimitResult[] {
  const facts = given.task === 'classification' && given.actual.length > 0 && !given.classSamples ? { ...given, classSamples: classSamplesOf(given) } : given;
  const memo = new Map<string, Measured>();
  return limits.map((limit) => {
    const key = JSON.stringify([limit.metric, limit.positive, limit.provider, limit.confidence, limit.camera_ms, limit.plc_ms, limit.disturbance, limit.severity, limit.subgroup, limit.subgroup === undefined ? null : [limit.min, limit.max]]);
    const measured = memo.get(key) ?? measure(limit, facts);
    memo.set(key, measured);
    const shown = limitText(limit);
    const base = { id: limit.id, metric: limit.metric, limit: shown, value: measured.value, interval: measured.interval, ...(measured.group === undefined ? {} : { subgroup: measured.group }) };
    if (measured.value === null || !Number.isFinite(measured.value) && limit.metric !== 'sqnr_db') return { ...base, value: null, verdict: 'NOT MEASURED', reason: measured.why ?? 'It was not measured.' };
    if (measured.unproven !== undefined) return { ...base, verdict: 'NOT MEASURED', reason: measured.unproven };
    const { interval } = measured;
    const low = interval?.low ?? measured.value, high = interval?.high ?? measured.value;
    const holdsMin = limit.min === undefined || low >= limit.min;
    const holdsMax = limit.max === undefined || high <= limit.max;
    const pass = holdsMin && holdsMax;
    // An infinite ratio (no error at all) has no JSON form: null with a PASS and the reason.
    return { ...base, value: Number.isFinite(measured.value) ? measured.value : null, verdict: pass ? 'PASS' : 'FAIL', reason: reasonOf(limit, measured, pass) };
  });
}

/** FAIL on any failure; INCOMPLETE where something was not measured, or there is no limit at all; else PASS. */
export function overallVerdict(results: readonly LimitResult[]): Verdict {
  if (results.some((result) => result.verdict === 'FAIL')) return 'FAIL';
  return results.length === 0 || results.some((result) => result.verdict === 'NOT MEASURED') ? 'INCOMPLETE' : 'PASS';
}

/** "≥ 0.97", "≤ 40 (with camera 8, PLC 4)". */
export function limitText(limit: Limit): string {
  const bounds = [limit.min === undefined ? null : `≥ ${limit.min}`, limit.max === undefined ? null : `≤ ${limit.max}`].filter((part) => part !== null).join(' and ');
  const notes = [limit.positive === undefined ? null : `class ${limit.positive}`, limit.provider === undefined ? null : `provider ${limit.provider}`, limit.camera_ms === undefined ? null : `camera ${limit.camera_ms} ms`, limit.plc_ms === undefined ? null : `PLC ${limit.plc_ms} ms`, limit.disturbance === undefined ? null : `${limit.disturbance} of severity ${limit.severity}`, limit.subgroup === undefined ? null : `worst subgroup of ${limit.subgroup}`].filter((part) => part !== null);
  return notes.length > 0 ? `${bounds} (${notes.join(', ')})` : bounds;
}

const digits = (value: number): string => (Number.isInteger(value) ? String(value) : Number(value.toPrecision(5)).toString());

function reasonOf(limit: Limit, { value, interval, why, group }: Measured, pass: boolean): string {
  if (why !== undefined) return why;
  const kind = { title: `${metricTable[limit.metric].title}${group === undefined ? '' : `, subgroup ${group}`}` };
  if (value === null) return 'It was not measured.';
  if (!interval) return `${kind.title} is ${digits(value)}, ${pass ? 'within' : 'outside'} the limit ${limitText(limit)}.`;
  const bound = limit.min !== undefined && (limit.max === undefined || interval.low < limit.min) ? interval.low : interval.high;
  const percent = Math.round(interval.confidence * 1000) / 10;
  const inside = (limit.min === undefined || value >= limit.min) && (limit.max === undefined || value <= limit.max);
  return `${kind.title} is ${digits(value)} over ${interval.n} samples; the bound at ${percent} % confidence is ${digits(bound)}, ${pass ? 'within' : 'outside'} the limit ${limitText(limit)}.${!pass && inside ? ' The value itself is within; more samples would narrow the interval.' : ''}`;
}

const missing = (why: string): Measured => ({ value: null, interval: null, why });
const point = (value: number | null | undefined, why: string): Measured => (value === null || value === undefined ? missing(why) : { value, interval: null });

/** What a limit is judged on, whatever its bounds. */
export function measure(limit: Limit, facts: MeasuredFacts): Measured {
  const { metric } = limit;
  const bench = facts.bench?.best ?? facts.bench?.points[0] ?? null;
  const noBench = facts.missing.bench ?? 'The benchmark gave no point.';
  const noSoak = 'No soak was run, which this limit is judged on; ask for one with --soak.';
  const noCompare = facts.missing.compare ?? 'There is no reference to compare with.';
  if (limit.disturbance !== undefined) return measureDisturbed(limit, facts);
  if (limit.subgroup !== undefined) return measureWorst(limit, facts);
  switch (metric) {
    case 'accuracy': case 'accuracy_drop': case 'precision': case 'recall': case 'f1': case 'kappa': case 'calibration_error': case 'auroc_weighted': case 'auroc_one_vs_one': case 'escape_rate': case 'false_reject_rate': return measureClasses(metric, limit, facts);
    case 'auroc': return facts.task === 'classification' ? measureClasses(metric, limit, facts) : limit.positive === undefined ? measureTask(metric, limit, facts) : missing('An anomaly has no classes of which one could be positive.');
    case 'mae': case 'rmse': case 'r2': return measureRegression(metric, limit, facts);
    case 'subset_accuracy': case 'hamming_loss': case 'micro_f1': case 'macro_f1': case 'mean_iou': case 'mean_dice': case 'pixel_accuracy': case 'average_precision': case 'pro': case 'recall_at_1': case 'recall_at_5': case 'recall_at_10': case 'mean_cosine': case 'map_50': case 'map_50_95': case 'map_small': case 'map_medium': case 'map_large': case 'box_escape_rate': case 'image_escape_rate': case 'image_false_reject_rate': case 'false_alarms_per_image': return measureTask(metric, limit, facts);
    case 'flips': {
      if (!facts.compare) return missing(noCompare);
      const { samples, flips } = facts.compare;
      return samples === 0 ? missing('No sample was compared.') : { value: flips.length / samples, interval: wilson(flips.length, samples, limit.confidence) };
    }
    case 'sqnr_db':
      if (!facts.compare) return missing(noCompare);
      return facts.compare.sqnrDb === null ? { value: Number.POSITIVE_INFINITY, interval: null, why: 'The outputs are equal bit for bit; there is no noise.' } : { value: facts.compare.sqnrDb, interval: null };
    case 'cosine': return point(facts.compare?.cosine, noCompare);
    case 'max_abs_error': return point(facts.compare?.maxAbsError, noCompare);
    case 'latency_p50_ms': return point(bench?.latencyMs.p50, noBench);
    case 'latency_p95_ms': return point(bench?.latencyMs.p95, noBench);
    case 'latency_p99_ms': return point(bench?.latencyMs.p99, noBench);
    case 'latency_p999_ms': return point(bench?.latencyMs.p999, noBench);
    case 'takt_ms': {
      if (!bench) return missing(noBench);
      // Camera and PLC take their share of the takt; the slowest part decides, not the average one.
      const total = bench.latencyMs.p999 + (limit.camera_ms ?? 0) + (limit.plc_ms ?? 0);
      return { value: total, interval: null };
    }
    case 'throughput_per_s': return point(bench?.throughputPerSec, noBench);
    case 'peak_rss_mb': return point(bench ? bench.peakRssBytes / 1e6 : null, noBench);
    case 'memory_estimate_ratio': return point(bench?.memory?.ratio, bench ? 'The benchmark has no estimate of the memory.' : noBench);
    case 'cold_start_ms': return point(facts.bench?.coldStartMs, noBench);
    case 'latency_drift_ms_per_min': return point(facts.bench?.soak?.driftMsPerMin, facts.bench?.soak ? 'The soak was too short for a slope.' : noSoak);
    case 'temperature_slope_c_per_min': return point(facts.bench?.soak?.temperatureSlopeCPerMin, facts.bench?.soak ? 'The system does not tell the temperature.' : noSoak);
    case 'clock_slope_mhz_per_min': return point(facts.bench?.soak?.clockSlopeMHzPerMin, facts.bench?.soak ? 'The system does not tell the clock of the processor.' : noSoak);
    case 'provider_share': {
      if (!facts.bench || facts.bench.providerShares.length === 0) return missing(facts.bench ? 'The runtime gave no profile.' : noBench);
      const wanted = providerName(limit.provider ?? '');
      return { value: facts.bench.providerShares.filter((row) => providerName(row.provider) === wanted).reduce((sum, row) => sum + row.nodeShare, 0), interval: null };
    }
    case 'size_mb': return { value: facts.modelBytes / 1e6, interval: null };
    default: return assertAll(metric);
  }
}
const assertAll = (metric: never): Measured => missing(`The metric ${String(metric)} is not known.`);
/** cpu, CPU and CPUExecutionProvider name the same. */
const providerName = (name: string): string => name.toLowerCase().replace(/executionprovider$/, '');

function measureClasses(metric: ClassFigureMetric | Extract<Metric, 'accuracy' | 'accuracy_drop' | 'escape_rate' | 'false_reject_rate'>, limit: Limit, facts: MeasuredFacts): Measured {
  const { actual, predicted } = facts;
  const n = actual.length;
  if (facts.task !== 'classification' || n === 0) return missing(facts.missing.labels ?? 'The data has no labels.');
  const { positive, confidence } = limit;
  if (positive !== undefined && !facts.classes.includes(positive) && !actual.includes(positive)) return missing(`No class is named "${positive}"; the classes are ${facts.classes.slice(0, 20).join(', ')}.`);
  const count = (test: (label: string, answer: string) => boolean) => actual.reduce((sum, label, sample) => sum + (test(label, predicted[sample] ?? '') ? 1 : 0), 0);
  switch (metric) {
    case 'accuracy': { const right = count((label, answer) => label === answer); return { value: right / n, interval: wilson(right, n, confidence) }; }
    case 'accuracy_drop': {
      const reference = facts.referencePredicted;
      if (!reference) return missing('There is no reference to compare with.');
      let onlyReference = 0, onlyModel = 0;
      actual.forEach((label, sample) => {
        const before = reference[sample] === label, after = predicted[sample] === label;
        if (before && !after) onlyReference++;
        if (after && !before) onlyModel++;
      });
      return { value: (onlyReference - onlyModel) / n, interval: pairedDifference(onlyReference, onlyModel, n, confidence) };
    }
    case 'escape_rate': {
      const defects = count((label) => label === positive);
      if (defects === 0) return missing(`No sample has the label "${positive ?? ''}".`);
      const escaped = count((label, answer) => label === positive && answer !== positive);
      return { value: escaped / defects, interval: exactUpperBound(escaped, defects, confidence) };
    }
    case 'false_reject_rate': {
      const good = count((label) => label !== positive);
      if (good === 0) return missing(`Every sample has the label "${positive ?? ''}".`);
      const rejected = count((label, answer) => label !== positive && answer === positive);
      return { value: rejected / good, interval: exactUpperBound(rejected, good, confidence) };
    }
    case 'precision': case 'recall': {
      if (positive === undefined) return overClasses(metric, limit, facts);
      const hits = count((label, answer) => label === positive && answer === positive);
      const base = count((label, answer) => (metric === 'precision' ? answer : label) === positive);
      return base === 0 ? missing(metric === 'precision' ? `"${positive}" was never predicted.` : `No sample has the label "${positive}".`) : { value: hits / base, interval: wilson(hits, base, confidence) };
    }
    case 'f1': case 'kappa': case 'calibration_error': case 'auroc': case 'auroc_weighted': case 'auroc_one_vs_one': return overClasses(metric, limit, facts);
    default: return assertAll(metric);
  }
}

const unscored = 'The model gives no probability of each class, or there are too many of them to keep.';

/** A figure over the classes, or of one of them, that has no interval of counts. */
function overClasses(metric: ClassFigureMetric, { positive, confidence }: Limit, { classSamples: samples, missing: { labels: why } }: MeasuredFacts): Measured {
  if (!samples) return missing(why ?? 'The data has no labels.');
  const label = positive === undefined ? -1 : samples.labels.indexOf(positive);
  const found = label < 0 ? classFigure(samples, metric, confidence) : metric === 'f1' ? f1Figure(samples, label, confidence) : areaFigure(samples, label, confidence);
  if (found === null) return missing(metric === 'calibration_error' || metric.startsWith('auroc') ? (samples.scores === null && (metric !== 'calibration_error' || samples.stated === null) ? unscored : 'The samples are all of one class.') : 'The samples do not tell it.');
  return judgedOn(metric, found);
}

/** A limit is judged on a bound: a figure without an interval proves nothing. */
function judgedOn(metric: Metric, { value, interval, note = '' }: ClassFigure): Measured {
  return { value, interval, ...(interval === null ? { unproven: `${metricTable[metric].title} is ${digits(value)}, but a limit is judged on the bound of an interval. ${note}`.trim() } : {}) };
}

/** Groups of fewer samples are shown, but prove nothing either way. */
export const leastInGroup = 20;

/** The group whose bound towards the limit is the worst: every group has to keep it, so no correction for their number is due (an intersection-union test). */
function measureWorst({ subgroup, ...limit }: Limit, { groups = [] }: MeasuredFacts): Measured {
  const own = groups.filter(({ column }) => column === subgroup);
  if (own.length === 0) return missing(`The data names no subgroups by "${subgroup ?? ''}".`);
  const judged = own.filter(({ samples }) => samples >= leastInGroup);
  if (judged.length === 0) return missing(`No subgroup by "${subgroup ?? ''}" has ${leastInGroup} samples.`);
  const told = judged.map((group) => ({ group, found: measure(limit, group.facts) }));
  const first = told.find(({ found }) => found.value !== null);
  if (!first) return told[0]?.found ?? missing('It was not measured.');
  // How far the bound lies beyond the limit, on its worse side.
  const excess = ({ value, interval }: Measured) => Math.max(limit.min === undefined ? Number.NEGATIVE_INFINITY : limit.min - (interval?.low ?? value ?? 0), limit.max === undefined ? Number.NEGATIVE_INFINITY : (interval?.high ?? value ?? 0) - limit.max);
  const worst = told.filter(({ found }) => found.value !== null).reduce((most, each) => (excess(each.found) > excess(most.found) || (each.found.unproven !== undefined && most.found.unproven === undefined) ? each : most), first);
  return { ...worst.found, group: `${worst.group.column} = ${worst.group.value}` };
}

function measureDisturbed({ metric, disturbance, severity }: Limit, { robustness = [], missing: why }: MeasuredFacts): Measured {
  if (robustness.length === 0) return missing(why.robustness ?? 'No disturbed samples were run.');
  const curve = robustness.find(({ kind }) => kind === disturbance);
  if (!curve) return missing('The samples of this data are not disturbed in that way.');
  if (curve.notPerformed !== undefined) return missing(curve.notPerformed);
  if (curve.metric !== metric) return missing(`On disturbed samples another figure was followed: ${metricTable[curve.metric].title}.`);
  const at = curve.points.find((each) => each.severity === severity);
  if (!at) return missing('There is no figure at that severity.');
  return judgedOn(metric, at);
}

function measureTask(metric: TaskMetric, limit: Limit, { taskSamples, task, missing: why }: MeasuredFacts): Measured {
  if (!taskSamples) return missing(task === 'none' ? why.labels ?? 'The data has no labels.' : `The task is ${task}.`);
  const found = taskFigures(taskSamples, limit.confidence).find((figure) => figure.metric === metric);
  return found ? judgedOn(metric, found) : missing(`The task ${taskSamples.task} has no ${metric} on this data.`);
}

function measureRegression(metric: 'mae' | 'rmse' | 'r2', limit: Limit, facts: MeasuredFacts): Measured {
  if (facts.task !== 'regression' || facts.actual.length === 0) return missing(facts.task === 'classification' ? 'The task is classification.' : facts.missing.labels ?? 'The data has no labels.');
  const actual = Float64Array.from(facts.actual, Number), predicted = Float64Array.from(facts.predicted, Number);
  const n = actual.length;
  const statistic = (indices: Int32Array): number => regressionMetrics(Float64Array.from(indices, (index) => actual[index] ?? 0), Float64Array.from(indices, (index) => predicted[index] ?? 0))[metric] ?? 0;
  const value = regressionMetrics(actual, predicted)[metric];
  if (value === null) return missing('The labels do not vary.');
  const resamples = Math.max(200, Math.min(2000, Math.floor(20_000_000 / n)));
  return { value, interval: bootstrapBca(n, statistic, { resamples, ...(limit.confidence === undefined ? {} : { confidence: limit.confidence }) }) };
}
