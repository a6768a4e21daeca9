// The main job: machine, import, seal, quantize, compare, validate against locked limits, benchmark, signed evidence, as one resumable job.
import { join } from 'node:path';
import type { OutputOf } from '#shared/contract/index';
import type { DataRef } from '#shared/contract/references';
import type { CommissionOutput } from '#shared/contract/stations';
import { AppError } from '#shared/errors';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from './actor.ts';
import { defaultLimits, stationFromInput, type CommissionInput } from './stationFromInput.ts';
import type { StationPeers } from './StationPeers.ts';
import { changeStation } from './stationRecords.ts';
import { stepRunner } from './stepRunner.ts';
import * as say from './stepSummaries.ts';

export type { CommissionInput };

const slugOf = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'station';
const stampOf = (ms: number) => new Date(ms).toISOString().replace(/[-:]/g, '').replace(/\.\d+Z$/, 'Z');

/** BAD_INPUT where model or test data cannot be told; else whatever the steps throw. Never overwrites evidence without `force`. */
export async function commission(services: Services, peers: StationPeers, input: CommissionInput, job: JobContext): Promise<CommissionOutput> {
  const steps = stepRunner(job, services.clock);
  const setup = { ...job, progress: () => undefined, checkpoint: () => undefined, resumeState: null };

  await steps.run('machine', (context) => peers['machine.inspect']({ remember: true }, context).then(({ preflight, cpu, fingerprint }) => ({ preflight, cpu: { model: cpu.model, isa: cpu.isa }, fingerprint })), say.machine);

  const imported = await steps.run('import', async (context) => {
    const station = await stationFromInput(services, peers, input, { ...context, checkpoint: () => undefined, resumeState: null });
    const named = input.model;
    const model = named === undefined
      ? (station.modelId === null ? null : await peers['models.get']({ id: station.modelId }, context))
      : 'id' in named ? await peers['models.get']({ id: named.id }, context) : await peers['models.import'].run({ path: named.path }, { ...context, checkpoint: () => undefined, resumeState: null });
    if (!model) throw new AppError('BAD_INPUT', `Station "${station.name}" has no model yet.`, { hint: 'Name a model file, or choose the model of the station first.' });
    if (!model.runnable.ok) throw new AppError('MODEL_UNSUPPORTED', `The model cannot run here: ${model.runnable.reason}`);
    changeStation(services, station.id, { modelId: model.id });
    // Decided once, so that a resumed job goes on writing to the same folder.
    const outputDir = input.outputDir ?? join(services.dataDir, 'evidence', `${slugOf(station.name)}-${stampOf(services.clock())}`);
    return { stationId: station.id, station: station.name, modelId: model.id, model: model.name, sizeBytes: model.summary.sizeBytes, opset: model.summary.opset, changes: model.changes, labels: model.labels, outputDir };
  }, say.imported);

  const data = await steps.run('seal', async (context) => {
    const station = await stationFromInput(services, peers, { ...input, stationId: imported.stationId }, setup);
    const register = async (ref: DataRef | undefined, known: string | null, purpose: 'test' | 'calibration') => {
      if (ref === undefined) return known;
      if ('id' in ref) return ref.id;
      const before = (await peers['datasets.list']({}, context)).find((record) => record.path === ref.path && record.purpose === purpose);
      return before?.id ?? (await peers['datasets.add'].run({ path: ref.path, purpose }, { ...context, checkpoint: () => undefined, resumeState: null })).id;
    };
    const testId = await register(input.data, station.testId, 'test');
    if (testId === null) throw new AppError('BAD_INPUT', `Station "${station.name}" has no test data yet.`, { hint: 'Name it with --data.' });
    const calibrationId = await register(input.calibration, input.data === undefined || station.testId === testId ? station.calibrationId : null, 'calibration');
    const seal = await peers['datasets.seal'].run({ data: { id: testId } }, { ...context, checkpoint: () => undefined, resumeState: null });
    const { check } = await peers['datasets.get']({ id: testId }, context);
    const limitsId = input.limitsPath !== undefined
      ? (await peers['validation.lockLimits']({ path: input.limitsPath }, context)).id
      : station.limitsId ?? (await peers['validation.lockLimits']({ text: defaultLimits({ labelled: check.labelled, classes: check.task === 'classification', maxDropPercent: input.maxDropPercent }) }, context)).id;
    changeStation(services, station.id, { testId, calibrationId, limitsId });
    return { testId, calibrationId, limitsId, manifestSha256: seal.manifestSha256, samples: seal.samples, labelled: check.labelled, defaultLimits: input.limitsPath === undefined && station.limitsId === null };
  }, say.sealed);

  const quantized = await steps.run('quantize', (context) => peers['models.quantize'].run({
    model: { id: imported.modelId }, recipe: 'auto', force: false, ...(data.calibrationId === null ? {} : { calibration: { id: data.calibrationId } }),
    method: 'minmax', perChannel: true, activations: 'u8', reduceRange: false, exclude: [], maxDropPercent: input.maxDropPercent, goal: 'speed', blockFormat: 'nbits', parity: false, proof: true, budgetMs: 60_000,
  }, context), say.quantized);
  const candidateId = quantized.keptOriginal ? null : quantized.modelId;
  const candidate = candidateId === null ? { id: imported.modelId } : { id: candidateId };

  await steps.run('compare', (context) => peers['models.compare'].run({ a: { id: imported.modelId }, b: candidate, data: { id: data.testId } }, context), say.compared);

  const validation = await steps.run('validate', (context) => peers['validation.run'].run({
    model: candidate, reference: { id: imported.modelId }, data: { id: data.testId }, limitsId: data.limitsId, outputDir: imported.outputDir, force: input.force, station: imported.station, robustness: true,
    ...(input.template === undefined ? {} : { template: input.template }), ...(input.language === undefined ? {} : { language: input.language }), ...(input.paper === undefined ? {} : { paper: input.paper }),
  }, context), say.validated);

  await steps.run('bench', async (context): Promise<OutputOf<'benchmarks.run'>> => {
    if (validation.bench) return validation.bench;
    const { taktMs } = await Promise.resolve(stationFromInput(services, peers, { ...input, stationId: imported.stationId }, setup));
    return peers['benchmarks.run'].run({ model: candidate, station: imported.station, batch: [1], concurrency: [1], cameraMs: 0, plcMs: 0, durationS: 5, soakS: 0, ...(taktMs === null ? {} : { taktMs }) }, context);
  }, say.benched);

  const evidence = await steps.run('evidence', async (context) => {
    const { report } = validation;
    if (!report) throw new AppError('INTERNAL', 'The validation made no report.');
    const verification = await peers['evidence.verify']({ path: report.zip }, context);
    if (!verification.valid) throw new AppError('EVIDENCE_INVALID', 'The evidence does not verify right after it was signed.', { hint: 'Look at the disk: what was written differs from what was signed.' });
    const record = (await peers['evidence.list']({}, context)).find(({ validationId }) => validationId === validation.id);
    return { paths: report, evidenceId: record?.id ?? validation.id, files: verification.files, keyId: verification.keyId };
  }, say.signed);

  const passed = validation.verdict === 'PASS' || validation.verdict === 'PASS WITH DEVIATIONS';
  changeStation(services, imported.stationId, { status: passed ? 'commissioned' : 'failed', verdict: validation.verdict, candidateModelId: candidateId, evidenceId: evidence.evidenceId });
  services.store.audit.append({ actor: actorOf(services), action: 'station.commissioned', subject: imported.station, detail: { stationId: imported.stationId, verdict: validation.verdict, modelSha256: validation.modelSha256, manifestSha256: data.manifestSha256, limitsSha256: validation.limitsSha256, evidence: evidence.paths.zip } });
  return {
    station: imported.station, stationId: imported.stationId, verdict: validation.verdict, limits: validation.limits, steps: [...steps.reports], evidence: evidence.paths,
    modelId: imported.modelId, candidateModelId: candidateId, evidenceId: evidence.evidenceId,
  };
}
