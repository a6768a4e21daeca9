// The protocol: limits, sealed data, answers of model and reference, comparison, benchmark, verdict, signed evidence. Resumes at any sample.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { benchOutputSchema, type BenchOutput } from '#shared/contract/benchmarks';
import type { ParsedInputOf } from '#shared/contract/index';
import { describeDecision, type Decision } from '#shared/contract/decision';
import { compareOutputSchema, type CompareOutput } from '#shared/contract/optimize';
import { describeRuntime, type RuntimeUse } from '#shared/contract/runtimeOptions';
import { explainedSchema, explanationsSchema, intervalSchema, type ValidationOutput, validationOutputSchema } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import { judgeLimits, overallVerdict, type MeasuredFacts } from '#core/limits/judgeLimits';
import { subgroupFacts, subgroupFigures } from '#core/limits/subgroupFacts';
import type { SectionId } from '#core/report/sections';
import { plainDetector } from '#core/datasets/detectorSpec';
import type { ThresholdRule } from '#core/statistics/decision';
import { decisionOf } from '#core/statistics/decisionOf';
import { accuracyResult } from '#core/statistics/accuracyResult';
import { classSamplesOf } from '#core/statistics/classSamples';
import { taskResult } from '#core/statistics/taskFigures';
import { regressionMetrics } from '#core/statistics/regression';
import { benchModel } from '../benchmarks/benchModel.ts';
import type { JudgedModel } from '../datasets/calibrations.ts';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openDocket } from '../court/openDocket.ts';
import { openDataset } from '../datasets/openDataset.ts';
import { openForUse } from '../datasets/sealDataset.ts';
import { subsetReader } from '../datasets/subsetReader.ts';
import { deviationsOf, withDeviations } from '../deviations/deviationRecords.ts';
import { checkEvidenceTarget, makeEvidence } from '../evidence/makeEvidence.ts';
import { inspectMachine } from '../machine/inspectMachine.ts';
import { modelRecords } from '../models/modelRecords.ts';
import { recordSelfTests } from '../qualification/recordSelfTests.ts';
import { watchPeers, type PeerWatch } from '../qualification/watchPeers.ts';
import { selfTests } from '../qualification/selfTests.ts';
import { receiptBeside } from '../quantize/receipt.ts';
import type { JobContext, Services } from '../Services.ts';
import { runtimeFor } from '../stations/servedRuntime.ts';
import { changeStation, findStation, listStations } from '../stations/stationRecords.ts';
import { actorOf } from '../stations/actor.ts';
import { buildReceipt } from './buildReceipt.ts';
import { carryOver } from './carryOver.ts';
import { compareModels } from './compareModels.ts';
import { limitsForRun } from './lockLimits.ts';
import { measureRepeatability } from './measureRepeatability.ts';
import { drawClassIntervals, drawGroupIntervals, drawIntervals } from './drawIntervals.ts';
import { explainModel } from './explainModel.ts';
import { measureTask } from './measureTask.ts';
import { measureRobustness } from './measureRobustness.ts';
import type { RobustnessRun, RobustnessState } from './RobustnessRun.ts';
import { noPredictions, predictSamples, type PredictedModel, type Predictions } from './predictSamples.ts';
import { prepareModel, type PreparedModel } from './prepareModel.ts';

export type ValidationInput = ParsedInputOf<'validation.run'>;

export const validationRecords = (services: Pick<Services, 'store'>) => services.store.collection('validations', validationOutputSchema);

const answerSchema = z.object({ predicted: z.string(), score: z.number().nullable(), scores: z.array(z.number()).optional() });
const predictionsSchema = z.object({ done: z.number(), answers: z.array(z.array(answerSchema)) });
const stateSchema = z.object({
  id: z.string(), startedAt: z.string(),
  predictions: predictionsSchema.nullable(),
  compare: compareOutputSchema.nullable(), compareState: z.unknown(), bench: benchOutputSchema.nullable(), benchState: z.unknown(),
  explained: z.object({ explained: explainedSchema.nullable(), reason: z.string().nullable() }).nullable().default(null),
  robustness: predictionsSchema.nullable().default(null), robustnessPoints: z.array(z.object({ value: z.number(), interval: intervalSchema.nullable() }).nullable()).default([]),
  /** That each section of the report took so far. */
  seconds: z.record(z.string(), z.number()).default({}),
});
type State = z.infer<typeof stateSchema>;
type SetModel = PreparedModel & { readonly runtime: RuntimeUse };

