// Puts a quantized model in place: blames its layers, writes the receipt, and only then the file, or the model of the registry.
import { copyFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Candidate, QuantizeInput, QuantizeOutput } from '#shared/contract/optimize';
import type { Finding } from '#shared/finding';
import { recordCalibration } from '../datasets/calibrations.ts';
import type { OpenedDataset } from '../datasets/openDataset.ts';
import { resolveDataset } from '../datasets/resolveDataset.ts';
import { translateFileError } from '../files/translateFileError.ts';
import { openAtomicTarget, writeFileAtomic } from '../files/writeFileAtomic.ts';
import { blameAlone } from '../quantize/blameAlone.ts';
import type { SampleSplit } from '../quantize/feedsForProof.ts';
import { blameLayers, type Clipped, type Layer } from '../quantize/layers.ts';
import type { LabConnection } from '../quantize/openLab.ts';
import type { Prepared } from '../quantize/prepareTask.ts';
import { receiptPathOf, type QuantizeReceipt } from '../quantize/receipt.ts';
import { correctionsOf, learnsFromData } from '../quantize/settings.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { dataFilesBeside } from './dataFilesBeside.ts';
import { importModel } from './importModel.ts';
import { pairSumFindings } from './pairSumFindings.ts';
import type { Made, Source } from './quantized.ts';

/** Enough to rank layers by. */
const blamedSamples = 3;

/** Small models can grow: what is added for each tensor weighs more than what is saved. */
function largerFindings(ratio: number): Finding[] {
  if (ratio <= 1) return [];
  return [{ id: 'QUANTIZE_LARGER', severity: 'info', place: 'size', message: `The result is ${ratio.toFixed(2)} times as large as the original: scales, zero points and operators weigh more than the weights save.`, remedy: 'Keep the original where size is what counts.' }];
}

/** Of values out of range, and of a result that could be better. */
const worthTelling = { share: 0.002, db: 30 } as const;

/** Few samples rarely show how far the values of small layers reach. @param clipped null where it costs little accuracy */
function clippedFindings({ setting }: Made, clipped: Clipped | null): Finding[] {
  if (setting?.kind !== 'static' || !clipped || clipped.share < worthTelling.share) return [];
  return [{
    id: 'QUANTIZE_CLIPPED', severity: 'warning', place: clipped.tensor, message: `Of the tensor "${clipped.tensor}" ${(100 * clipped.share).toFixed(1)} % of the values lie outside of its range.`,
    remedy: setting.method !== 'minmax' ? 'Calibrate on more samples, or take --method minmax.' : setting.parity || setting.headroom ? 'Calibrate on more samples.' : 'Calibrate on more samples, or leave room for what few do not show: --correct float-products headroom.',
  }];
}
export interface FinishInput {
  readonly services: Services; readonly lab: LabConnection; readonly input: QuantizeInput; readonly source: Source; readonly prepared: Prepared;
  readonly reader: OpenedDataset | null; readonly split: SampleSplit | null; readonly made: Made; readonly context: JobContext; readonly startedAt: number;
}

