// Gathers the facts of a finished run into the receipt that reports are made from.
import { basename } from 'node:path';
import { settingsSchema } from '#shared/contract/app';
import type { AuditEntry } from '#shared/contract/evidence';
import type { MachineReport } from '#shared/contract/machine';
import { modelRecordSchema } from '#shared/contract/models';
import { stationRecordSchema } from '#shared/contract/stations';
import type { Protocol, ReportLanguage, ReportPaper, ReportTemplate, ValidationOutput } from '#shared/contract/validation';
import { statedIn } from '#core/datasets/datasetYaml';
import { parseProtocol } from '#core/limits/parseLimits';
import type { MeasuredFacts } from '#core/limits/judgeLimits';
import { clockJumpWithin } from '#core/report/clockJumpWithin';
import type { Egress } from '#core/report/security';
import type { ModelIdentity, ValidationReceipt, ValidationReceiptInput } from '#core/report/receipt';
import { mcnemarExact } from '#core/statistics/classification';
import type { Answer } from '#core/statistics/answers';
import { thresholdOn } from '#core/statistics/thresholdOn';
import { costDial } from '#core/statistics/costDial';
import { nearThreshold } from '#core/statistics/decisionErrors';
import { rocCurves, rocOfClass } from '#core/statistics/rocCurves';
import { positiveScores, type PositiveScores } from '#core/statistics/positiveScores';
import { hiddenFindings } from '../datasets/checkDataset.ts';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import type { OpenedDataset } from '../datasets/openDataset.ts';
import type { OpenedForUse } from '../datasets/sealDataset.ts';
import { runtimeVersion } from '../machine/runtimeVersion.ts';
import { diffModelFiles } from '../models/diffModelFiles.ts';
import { followedReport } from '../evidence/followedReport.ts';
import { reportedDeviations } from '../deviations/reportedDeviations.ts';
import { installationFacts } from '../qualification/installationFacts.ts';
import { installedFiles } from '../qualification/installedFiles.ts';
import { receiptBeside } from '../quantize/receipt.ts';
import { securityFacts } from '../qualification/securityFacts.ts';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import type { ExplainedRun } from './explainModel.ts';
import type { LimitsInUse } from './lockLimits.ts';
import type { Predictions } from './predictSamples.ts';
import type { PreparedModel } from './prepareModel.ts';

export interface RunFacts {
  readonly output: ValidationOutput;
  readonly startedAt: string;
  /** By section of the report. */
  readonly sectionSeconds: Readonly<Record<string, number>>;
  readonly station: string | null;
  readonly model: PreparedModel;
  readonly reference: PreparedModel | null;
  readonly data: OpenedDataset;
  readonly reader: DatasetReader;
  readonly use: OpenedForUse;
  readonly limits: LimitsInUse;
  readonly facts: MeasuredFacts;
  readonly predictions: Predictions | null;
  readonly machine: MachineReport;
  readonly earlier: readonly ValidationOutput[];
  readonly log: readonly { at: string; line: string }[];
  /** What was not run again but taken from an earlier report; null where all was run. */
  readonly carried: string | null;
  /** Files that people put to the report whose sections were carried over. */
  readonly attachments: ValidationReceipt['attachments'];
  /** Why it was run again, in the words of a person; null where none were given. */
  readonly reason: string | null;
  /** Why nothing was disturbed; null where it was. */
  readonly noRobustness: string | null;
  readonly explained: ExplainedRun;
  /** Connections beyond this machine that were seen meanwhile; null where the system does not tell. */
  readonly egress: Egress | null;
  readonly signal: AbortSignal;
  /** Template, language and paper of the report. */
  readonly print: { readonly template?: ReportTemplate; readonly language?: ReportLanguage; readonly paper?: ReportPaper };
}

