// Limits: what a bad file is told, and how facts are judged.
import { describe, expect, it } from 'vitest';
import { metrics, type Limit } from '#shared/contract/validation';
import { isAppError } from '#shared/errors';
import { classSamplesOf } from '../statistics/classSamples.ts';
import { wilson } from '../statistics/intervals.ts';
import { judgeLimits, overallVerdict, type MeasuredFacts } from './judgeLimits.ts';
import { metricTable } from './metricTable.ts';
import { parseLimits, parseProtocol } from './parseLimits.ts';

function complaint(text: string): string {
  try { parseLimits(text); } catch (error) {
    if (!isAppError(error)) throw error;
    expect(error.code).toBe('BAD_LIMITS');
    return `${error.message} | ${error.hint}`;
  }
  throw new Error('It was accepted.');
}

describe('limits.yaml', () => {
  it('reads the example of the command line page', () => {
    const text = `limits:
  - { id: ACC-1, metric: accuracy, min: 0.97, reason: "URS-12", confidence: 0.95 }
  - { id: ESC-1, metric: escape_rate, positive: defect, max: 0.005 }
  - { id: TAK-1, metric: takt_ms, max: 40, camera_ms: 8, plc_ms: 4 }
  - { id: DEV-1, metric: provider_share, provider: cpu, min: 1.0 }
`;
    expect(parseLimits(text).map(({ id, metric }) => [id, metric])).toEqual([['ACC-1', 'accuracy'], ['ESC-1', 'escape_rate'], ['TAK-1', 'takt_ms'], ['DEV-1', 'provider_share']]);
  });
  it('names the line, the key and what is allowed', () => {
    const file = (line: string) => `limits:\n  - { id: A, metric: flips, max: 0.01 }\n  - ${line}\n`;
    expect(complaint(file('{ id: B, metric: acuracy, min: 0.9 }'))).toMatch(/^limits\.yaml, line 3: limits\[2\]\.metric is "acuracy".*did you mean "accuracy"\? \| Allowed: accuracy, /);
    expect(complaint(file('{ id: B, metric: accuracy, minn: 0.9 }'))).toMatch(/^limits\.yaml, line 3: "minn" is not a key that is known in limits\[2\]; did you mean "min"\? \| Allowed: id, metric, min/);
    expect(complaint(file('{ id: B, metric: accuracy, min: high }'))).toBe('limits.yaml, line 3: limits[2].min is "high", but it must be a number. | The keys and metrics stand in docs/guide.md.');
    expect(complaint(file('{ metric: accuracy, min: 1 }'))).toMatch(/^limits\.yaml, line 3: limits\[2\]\.id is missing\./);
    expect(complaint(file('{ id: B, metric: accuracy, min: 97 }'))).toMatch(/^limits\.yaml, line 3: the limit B has 97, which accuracy cannot reach\. \| accuracy is a share from 0 to 1/);
    expect(complaint(file('{ id: B, metric: escape_rate, max: 0.1 }'))).toMatch(/line 3: the limit B needs positive\. \| Name the class/);
    expect(complaint(file('{ id: B, metric: latency_p99_ms, min: 5 }'))).toMatch(/line 3: the limit B needs max, because latency_p99_ms is better when smaller/);
    expect(complaint(file('{ id: A, metric: accuracy, min: 0.5 }'))).toMatch(/line 3: the limit A is given twice/);
    expect(complaint(file('{ id: B, metric: sqnr_db, min: 3, positive: x }'))).toMatch(/line 3: the limit B has positive, which sqnr_db does not take/);
    expect(complaint(file('{ id: B, metric: accuracy }'))).toMatch(/line 3: the limit B has neither min nor max/);
    expect(complaint('limits:\n  - { id: A\n    metric: [ }\n')).toMatch(/^limits\.yaml, line \d: it is not valid YAML/);
    expect(complaint('limit:\n  - { id: A, metric: flips, max: 1 }\n')).toMatch(/^limits\.yaml, line 1: .*"?limits?"?/);
    expect(complaint('')).toBe('limits.yaml is empty. | The keys and metrics stand in docs/guide.md.');
    expect(complaint('limits: &a [*a]')).toMatch(/aliases|valid YAML/);
  });
  it('knows how to judge every metric of the contract', () => {
    expect(Object.keys(metricTable).sort()).toEqual([...metrics].sort());
  });
});