/** Seconds of the one benchmark point; long enough for a p99.9 of a fast model. */
const benchSeconds = 5;

/**
 * Validates a model. Without limits locked before its start a run is exploratory. Throws BAD_LIMITS, BAD_DATA, BAD_MODEL, NOT_FOUND,
 * ALREADY_EXISTS before anything is measured; a failed limit is a verdict, not an error.
 */
export async function validateModel(services: Services, input: ValidationInput, context: JobContext): Promise<ValidationOutput> {
  const peers = watchPeers(services);
  try {
    return await followProtocol(services, input, context, peers);
  } finally { peers.stop(); }
}

async function followProtocol(services: Services, input: ValidationInput, context: JobContext, peers: PeerWatch): Promise<ValidationOutput> {
  const resumed = stateSchema.safeParse(context.resumeState);
  const state: State = resumed.success ? resumed.data : { id: randomUUID(), startedAt: new Date(services.clock()).toISOString(), predictions: null, compare: null, compareState: null, bench: null, benchState: null, explained: null, robustness: null, robustnessPoints: [], seconds: {} };
  const log: { at: string; line: string }[] = [];
  const note = (line: string) => { log.push({ at: new Date(services.clock()).toISOString(), line }); context.log(line); };
  const timed = async <T>(section: SectionId, work: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    try { return await work(); } finally { state.seconds[section] = (state.seconds[section] ?? 0) + (performance.now() - begun) / 1000; }
  };
  const limits = await limitsForRun(services, input);
  const exploratory = limits.locked === null || limits.locked.lockedAt > state.startedAt;
  if (exploratory) note(limits.limits.length === 0 ? 'There are no limits: the run is exploratory.' : 'The limits were not locked before the run: the run is exploratory.');
  await checkEvidenceTarget({ outputDir: input.outputDir, force: input.force });

  context.progress({ stage: 'Open model and data', done: 0, total: 0 });
  const prepared = await prepareModel(services, input.model, 'model', context);
  const runtime = await runtimeFor(services, { station: input.station, modelSha256: prepared.sha256, wish: input.runtime });
  note(`The runtime is set as ${{ station: `${runtime.station ?? 'the station'} serves`, default: 'the serving runtime would set it here', given: 'it was asked for' }[runtime.origin]}: ${describeRuntime(runtime)}.`);
  if (runtime.note !== null) note(runtime.note);
  const model: SetModel = { ...prepared, runtime };
  const reference: SetModel | null = input.reference === undefined ? null : { ...await prepareModel(services, input.reference, 'reference', context), runtime };
  const opened = await openDataset(services, input.data, { inputs: model.inputs });
  try {
    const use = await openForUse(services, input.data, opened, { by: actorOf(services), reason: `${resumed.success ? 'Resumed validation' : 'Validation'} of ${model.name}`, model: await judgedModel(services, model) }, context.signal);
    const indices = chooseIndices(opened.length, input.samples);
    const reader = indices.length === opened.length ? opened : { ...subsetReader(opened, indices), path: opened.path, yaml: opened.yaml, found: opened.found };
    const classes = classesFor(model, reader).classes;
    const decision = decisionOf({ task: opened.task, classes, given: input.threshold, station: input.station === undefined ? null : stationNamed(services, input.station)?.threshold, detector: opened.yaml?.detector, positive: limits.limits.find((limit) => limit.positive !== undefined)?.positive });
    if (decision !== null) note(`Decided by: ${describeDecision(decision)}.`);
    const rule = ruleOf(decision, classes);
    const detector = opened.task === 'detection' ? { ...(opened.yaml?.detector ?? plainDetector), score: decision?.threshold ?? plainDetector.score } : opened.yaml?.detector;
    const machine = await inspectMachine(services, { remember: false });
    context.signal.throwIfAborted();

    const carried = input.rerun === undefined ? null : await carryOver(services, input.rerun, { modelSha256: model.sha256, referenceSha256: reference?.sha256 ?? null, manifestSha256: use.manifest.sha256, names: reader.names, runtime, decision });
    if (carried) {
      state.predictions ??= carried.predictions;
      state.compare ??= carried.compare;
      state.bench ??= carried.bench;
      note(carried.note);
    }
    const judged = opened.task === 'classification' || opened.task === 'regression';
    const predictions = judged && reader.labels !== null ? await timed('accuracy', () => predict(services, [model, ...(reference ? [reference] : [])], reader, rule, state, context)) : null;
    const samples = judged ? null : await timed('accuracy', () => measureTask(services, model, reference, reader, classes, context, detector, decision?.threshold ?? null));
    if (samples) await timed('accuracy', () => drawIntervals(samples, context));
    if (!judged && samples === null) note(`The data has no labels that a ${opened.task} is judged by.`);
    if (reference && !state.compare) {
      note(`Comparing with ${reference.name} on ${reader.length} samples.`);
      const step = { ...context, resumeState: state.compareState, checkpoint: (compareState: unknown) => { state.compareState = compareState; context.checkpoint(state); } };
      state.compare = await timed('parity', () => compareModels(services, { aPath: reference.path, bPath: model.path, reader, runtime, rule, classes }, step));
      state.compareState = null;
      context.checkpoint(state);
    }
    if (!state.bench) {
      const takt = limits.limits.find((limit) => limit.metric === 'takt_ms');
      const step = { ...context, resumeState: state.benchState, checkpoint: (benchState: unknown) => { state.benchState = benchState; context.checkpoint(state); } };
      state.bench = await timed('performance', () => benchModel(services, {
        path: model.path, modelSha256: model.sha256, machineFingerprint: machine.fingerprint, reader, runtime, batch: [runtime.batch], concurrency: [1], durationS: benchSeconds, soakS: input.soakS ?? 0,
        cameraMs: takt?.camera_ms ?? 0, plcMs: takt?.plc_ms ?? 0, ...(takt?.max === undefined ? {} : { taktMs: takt.max }),
      }, step));
      state.benchState = null;
      context.checkpoint(state);
    }
    context.signal.throwIfAborted();
    const whole: MeasuredFacts = { ...factsOf(model, reference, reader, predictions, state.compare, state.bench), taskSamples: samples };
    const groups = subgroupFacts(whole, reader.subgroups, labelledOf(reader));
    const facts: MeasuredFacts = { ...whole, groups };
    await timed('accuracy', async () => { if (facts.classSamples) await drawClassIntervals(facts.classSamples, context); await drawGroupIntervals(groups, context); });
    const accuracy = facts.task === 'classification' ? accuracyResult(facts.actual, facts.predicted, facts.classes, facts.classSamples ?? null) : null;
    const repeatability = carried?.repeatability ?? await timed('parity', () => measureRepeatability(services, model, reader, input.repeat, context));
    const tests = carried?.selfTests ?? recordSelfTests(services, { id: state.id, model: model.name }, await timed('oq', async () => selfTests(services, { path: model.path, feeds: (await reader.read(0)).feeds, fetches: model.fetches }, context)));
    const robustness = carried?.robustness ?? (input.robustness ? await timed('robustness', () => disturb(services, model, reader, { limits: limits.limits, answers: predictions?.answers[0] ?? null, samples, detector }, rule, state, context)) : { curves: [], reason: 'The runs on disturbed samples were left out on request.' });
    if (!state.explained) {
      state.explained = carried?.explained ?? await timed('explanations', () => explainModel(services, predictedBy(model, reader, rule), reader, { asked: input.explain, answers: predictions?.answers[0] ?? null, latencyMs: state.bench?.best?.latencyMs.p50 ?? 0 }, context));
      context.checkpoint(state);
    }
    const results = judgeLimits(limits.limits, { ...facts, robustness: robustness.curves, missing: { ...facts.missing, ...(robustness.reason === null ? {} : { robustness: robustness.reason }) } });
    const records = validationRecords(services);
    const earlier = records.list().filter((record) => record.modelSha256 === model.sha256 && record.limitsSha256 === limits.sha256 && record.id !== state.id).reverse();
    const verdict = withDeviations(overallVerdict(results), deviationsOf(services, { validationIds: earlier.map(({ id }) => id), station: input.station ?? null }));
    const output: ValidationOutput = {
      id: state.id, takenAt: new Date(services.clock()).toISOString(), verdict, exploratory, attempt: earlier.length + 1, limits: results, runtime, decision,
      modelSha256: model.sha256, referenceSha256: reference?.sha256 ?? null, manifestSha256: use.manifest.sha256, limitsSha256: limits.sha256, limitsLockedAt: limits.locked?.lockedAt ?? null, machineFingerprint: machine.fingerprint,
      accuracy,
      referenceAccuracy: facts.task === 'classification' && facts.referencePredicted ? accuracyResult(facts.actual, facts.referencePredicted, facts.classes) : null,
      regression: facts.task === 'regression' && facts.actual.length > 0 ? regressionMetrics(facts.actual.map(Number), facts.predicted.map(Number)) : null,
      compare: state.compare, bench: state.bench, robustness: robustness.curves, repeatability, selfTests: tests, report: null, data: input.data, taskResult: samples === null ? null : taskResult(samples), explanations: state.explained.explained && explanationsSchema.parse(state.explained.explained), // without the pictures
      subgroups: subgroupFigures(groups, limits.limits.find((limit) => limit.positive !== undefined)?.positive ?? null),
    };
    const receipt = await buildReceipt(services, { output, startedAt: state.startedAt, sectionSeconds: state.seconds, station: input.station ?? null, model, reference, data: opened, reader, use, limits, facts, predictions, machine, earlier, log, carried: carried?.note ?? null, attachments: carried?.attachments ?? [], reason: input.reason ?? null, noRobustness: robustness.reason, explained: state.explained, egress: peers.told(), signal: context.signal, print: { ...carried?.print, ...(input.template === undefined ? {} : { template: input.template }), ...(input.language === undefined ? {} : { language: input.language }), ...(input.paper === undefined ? {} : { paper: input.paper }) } });
    const { paths, record: evidence } = await makeEvidence(services, receipt, { outputDir: input.outputDir, force: input.force, attached: carried?.attached }, context);
    const finished: ValidationOutput = { ...output, report: paths };
    records.put(finished);
    const station = input.rerun === undefined || input.station === undefined ? null : findStation(services, input.station);
    if (station && station.evidenceId === input.rerun?.evidenceId) changeStation(services, station.id, { evidenceId: evidence.id, verdict });
    if (state.compare && state.compare.flips.length > 0) await openDocket(services, { id: finished.id, title: receipt.title, source: 'validation', data: input.data, manifestSha256: use.manifest.sha256, compare: state.compare });
    services.store.audit.append({ actor: actorOf(services), action: 'validation.run', subject: model.name, detail: { id: finished.id, verdict, exploratory, attempt: finished.attempt, modelSha256: model.sha256, manifestSha256: use.manifest.sha256, limitsSha256: limits.sha256, ...(input.rerun === undefined ? {} : { rerun: input.rerun }), ...(input.reason === undefined ? {} : { reason: input.reason }) } });
    return finished;
  } finally { await opened.close(); }
}