export async function buildReceipt(services: Services, run: RunFacts): Promise<ValidationReceiptInput> {
  const { output, model, reference, reader, facts, limits } = run;
  const settings = services.store.value('settings', settingsSchema).get();
  const station = run.station === null ? null : services.store.collection('stations', stationRecordSchema).list().find((record) => record.id === run.station || record.name === run.station) ?? null;
  const attempts = [...run.earlier, output].map(({ id, takenAt, verdict, exploratory }) => ({ id, takenAt, verdict, exploratory }));
  const transformation = await transformationOf(services, model, reference);
  const { protocol } = limits.text === '' ? { protocol: noProtocol } : parseProtocol(limits.text);
  return {
    ...run.print,
    id: output.id, title: `Validation of ${model.name}${run.station === null ? '' : ` for ${station?.name ?? run.station}`}`, takenAt: output.takenAt, startedAt: run.startedAt, sectionSeconds: run.sectionSeconds,
    productVersion: services.version, runtimeVersion: runtimeVersion(), site: settings?.site ?? '',
    station: run.station === null ? null : { id: station?.id ?? null, name: station?.name ?? run.station, line: station?.line ?? '', description: station?.description ?? '' },
    author: { name: actorOf(services), role: 'Engineer' },
    verdict: output.verdict, exploratory: output.exploratory, attempt: output.attempt, attempts,
    lockedLimits: limits.locked, givenLimits: limits.locked === null ? [...limits.limits] : [], limits: output.limits, ...writtenBy(protocol),
    model: identityOf(services, model), reference: reference ? identityOf(services, reference) : null,
    transformation,
    data: await dataIdentity(run), machine: run.machine, installedFiles: await installedFiles(services.programDir) ?? [], ...installationFacts(services, station?.id ?? null),
    runtime: output.runtime, decision: output.decision,
    security: await securityFacts(services, { stationId: station?.id ?? null, egress: run.egress, signal: run.signal }),
    accuracy: output.accuracy, referenceAccuracy: output.referenceAccuracy, regression: output.regression,
    taskResult: output.taskResult, costDial: costsOf(run, protocol), rates: ratesOf(run), subgroups: output.subgroups, ...curvesOf(run),
    compare: output.compare, bench: output.bench, soak: output.bench?.soak ?? null, robustness: output.robustness, repeatability: output.repeatability, selfTests: output.selfTests, explained: run.explained.explained,
    samples: run.predictions ? reader.names.map((name, index) => ({
      sample: name, label: reader.labels?.[index] ?? null, predicted: run.predictions?.answers[0]?.[index]?.predicted ?? null,
      score: run.predictions?.answers[0]?.[index]?.score ?? null, referencePredicted: run.predictions?.answers[1]?.[index]?.predicted ?? null, ...scoresKept(run.predictions?.answers[0]?.[index]),
    })) : [],
    deviations: reportedDeviations(services, [...run.earlier.map(({ id }) => id), output.id], station?.name ?? run.station), ...followed(services, run, station?.name ?? run.station),
    attachments: [...run.attachments], log: [...run.log], audit: auditExtract(services, run),
    remarks: [
      ...(run.carried === null ? [] : [run.carried]),
      ...(run.use.seal ? [] : ['The test data was not sealed before this run.']),
      ...(reader.length < run.data.length ? [`${reader.length} of ${run.data.length} samples were used, spread evenly over the set.`] : []),
      ...output.selfTests.filter(({ status }) => status === 'fail').map(({ id, title, actual }) => `The self-test ${id} (${title}) failed: ${actual}`),
      ...(facts.task === 'none' && !output.taskResult ? [facts.missing.labels ?? ''] : []),
    ].filter((remark) => remark !== ''),
    notPerformed: {
      ...(output.accuracy || output.regression || output.taskResult ? {} : { accuracy: facts.missing.labels ?? 'The data has no labels.' }),
      ...(run.noRobustness === null ? {} : { robustness: run.noRobustness }), ...(run.explained.reason === null ? {} : { explanations: run.explained.reason }),
      ...(reference ? {} : { parity: 'No reference model was given to compare with.' }),
      ...(transformation ? {} : { transformation: reference ? 'No receipt of the optimisation lies beside the model.' : 'The model is judged as it came.' }),
    },
  };
}

const scoresKept = (answer: Answer | undefined): { scores?: number[] } => (answer?.scores === undefined ? {} : { scores: answer.scores });

/** The newest entries, and each jump of the clock while it ran, however many entries came after. */
function auditExtract(services: Services, { startedAt, output }: RunFacts): AuditEntry[] {
  const newest = services.store.audit.list(50).entries;
  const oldest = newest.at(-1)?.seq ?? 0;
  return [...newest, ...[...services.store.audit.all()].filter((entry) => entry.seq < oldest && clockJumpWithin(entry, startedAt, output.takenAt) !== null).reverse()];
}