const facts = (change: Partial<MeasuredFacts> = {}): MeasuredFacts => ({
  task: 'classification', classes: ['good', 'defect'], modelBytes: 2e6, compare: null, bench: null, referencePredicted: null, missing: {},
  actual: [...new Array<string>(700).fill('good'), ...new Array<string>(600).fill('defect')],
  predicted: [...new Array<string>(700).fill('good'), ...new Array<string>(600).fill('defect')], ...change,
});
const judge = (limit: Omit<Limit, 'id'>, change: Partial<MeasuredFacts> = {}) => judgeLimits([{ id: 'L', ...limit }], facts(change))[0]!;

describe('verdicts', () => {
  it('a share passes on the bound of its interval, not on the value', () => {
    const few = { actual: new Array<string>(20).fill('good'), predicted: new Array<string>(20).fill('good') };
    expect(judge({ metric: 'accuracy', min: 0.97 }, few)).toMatchObject({ value: 1, verdict: 'FAIL', reason: expect.stringContaining('more samples would narrow') });
    expect(judge({ metric: 'accuracy', min: 0.97 })).toMatchObject({ value: 1, verdict: 'PASS' });
  });
  it('0 escapes in 600 defects prove less than 0.5 %, one escape does not', () => {
    expect(judge({ metric: 'escape_rate', positive: 'defect', max: 0.005 })).toMatchObject({ value: 0, verdict: 'PASS', interval: { n: 600, method: 'Clopper-Pearson, one-sided' } });
    const predicted = [...facts().predicted];
    predicted[1299] = 'good';
    expect(judge({ metric: 'escape_rate', positive: 'defect', max: 0.005 }, { predicted })).toMatchObject({ value: 1 / 600, verdict: 'FAIL' });
    expect(judge({ metric: 'false_reject_rate', positive: 'defect', max: 0.005 }, { predicted })).toMatchObject({ value: 0, verdict: 'PASS', interval: { n: 700 } });
  });
  it('what was not measured is never a pass, and makes the whole INCOMPLETE', () => {
    const open = judge({ metric: 'latency_p99_ms', max: 5 }, { missing: { bench: 'The benchmark was left out.' } });
    expect(open).toMatchObject({ verdict: 'NOT MEASURED', value: null, reason: 'The benchmark was left out.' });
    expect(judge({ metric: 'escape_rate', positive: 'scratch', max: 0.1 })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'No class is named "scratch"; the classes are good, defect.' });
    expect(judge({ metric: 'mae', max: 1 })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'The task is classification.' });
    expect(overallVerdict([open])).toBe('INCOMPLETE');
    expect(overallVerdict([])).toBe('INCOMPLETE');
    const pass = judge({ metric: 'accuracy', min: 0.9 });
    expect(overallVerdict([pass])).toBe('PASS');
    expect(overallVerdict([pass, open, { ...pass, verdict: 'FAIL' }])).toBe('FAIL');
  });
  it('takt adds camera and PLC to the p99.9 of the model', () => {
    const latencyMs = { p50: 1, p90: 2, p95: 3, p99: 20, p999: 30, max: 31, mean: 2, samples: 5000 };
    const point = { provider: 'cpu', batch: 1, threads: 1, concurrency: 1, latencyMs, throughputPerSec: 100, stable: true, peakRssBytes: 5e8 };
    const bench = { modelSha256: '0'.repeat(64), takenAt: '', machineFingerprint: '', points: [point], best: point, taktVerdict: null, coldStartMs: 80, remarks: [], providerShares: [{ provider: 'CPUExecutionProvider', nodes: 9, nodeShare: 0.9, timeMs: 1, timeShare: 1 }, { provider: 'CUDAExecutionProvider', nodes: 1, nodeShare: 0.1, timeMs: 1, timeShare: 0 }] };
    expect(judge({ metric: 'takt_ms', max: 40, camera_ms: 8, plc_ms: 4 }, { bench })).toMatchObject({ value: 42, verdict: 'FAIL' });
    expect(judge({ metric: 'takt_ms', max: 40, camera_ms: 8 }, { bench })).toMatchObject({ value: 38, verdict: 'PASS' });
    // Slopes of the soak gate as any other limit; without a soak they are not measured.
    expect(judge({ metric: 'latency_drift_ms_per_min', max: 0.1 }, { bench })).toMatchObject({ value: null, verdict: 'NOT MEASURED', reason: expect.stringContaining('--soak') });
    const soaked = { ...bench, soak: { durationS: 60, driftMsPerMin: 0.2, temperatureSlopeCPerMin: 0.05, clockSlopeMHzPerMin: -30, points: [] } };
    expect(judge({ metric: 'latency_drift_ms_per_min', max: 0.1 }, { bench: soaked })).toMatchObject({ value: 0.2, verdict: 'FAIL' });
    expect(judge({ metric: 'temperature_slope_c_per_min', max: 0.1 }, { bench: soaked })).toMatchObject({ value: 0.05, verdict: 'PASS' });
    expect(judge({ metric: 'clock_slope_mhz_per_min', min: -10 }, { bench: soaked })).toMatchObject({ value: -30, verdict: 'FAIL' });
    expect(judge({ metric: 'temperature_slope_c_per_min', max: 0.1 }, { bench: { ...soaked, soak: { ...soaked.soak, temperatureSlopeCPerMin: null } } })).toMatchObject({ verdict: 'NOT MEASURED' });
    expect(judge({ metric: 'provider_share', provider: 'cpu', min: 1 }, { bench })).toMatchObject({ value: 0.9, verdict: 'FAIL' });
    expect(judge({ metric: 'peak_rss_mb', max: 600 }, { bench })).toMatchObject({ value: 500, verdict: 'PASS' });
    const estimated = { ...bench, best: { ...point, memory: { estimatedBytes: 4e8, ratio: 1.25, unknownValues: 0 } } };
    expect(judge({ metric: 'memory_estimate_ratio', max: 1.2 }, { bench: estimated })).toMatchObject({ value: 1.25, verdict: 'FAIL' });
    expect(judge({ metric: 'memory_estimate_ratio', max: 1.2 }, { bench })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'The benchmark has no estimate of the memory.' });
  });
  it('bit-equal outputs pass any noise limit without a made-up number', () => {
    const compare = { samples: 10, flips: [], sqnrDb: null, cosine: 1, maxAbsError: 0, accuracy: null, bitExact: true };
    expect(judge({ metric: 'sqnr_db', min: 30 }, { compare })).toMatchObject({ value: null, verdict: 'PASS', reason: 'The outputs are equal bit for bit; there is no noise.' });
  });
  it('accuracy lost against the reference counts pairs', () => {
    const predicted = [...facts().predicted];
    for (let sample = 0; sample < 26; sample++) predicted[sample] = 'defect';
    const result = judge({ metric: 'accuracy_drop', max: 0.01 }, { predicted, referencePredicted: facts().predicted });
    expect(result).toMatchObject({ value: 0.02, verdict: 'FAIL', interval: { method: 'Agresti-Min, paired' } });
    expect(judge({ metric: 'accuracy_drop', max: 0.01 }, { referencePredicted: facts().predicted }).verdict).toBe('PASS');
  });
  it('F1 over classes has a bootstrapped interval around its value, in reasonable time', () => {
    const actual = Array.from({ length: 10_000 }, (_, index) => `c${index % 40}`);
    const predicted = actual.map((label, index) => (index % 10 === 3 ? 'c0' : label));
    const begun = Date.now();
    const result = judge({ metric: 'f1', min: 0.5 }, { actual, predicted, classes: [] });
    expect(result.interval!.low).toBeLessThan(result.value!);
    expect(result.interval!.high).toBeGreaterThan(result.value!);
    expect(Date.now() - begun).toBeLessThan(5000);
  });
  it('areas, kappa and calibration are judged on their bounds, of one class where one is named', () => {
    const actual = Array.from({ length: 300 }, (_, at) => 'abc'[at % 3]!), scores = actual.map((label, at) => [...'abc'].map((each, place) => (each === label ? 2 : 0) + ((at * 7 + place * 11) % 30) / 8));
    const predicted = scores.map((row) => 'abc'[row.indexOf(Math.max(...row))]!);
    const classSamples = classSamplesOf({ actual, predicted, classes: ['a', 'b', 'c'], scores });
    const told = (limit: Omit<Limit, 'id'>) => judge(limit, { actual, predicted, classes: ['a', 'b', 'c'], classSamples });
    const whole = told({ metric: 'auroc', min: 0.6 });
    expect(whole).toMatchObject({ verdict: 'PASS', interval: { method: expect.stringMatching(/^BCa bootstrap/) as string, n: 300 } });
    expect(told({ metric: 'auroc', min: (whole.value! + whole.interval!.low) / 2 })).toMatchObject({ verdict: 'FAIL', reason: expect.stringContaining('The value itself is within') as string });
    expect(told({ metric: 'auroc', min: 0.6, positive: 'a', confidence: 0.9 })).toMatchObject({ verdict: 'PASS', limit: '≥ 0.6 (class a)', interval: { method: 'DeLong', confidence: 0.9 } });
    for (const metric of ['auroc_weighted', 'auroc_one_vs_one', 'kappa'] as const) expect(told({ metric, min: 0.3 }), metric).toMatchObject({ verdict: 'PASS', interval: { n: 300 } });
    const calibration = told({ metric: 'calibration_error', max: 1 });
    expect(told({ metric: 'calibration_error', max: (calibration.value! + calibration.interval!.high) / 2 }).verdict).toBe('FAIL');
    expect(judge({ metric: 'auroc', min: 0.5 })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'The model gives no probability of each class, or there are too many of them to keep.' });
    expect(judge({ metric: 'auroc', min: 0.5, positive: 'good' }, { task: 'none' })).toMatchObject({ verdict: 'NOT MEASURED' });
    expect(judge({ metric: 'f1', min: 0.97 }, { actual: ['good', 'defect', 'good'], predicted: ['good', 'defect', 'good'] })).toMatchObject({ value: 1, verdict: 'FAIL' });
  });
  it('a limit on disturbed samples is judged on the bound at that severity', () => {
    const curve = { kind: 'noise', unit: '', metric: 'accuracy' as const, points: [{ severity: 5, value: 0.97, samples: 200, interval: wilson(194, 200) }, { severity: 15, value: 0.8, samples: 200, interval: null }], breakPoint: null, breakRule: '' };
    const shift = { ...curve, kind: 'shift', points: [], notPerformed: 'It has no meaning.' };
    const robust = (severity: number, min: number, more: Partial<Limit> = {}) => judge({ metric: 'accuracy', min, disturbance: 'noise', severity, ...more }, { robustness: [curve, shift] });
    expect(robust(5, 0.9)).toMatchObject({ value: 0.97, verdict: 'PASS', limit: '≥ 0.9 (noise of severity 5)', interval: { n: 200 } });
    expect(robust(5, 0.95)).toMatchObject({ verdict: 'FAIL', reason: expect.stringContaining('The value itself is within') as string });
    expect(robust(15, 0.5)).toMatchObject({ value: 0.8, verdict: 'NOT MEASURED' });
    expect(robust(30, 0.5)).toMatchObject({ value: null, verdict: 'NOT MEASURED', reason: 'There is no figure at that severity.' });
    expect(robust(3, 0.5, { disturbance: 'shift' })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'It has no meaning.' });
    expect(robust(5, 0.5, { metric: 'mean_iou' })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'On disturbed samples another figure was followed: Accuracy.' });
    expect(judge({ metric: 'accuracy', min: 0.5, disturbance: 'noise', severity: 5 }, { missing: { robustness: 'They were left out.' } })).toMatchObject({ verdict: 'NOT MEASURED', reason: 'They were left out.' });
  });
  it.each([
    ['metric: accuracy, min: 0.9, severity: 5', 'a severity without a disturbance'], ['metric: accuracy, min: 0.9, disturbance: rain, severity: 5', 'the disturbance "rain"'], ['metric: accuracy, min: 0.9, disturbance: blur', 'needs a severity that blur is run at'],
    ['metric: accuracy, min: 0.9, disturbance: blur, severity: 3', 'needs a severity that blur is run at'], ['metric: flips, max: 0.1, disturbance: blur, severity: 2', 'is on flips'], ['metric: accuracy, min: 0.9, disturbance: blur, severity: 2, confidence: 0.9', 'has confidence'],
  ])('%s is refused', (text, why) => { expect(() => parseLimits(`limits:\n  - { id: A, ${text} }\n`)).toThrow(why); });
  it('boxes on one image prove nothing: there is no interval to judge on', () => {
    const taskSamples = { task: 'detection' as const, labels: ['a'], images: 1, score: 0.5, settings: [], truths: [{ image: 0, category: 0, box: [0, 0, 9, 9] as const }], found: [{ image: 0, category: 0, box: [0, 0, 9, 9] as const, score: 0.9 }] };
    expect(judge({ metric: 'map_50', min: 0.5 }, { task: 'none', taskSamples })).toMatchObject({ value: 1, interval: null, verdict: 'NOT MEASURED', reason: 'Mean average precision, IoU 0.50 is 1, but a limit is judged on the bound of an interval. One sample has no interval.' });
  });
  it('mean absolute error is judged on its upper bound', () => {
    const actual = Array.from({ length: 200 }, (_, index) => String(index));
    const predicted = actual.map((value, index) => String(Number(value) + (index % 2 ? 1 : 0.5)));
    expect(judge({ metric: 'mae', max: 0.76 }, { task: 'regression', actual, predicted })).toMatchObject({ value: 0.75, verdict: 'FAIL' });
    expect(judge({ metric: 'mae', max: 0.9 }, { task: 'regression', actual, predicted }).verdict).toBe('PASS');
  });
});