/** What the model was made of: its registry entry knows the file as it came, and the model that it was made from. */
async function judgedModel(services: Services, model: PreparedModel): Promise<JudgedModel> {
  const record = model.id === null ? null : modelRecords(services).get(model.id);
  const receipt = await receiptBeside(model.sourcePath, model.sha256);
  const tuned = receipt !== null && receipt.calibration.samples > 0 ? receipt.calibration.set : null;
  const sha256s = [model.sha256, record?.sourceSha256, record?.derivedFrom?.sha256, receipt?.result.inputSha256].filter((sha256) => sha256 !== undefined);
  return { name: model.name, sha256s, calibration: tuned };
}

/** All, or so many spread evenly over the set, so that sorted classes are all met. */
function chooseIndices(length: number, samples: number | undefined): number[] {
  const count = Math.min(length, samples ?? length);
  return Array.from({ length: count }, (_, at) => Math.floor((at * length) / count));
}

/** For what asks the models; null where the largest score decides. */
function ruleOf(decision: Decision | null, classes: readonly string[]): ThresholdRule | null {
  if (decision?.task !== 'classification' || decision.threshold === null || decision.positive === null) return null;
  return { index: classes.indexOf(decision.positive), threshold: decision.threshold };
}

const stationNamed = (services: Services, name: string) => findStation(services, name) ?? listStations(services).find(({ id }) => id === name) ?? null;