/** @throws AppError ALREADY_EXISTS, DISK_FULL, PERMISSION_DENIED; then neither file is there */
export async function finish({ services, lab, input, source, prepared, reader, split, made, context, startedAt }: FinishInput): Promise<QuantizeOutput> {
  let layers: Layer[] = [];
  let clipped: Clipped | null = null;
  if (made.written && input.proof) {
    context.progress({ stage: 'Measuring layers', done: 0, total: 0 });
    await lab.call('quantize.compareClose', {});
    ({ layers, clipped } = await blameLayers(lab, made.written, made.judged.map((s) => s.feeds), (made.proof?.sqnrDb ?? Infinity) < worthTelling.db));
    const alone = made.auto?.alone ?? new Map<string, number | null>();
    const missing = layers.map(({ node }) => node).filter((node) => !alone.has(node));
    if (input.blame && made.setting) for (const [node, db] of await blameAlone(lab, { setting: made.setting, written: made.written, nodes: missing, samples: made.judged.slice(0, blamedSamples), deadline: services.clock() + input.budgetMs, clock: services.clock }, context)) alone.set(node, db);
    layers = layers.map((layer) => { const aloneDb = alone.get(layer.node); return aloneDb === undefined ? layer : { ...layer, aloneDb }; });
  }
  const sums = made.setting?.kind === 'static' || made.setting?.kind === 'dynamic' ? await lab.call('quantize.pairSums', { path: made.path }) : null;
  const candidates: readonly Candidate[] = made.auto?.candidates ?? [];
  const keptOriginal = made.recipe === 'original';
  const ratio = made.sizeBytes / prepared.inputBytes;
  const figures = {
    recipe: made.recipe, inputSha256: prepared.inputSha256, outputSha256: made.sha256, inputBytes: prepared.inputBytes, outputBytes: made.sizeBytes,
    ratio, sqnrDb: made.proof?.sqnrDb ?? null, agreement: made.proof?.agreement ?? null, compared: keptOriginal || (made.proof?.compared ?? false), identical: keptOriginal || (made.proof?.identical ?? false), proven: input.proof, nodesQuantized: made.written?.quantized.length ?? 0,
    nodesKept: [...made.written?.kept ?? []], layers, durationMs: services.clock() - startedAt, findings: [...prepared.findings, ...made.findings, ...largerFindings(ratio), ...clippedFindings(made, clipped), ...sums ? pairSumFindings(sums) : []],
    keptOriginal, candidates: [...candidates], nullControl: made.auto?.nullControl ?? null,
  };
  const { model: _model, outputPath: _path, force: _force, calibration: _data, ...given } = input;
  const settings = { ...given, ...(input.recipe === 'static-int8' ? { corrections: [...correctionsOf(input)] } : {}) }; // also those that were not asked for
  const set = await calibrationSet(services, input, reader, context);
  // A named recipe without ranges is only proven on the data; the automatic one also chooses by the samples that it judges on.
  const tuned = (made.setting !== null && learnsFromData(made.setting)) || (made.auto !== null && !keptOriginal);
  const receipt: QuantizeReceipt = {
    kind: 'millwright.quantize', version: 1, madeAt: new Date(services.clock()).toISOString(), millwright: services.version, settings,
    calibration: { samples: tuned && split ? split.calibration.length : 0, judged: split?.judged.length ?? 0, heldOut: split?.heldOut ?? false, set },
    changes: [...prepared.changes, ...made.changes], result: figures,
  };
  context.signal.throwIfAborted();
  context.progress({ stage: 'Storing', done: 0, total: 0 });
  if (tuned && reader && split && set) await recordCalibration(services, reader, { outputSha256: made.sha256, inputSha256: prepared.inputSha256, set, indices: [...split.calibration, ...(made.auto ? split.judged : [])] }, context.signal);
  const stored = await store(services, input, source, made, receipt, context);
  services.store.audit.append({ actor: actorOf(services), action: 'model.quantized', subject: source.name, detail: { recipe: made.recipe, inputSha256: prepared.inputSha256, outputSha256: made.sha256, sqnrDb: figures.sqnrDb, proven: figures.proven, keptOriginal, modelId: stored.modelId } });
  return { ...figures, ...stored };
}

async function calibrationSet(services: Services, input: QuantizeInput, reader: OpenedDataset | null, context: JobContext): Promise<QuantizeReceipt['calibration']['set']> {
  if (!reader || !input.calibration) return null;
  const { record, path } = resolveDataset(services, input.calibration);
  return { name: record?.name ?? reader.yaml?.name ?? basename(path), manifestSha256: (await reader.manifest(context.signal)).sha256 };
}

async function store(services: Services, input: QuantizeInput, source: Source, made: Made, receipt: QuantizeReceipt, context: JobContext): Promise<{ outputPath: string; modelId: string | null }> {
  const text = `${JSON.stringify(receipt, null, 2)}\n`;
  if (input.outputPath === undefined) {
    if (made.recipe === 'original') return { outputPath: source.path, modelId: source.id };
    const record = await importModel(services, {
      path: made.path, name: `${source.name} (${made.recipe})`, ...(source.classes ? { labels: source.classes } : {}),
      derivedFrom: { modelId: source.id, sha256: receipt.result.inputSha256, recipe: made.recipe },
    }, { signal: context.signal, progress: () => undefined, log: context.log });
    await writeFileAtomic(receiptPathOf(record.path), text, { force: true });
    return { outputPath: record.path, modelId: record.id };
  }
  // The original keeps its weights where they are; all others hold them themselves.
  const beside = made.recipe === 'original' ? await dataFilesBeside(made.path, input.outputPath, { force: input.force, signal: context.signal }) : null;
  const target = await openAtomicTarget(input.outputPath, { force: input.force }).catch(async (error: unknown) => { await beside?.discard(); throw error; });
  try {
    await copyFile(made.path, target.tempPath).catch((error: unknown) => { throw translateFileError(error, input.outputPath!, 'write'); });
    await beside?.commit();
    // The receipt first: a model without one would be the worse half.
    await writeFileAtomic(receiptPathOf(input.outputPath), text, { force: input.force });
    await target.commit().catch(async (error: unknown) => { await rm(receiptPathOf(input.outputPath!), { force: true }); throw error; });
  } catch (error) {
    await target.discard();
    await beside?.discard();
    throw error;
  }
  return { outputPath: input.outputPath, modelId: null };
}