/** What report this one follows: for a station its newest, else that of the last attempt. */
function followed(services: Services, run: RunFacts, station: string | null): Pick<ValidationReceiptInput, 'revision' | 'supersedes'> {
  const { output, earlier } = run;
  const old = followedReport(services, { station, validationIds: earlier.map(({ id }) => id) });
  return old === null ? {} : { revision: old.revision + 1, supersedes: { id: old.record.validationId ?? old.record.id, reportSha256: old.record.reportSha256, reason: `${run.carried ?? `Validated again: attempt ${output.attempt} with these limits and this model.`}${run.reason === null ? '' : ` Reason: ${run.reason}`}` } };
}

const noProtocol: Protocol = { risks: [] };

/** What a person wrote beside the limits, in the words of the report. */
function writtenBy({ intended_use: use, system, risks, baseline, operation, valid_until: validUntil }: Protocol): Pick<ValidationReceiptInput, 'intendedUse' | 'system' | 'risks' | 'baseline' | 'operationPlan' | 'validUntil'> {
  return {
    intendedUse: use ? { task: use.task, decisionEffect: use.decision_effect, inputSpace: use.input_space, exclusions: use.exclusions } : null,
    system: system ? { interfaces: system.interfaces, dataFlow: system.data_flow } : null,
    risks: risks.map(({ limits: limitIds, ...risk }) => ({ ...risk, limitIds })),
    baseline: baseline ?? null, operationPlan: operation ?? null, validUntil: validUntil === undefined ? null : `${validUntil}T23:59:59Z`,
  };
}

function identityOf(services: Services, model: PreparedModel): ModelIdentity {
  const record = model.id === null ? null : services.store.collection('models', modelRecordSchema).get(model.id);
  return {
    name: model.name, version: record?.version ?? null, summary: model.summary, labels: model.labels ? [...model.labels] : null, changes: [...record?.changes ?? [], ...model.changes],
    sourceSha256: record?.sourceSha256 ?? model.sha256, origin: record?.derivedFrom ? `Made from ${record.derivedFrom.sha256} by ${record.derivedFrom.recipe}` : basename(model.sourcePath), licence: record?.licence ?? null,
  };
}

/** From the receipt that the quantizer leaves beside its output, where it belongs to this very file and was made from this very reference. */
async function transformationOf(services: Services, model: PreparedModel, reference: PreparedModel | null): Promise<NonNullable<ValidationReceiptInput['transformation']> | null> {
  const beside = await receiptBeside(model.sourcePath, model.sha256);
  if (beside === null) return null;
  const { result, settings, calibration, changes, madeAt, millwright } = beside;
  return {
    receipt: result,
    calibration: calibration.set && calibration.samples > 0 ? { ...calibration.set, samplesUsed: calibration.samples } : null,
    diff: reference?.sha256 === result.inputSha256 ? await diffModelFiles(services, { path: reference.sourcePath }, { path: model.sourcePath }) : null,
    settings: {
      ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') || 'none' : String(value)])),
      'calibration samples': String(calibration.samples), 'judged samples': `${calibration.judged}${calibration.heldOut ? ', held out of the calibration' : ''}`,
      'made at': madeAt, 'made with': `Millwright ${millwright}`, ...(changes.length > 0 ? { 'changes before': changes.join(' ') } : {}),
    },
  };
}

async function dataIdentity({ data, reader, use }: RunFacts): Promise<ValidationReceiptInput['data']> {
  const counts = new Map<string, number>(reader.task === 'regression' ? [] : reader.classes.map((name) => [name, 0]));
  if (reader.task !== 'regression') for (const label of reader.labels ?? []) if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  // Boxes and masks are counted over the whole set; a registered set was counted when it was added.
  const told = use.record ? undefined : await data.labelCounts?.();
  const check = use.record?.check ?? { layout: data.layout, task: data.task, samples: data.length, labelled: data.labelKind !== null, labelKind: data.labelKind, classes: told ? [...told.counts] : [...counts].map(([name, count]) => ({ name, count })), columns: [], findings: [...(told?.findings ?? []), ...hiddenFindings(data.found)] };
  const counted = reader.subgroups.map(({ column, values }) => {
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return { column, values: [...counts].map(([value, count]) => ({ value, count })) };
  });
  return {
    name: use.name, purpose: use.record?.purpose ?? 'test', check, seal: use.seal, manifestSha256: use.manifest.sha256, samplesUsed: reader.length,
    source: data.yaml?.source ?? null, ...statedText(data), preprocess: data.yaml?.preprocess ? JSON.stringify(data.yaml.preprocess) : null,
    openings: [...use.openings], calibratedOn: [...use.calibratedOn], overlaps: use.overlaps.map(({ record, samples }) => ({ name: record.name, samples: samples.length })), overlapChecked: use.overlapChecked,
    subgroups: counted,
  };
}