export function classesFor(model: PreparedModel, reader: DatasetReader): { classes: readonly string[]; fromModel: boolean } {
  return model.labels ? { classes: model.labels, fromModel: true } : { classes: reader.classes, fromModel: false };
}

async function predict(services: Services, models: readonly SetModel[], reader: DatasetReader, rule: ThresholdRule | null, state: State, context: JobContext): Promise<Predictions> {
  const save = (predictions: Predictions) => {
    state.predictions = plain(predictions);
    context.checkpoint(state);
  };
  const tasks = models.map((model, at) => predictedBy(model, reader, rule, at === 0));
  return predictSamples(services, tasks, reader, Array.from({ length: reader.length }, (_, index) => index), state.predictions ?? noPredictions(models.length), save, context);
}

/** Scores of all classes that are kept of a run, so that a set of many classes does not fill memory and report. */
const mostScores = 1_000_000;

function predictedBy(model: SetModel, reader: DatasetReader, rule: ThresholdRule | null, isJudged = false): PredictedModel {
  const names = classesFor(model, reader);
  return { path: model.path, runtime: model.runtime, batches: model.batches, fetches: model.fetches, answers: { task: reader.task, ...names, rule, ...(isJudged && reader.length * names.classes.length <= mostScores ? { keepScores: true } : {}) } };
}