describe('what is written about the station', () => {
  const limits = 'limits:\n  - { id: ACC-1, metric: accuracy, min: 0.97 }\n';
  it('is read beside the limits, and all of it may be left out', () => {
    expect(parseProtocol(limits).protocol).toEqual({ risks: [] });
    expect(parseProtocol(`${limits}baseline: "by eye"\nrisks:\n  - { id: RSK-1, hazard: h, severity: high, control: c, limits: [ACC-1] }\nvalid_until: 2027-06-30\n`).protocol)
      .toEqual({ baseline: 'by eye', risks: [{ id: 'RSK-1', hazard: 'h', severity: 'high', control: 'c', limits: ['ACC-1'] }], valid_until: '2027-06-30' });
  });
  it('names the line of a key that is not known, and of a risk without its limit', () => {
    expect(complaint(`${limits}intended_use: { task: t, decision_efect: d, input_space: i, exclusions: e }\n`)).toContain('line 3: "decision_efect" is not a key that is known in intended_use; did you mean "decision_effect"?');
    expect(complaint(`${limits}risks:\n  - { id: RSK-1, hazard: h, severity: high, control: c, limits: [ACC-2] }\n`)).toContain('line 4: the risk RSK-1 names the limit ACC-2, which is not in this file.');
  });
});