/** What dataset.yaml states, in the words of who wrote it. */
function statedText({ yaml }: OpenedDataset): Pick<ValidationReceiptInput['data'], 'collected' | 'labelling' | 'labelAgreement' | 'exclusions'> {
  const { collected, labelling, exclusions } = (yaml && statedIn(yaml)) ?? {};
  return {
    collected: collected ? `${collected.from} – ${collected.to}` : null, labelling: labelling ? `${labelling.who}: ${labelling.how}` : null, labelAgreement: labelling?.agreement ?? null,
    exclusions: exclusions?.map(({ what, why }) => `${what}: ${why}`).join('; ') ?? null,
  };
}

function ratesOf(run: RunFacts): NonNullable<ValidationReceiptInput['rates']> {
  const { output, facts } = run;
  const { accuracy } = output;
  if (!accuracy) return [];
  const rates: NonNullable<ValidationReceiptInput['rates']> = [];
  const reference = facts.referencePredicted;
  if (reference) {
    let onlyReference = 0, onlyModel = 0;
    facts.actual.forEach((label, index) => {
      const before = reference[index] === label, after = facts.predicted[index] === label;
      if (before && !after) onlyReference++;
      if (after && !before) onlyModel++;
    });
    rates.push({ name: 'McNemar p, exact, against the reference', value: mcnemarExact(onlyReference, onlyModel), note: `Right in the reference alone: ${onlyReference}; right in the model alone: ${onlyModel}.` });
  }
  return rates;
}

/** For two classes; null where the scores are no probabilities. */
function scoresOf({ facts, reader, predictions }: RunFacts, positive: string): PositiveScores | null {
  if (facts.task !== 'classification' || facts.classes.length !== 2 || !predictions) return null;
  return positiveScores((reader.labels ?? []).map((label, index) => ({ label, predicted: predictions.answers[0]?.[index]?.predicted ?? null, score: predictions.answers[0]?.[index]?.score ?? null })), positive);
}

/** Null where the class with the largest score is taken. */
const setThreshold = (decision: ValidationOutput['decision']) => (decision?.task === 'classification' && decision.threshold !== null && decision.positive !== null ? { value: decision.threshold, positive: decision.positive } : null);

/** Of two classes the positive one is that which a limit names, else the second. */
function curvesOf({ facts: { classSamples: samples, classes }, limits, output, predictions, reader }: RunFacts): Pick<ValidationReceiptInput, 'roc' | 'rocCurves' | 'nearThreshold' | 'scoreLabels' | 'scoresAre'> {
  if (!samples || samples.scores === null) return {};
  const named = limits.limits.find((limit) => limit.positive !== undefined)?.positive;
  const judged = reader.names.filter((_, index) => { const label = reader.labels?.[index]; return label !== null && label !== undefined && label !== ''; });
  const kept = { nearThreshold: nearThreshold(samples, judged, named ?? output.decision?.positive ?? null, setThreshold(output.decision)), scoresAre: samples.how, scoreLabels: predictions?.answers[0]?.some(({ scores }) => scores !== undefined) ? [...classes] : [] };
  if (samples.scored !== 2) return { ...kept, rocCurves: rocCurves(samples) };
  const curve = rocOfClass(samples, named === undefined ? 1 : Math.max(0, samples.labels.indexOf(named)));
  return { ...kept, roc: curve && { positive: curve.label, auc: curve.auc, interval: curve.interval, threshold: thresholdOn(output.decision, curve.label), points: curve.points } };
}

/** From the costs that the limits file states; the other class is what is accepted. */
function costsOf(run: RunFacts, { costs }: Protocol): ValidationReceiptInput['costDial'] {
  if (costs === undefined || !run.facts.classes.includes(costs.positive)) return null;
  const judged = scoresOf(run, costs.positive);
  return judged === null ? null : costDial(judged.scores, judged.truth, costs);
}