function disturb(services: Services, model: SetModel, reader: DatasetReader, run: Omit<RobustnessRun, 'state' | 'save'>, rule: ThresholdRule | null, state: State, context: JobContext) {
  const save = ({ predictions, points }: RobustnessState) => { state.robustness = plain(predictions); state.robustnessPoints = [...points]; context.checkpoint(state); };
  return measureRobustness(services, predictedBy(model, reader, rule), reader, { ...run, state: { predictions: state.robustness ?? noPredictions(1), points: state.robustnessPoints }, save }, context);
}

const plain = ({ done, answers }: Predictions) => ({ done, answers: answers.map((list) => [...list]) });

/** Places of the samples that have a label. */
const labelledOf = (reader: DatasetReader): number[] => reader.labels?.flatMap((label, index) => (label === null || label === '' ? [] : [index])) ?? [];

function factsOf(model: PreparedModel, reference: PreparedModel | null, reader: DatasetReader, predictions: Predictions | null, compare: CompareOutput | null, bench: BenchOutput | null): MeasuredFacts {
  const labelled = labelledOf(reader);
  const pick = (answers: readonly { readonly predicted: string }[] | undefined) => (answers ? labelled.map((index) => answers[index]?.predicted ?? '') : null);
  const task = predictions === null ? 'none' as const : reader.task === 'regression' ? 'regression' as const : 'classification' as const;
  const actual = predictions ? labelled.map((index) => reader.labels?.[index] ?? '') : [];
  const { classes } = classesFor(model, reader);
  if (task === 'classification' && actual.length > 0 && !actual.some((label) => classes.includes(label))) {
    throw new AppError('BAD_DATA', `No label of the data (${[...new Set(actual)].slice(0, 5).join(', ')}) is a class of the model (${classes.slice(0, 5).join(', ')}).`, { hint: 'List the class names in the order of the model\'s outputs as `labels` in dataset.yaml.' });
  }
  const predicted = pick(predictions?.answers[0]) ?? [];
  const judged = labelled.map((index) => predictions?.answers[0]?.[index]), scores = judged.flatMap((answer) => (answer?.scores ? [answer.scores] : []));
  return {
    task, actual, predicted, classSamples: task === 'classification' && actual.length > 0 ? classSamplesOf({ actual, predicted, classes, scores: scores.length === actual.length ? scores : null, stated: judged.map((answer) => answer?.score ?? null) }) : null,
    referencePredicted: reference ? pick(predictions?.answers[1]) : null,
    classes, compare, bench, modelBytes: model.summary.sizeBytes,
    missing: { labels: reader.labels === null ? 'The data has no labels.' : `The task ${reader.task} is judged by figures of its own.`, ...(reference ? {} : { compare: 'No reference model was given to compare with.' }) },
  };
}
