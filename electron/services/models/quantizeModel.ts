// Quantizes a model: prepares it, calibrates, writes, proves, blames, and only then puts the file and its receipt in place.
import { copyFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Candidate, QuantizeInput, QuantizeOutput } from '#shared/contract/optimize';
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import { recordCalibration } from '../datasets/calibrations.ts';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openDataset, type OpenedDataset } from '../datasets/openDataset.ts';
import { resolveDataset } from '../datasets/resolveDataset.ts';
import { translateFileError } from '../files/translateFileError.ts';
import { openAtomicTarget, refuseOverwrite, writeFileAtomic } from '../files/writeFileAtomic.ts';
import { isSlower } from '../benchmarks/measureAb.ts';
import { autoRecipe, type AutoResult } from '../quantize/autoRecipe.ts';
import { calibrate, modesFor } from '../quantize/calibrate.ts';
import { openSizes, randomFeeds, readFeeds, splitSamples, type SampleSplit } from '../quantize/feedsForProof.ts';
import { blameAlone } from '../quantize/blameAlone.ts';
import { blameLayers, type Layer } from '../quantize/layers.ts';
import { openLab, type LabConnection } from '../quantize/openLab.ts';
import type { Prepared } from '../quantize/prepareTask.ts';
import { judgeProof, prove, type Proof, type ProofSample } from '../quantize/prove.ts';
import { receiptPathOf, type QuantizeReceipt } from '../quantize/receipt.ts';
import { pairSumFindings } from './pairSumFindings.ts';
import { correctionsOf, learnsFromData, settingOf, staticOptions } from '../quantize/settings.ts';
import { blockwiseOpset } from '#core/quantize/weights/quantizeBlocks';
import { adjustments } from '../quantize/variants.ts';
import type { Setting, Written } from '../quantize/writeTask.ts';
import type { JobContext, Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { importModel } from './importModel.ts';
import { modelRecords } from './modelRecords.ts';
import { quantizeLarge } from './quantizeLarge.ts';
import { resolveModel, type ResolvedModel } from './resolveModel.ts';

/** Samples to calibrate on where the user names no number; in parity mode all, as the reference takes. */
const defaultSamples = 256;
const judgedSamples = { fixed: 8, auto: 64 } as const;
/** A named recipe is judged on fewer samples where each says much: 8, or as many as hold this many values, but at least 5. */
const enoughValues = 2 ** 17;
const leastJudged = 5;
/** Runs that all say so need no further measuring: at four out of four, each slower by half, chance and a busy machine are poor explanations. */
const plainlySlower = { pairs: 4, ratio: 1.5 } as const;
/** Enough to tell "slower" from the wandering of two equal models. */
const slownessTime = { budgetMs: 150, blockMs: 5 } as const;
/** Fewer samples than this rarely show the range of a tensor. */
const fewSamples = 8;
/** Enough to rank layers by. */
const blamedSamples = 3;
const threads = 0; // the runtime's own choice, as in serving

type Source = ResolvedModel & { /** Class names in output order, where the registry knows them. */ readonly classes: readonly string[] | null };

/** The quantized model and its figures, before it is put in place. */
interface Made {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly recipe: string;
  readonly proof: Proof | null;
  readonly written: Written | null;
  readonly setting: Setting | null;
  readonly auto: AutoResult | null;
  readonly findings: readonly Finding[];
  /** What was changed in the model before it was quantized by this recipe. */
  readonly changes: readonly string[];
  /** What it was judged on. */
  readonly judged: readonly ProofSample[];
}

/**
 * @throws AppError ALREADY_EXISTS, BAD_MODEL, MODEL_UNSUPPORTED, NOTHING_TO_QUANTIZE, BAD_INPUT without calibration data, BAD_DATA, DISK_FULL;
 * nothing is left behind in any of these cases
 */
export async function quantizeModel(services: Services, given: QuantizeInput, context: JobContext): Promise<QuantizeOutput> {
  const startedAt = services.clock();
  let input = given;
  if (input.outputPath !== undefined) {
    await refuseOverwrite(input.outputPath, input.force);
    await refuseOverwrite(receiptPathOf(input.outputPath), input.force);
  }
  const setting = settingOf(input);
  const calibrates = input.recipe !== 'auto' && learnsFromData(setting);
  const resolved = await resolveModel(services, input.model);
  const source: Source = { ...resolved, classes: resolved.id === null ? null : modelRecords(services).get(resolved.id)?.labels ?? null };
  if (calibrates && !input.calibration) {
    throw new AppError('BAD_INPUT', `${setting.kind === 'static' ? 'Static INT8' : 'GPTQ'} needs calibration data.`, { hint: `Give 20 to 200 typical samples with --calibration; ${setting.kind === 'static' ? 'dynamic-int8, int4-weights and fp16 need none' : '--rounding nearest and hqq need none'}.` });
  }
  if (input.recipe === 'auto' && !input.proof) throw new AppError('BAD_USAGE', 'The automatic recipe finds its result by measuring, so it cannot go without proof.', { hint: 'Name a recipe, or leave --no-proof out.' });
  const lab = await openLab(services, context);
  let reader: OpenedDataset | null = null;
  try {
    context.progress({ stage: 'Preparing', done: 0, total: 0 });
    const prepared = await lab.call('quantize.prepare', { path: source.path, workDir: context.workDir, threads, parity: input.parity, opset: setting.kind === 'blocks' && setting.options.format === 'qdq' ? blockwiseOpset : input.parity ? 11 : 13, exclude: input.exclude, run: input.proof || !input.parity || calibrates });
    if (prepared.tooLarge) return await quantizeLarge({ services, lab, input: given, path: source.path, name: source.name, context, startedAt });
    if (input.recipe === 'fp16') refuseHalving(prepared);
    input = { ...given, exclude: [...prepared.excluded] };
    prepared.changes.forEach((change) => context.log(change));
    const reads = input.proof || calibrates; // else no sample would be looked at
    reader = input.calibration && reads ? await openDataset(services, input.calibration, { inputs: prepared.inputs }) : null;
    if (reader && reader.length === 0) throw new AppError('BAD_DATA', 'The calibration data holds no samples.', { hint: 'Give 20 to 200 typical samples.' });
    const split = reader ? splitSamples(reader.length, input.samples ?? (input.parity ? reader.length : defaultSamples), judgedSamples[input.recipe === 'auto' ? 'auto' : 'fixed'], { first: input.parity, reserve: input.recipe === 'auto' }) : null;
    const made = input.recipe === 'auto'
      ? await makeAuto(services, lab, input, source, prepared, reader, split, context)
      : await makeFixed(lab, input, source, prepared, reader, split, context);
    context.signal.throwIfAborted();
    return await finish({ services, lab, input: given, source, prepared, reader, split, made, context, startedAt });
  } finally {
    await reader?.close();
    await lab.close();
  }
}

function refuseHalving({ half, floatWeightBytes }: Prepared): void {
  if (half) throw new AppError('NOTHING_TO_QUANTIZE', 'The model is in half precision already.', { hint: 'Try int8-weights, or auto with calibration data.' });
  if (floatWeightBytes === 0) throw new AppError('NOTHING_TO_QUANTIZE', 'The model has no float32 weights, so that half precision would save nothing.', { hint: 'Keep the original.' });
}

/** Small models can grow: what is added for each tensor weighs more than what is saved. */
function largerFindings(ratio: number): Finding[] {
  if (ratio <= 1) return [];
  return [{ id: 'QUANTIZE_LARGER', severity: 'info', place: 'size', message: `The result is ${ratio.toFixed(2)} times as large as the original: scales, zero points and operators weigh more than the weights save.`, remedy: 'Keep the original where size is what counts.' }];
}

async function proofSamples(lab: LabConnection, source: Source, prepared: Prepared, reader: DatasetReader | null, indices: readonly number[]): Promise<readonly ProofSample[]> {
  if (!reader) return synthesize(lab, source, prepared);
  const classes = source.classes?.length ? source.classes : reader.classes;
  return (await readFeeds(reader, indices)).map(({ feeds, name, label }) => {
    const index = label === null ? -1 : classes.indexOf(label);
    return { feeds, name, label: index < 0 ? null : index, classes: classes.length };
  });
}

/** Random samples in the first sizes that the original accepts. */
async function synthesize(lab: LabConnection, source: Source, prepared: Prepared): Promise<readonly ProofSample[]> {
  await lab.call('quantize.compareOpen', { path: source.path, optimization: 'all' });
  let reason = 'its inputs are of a type that cannot be made up';
  for (const size of openSizes) {
    const samples = Array.from({ length: 4 }, (_, i) => randomFeeds(prepared.inputs, size, i + 1));
    if (!samples[0]) break;
    try {
      await lab.call('quantize.compareSample', { feeds: samples[0] });
      return samples.flatMap((feeds, i) => (feeds ? [{ feeds, name: `random ${i + 1}` }] : []));
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  throw new AppError('BAD_INPUT', `The result cannot be proven without sample data: ${reason.replace(/\.$/u, '')}.`, { hint: 'Give a few samples with --calibration.' });
}

function enough(samples: readonly ProofSample[]): readonly ProofSample[] {
  let values = 0;
  return samples.filter(({ feeds }, i) => {
    const take = i < leastJudged || values < enoughValues;
    values += Object.values(feeds).reduce((sum, { data }) => sum + data.length, 0);
    return take;
  });
}

async function makeFixed(lab: LabConnection, input: QuantizeInput, source: Source, prepared: Prepared, reader: DatasetReader | null, split: SampleSplit | null, context: JobContext): Promise<Made> {
  const setting: Setting = settingOf(input);
  const told: string[] = [];
  const findings: Finding[] = [];
  if (setting.kind === 'static' && reader && split) {
    const wanted = correctionsOf(input);
    const steps = adjustments.filter((one) => wanted.includes(one));
    if (steps.length || setting.correctBias) await calibrate(lab, { options: [setting.options], reader, indices: split.calibration, modes: ['channels'], parity: false }, context);
    if (steps.length) {
      const { variant, changes } = await lab.call('quantize.adjust', { steps });
      told.push(...changes);
      if (variant !== 'plain' && setting.correctBias) await calibrate(lab, { options: [setting.options], reader, indices: split.calibration, modes: ['channels'], parity: false }, context);
      if (variant === 'plain') findings.push({ id: 'QUANTIZE_NOTHING_TO_CORRECT', severity: 'info', place: 'corrections', message: `The model offers no place for this correction: ${steps.join(', ')}.` });
    }
    await calibrate(lab, { options: [setting.options], reader, indices: split.calibration, modes: modesFor(setting.method, input.parity), parity: input.parity }, context);
    if (split.calibration.length < fewSamples) findings.push({ id: 'QUANTIZE_FEW_SAMPLES', severity: 'warning', place: 'calibration', message: `Only ${split.calibration.length} samples were calibrated on, so ranges may be too narrow for what comes later.`, remedy: 'Give 20 to 200 typical samples.' });
  }
  if (setting.kind === 'blocks' && setting.rounding === 'gptq' && reader && split) {
    const { left } = await calibrate(lab, { options: [], reader, indices: split.calibration, modes: ['grams'], parity: false }, context);
    if (left > 0) findings.push({ id: 'QUANTIZE_GPTQ_PARTLY', severity: 'info', place: 'calibration', message: `The inputs of ${left} layers were too wide to be observed together, so their weights were rounded to nearest.` });
  }
  context.progress({ stage: 'Writing', done: 0, total: 0 });
  const written = await lab.call('quantize.write', { setting, name: 'result', last: true });
  if (written.clamped) findings.push({ id: 'QUANTIZE_HALF_RANGE', severity: 'warning', place: 'weights', message: `${written.clamped} weights were outside the range of half precision and were clamped to 65504.` });
  const made = { path: written.path, sha256: written.sha256, sizeBytes: written.sizeBytes, recipe: input.recipe, written, setting, auto: null, changes: told };
  if (!input.proof) {
    findings.push({ id: 'QUANTIZE_NOT_PROVEN', severity: 'warning', place: 'outputs', message: 'The result was not run and not compared with the original, as you asked.', remedy: 'Run `millwright compare` before you use it, or quantize again without --no-proof.' });
    return { ...made, proof: null, findings, judged: [] };
  }
  const samples = enough(await proofSamples(lab, source, prepared, reader, split?.judged ?? []));
  const proof = await prove(lab, written, samples, context);
  findings.push(...proof.findings, ...judgeProof(proof, !reader || !split || split.heldOut || !learnsFromData(setting)));
  if (!reader) findings.push({ id: 'QUANTIZE_JUDGED_ON_RANDOM', severity: 'warning', place: 'outputs', message: 'No data was given: the result was compared with the original on random inputs only.', remedy: 'Give typical samples with --calibration, or run `millwright compare`.' });
  findings.push(...await slownessFindings(lab, source, written, proof, samples, context));
  return { ...made, proof, findings, judged: samples };
}

/** A first look says "slower"; then it is measured properly, with a null control, and said if it holds. */
async function slownessFindings(lab: LabConnection, source: Source, written: Written, proof: Proof, samples: readonly ProofSample[], context: JobContext): Promise<Finding[]> {
  if (proof.latencyMs.b <= proof.latencyMs.a * 1.15) return [];
  const remedy = 'Use --recipe auto, which never ships a slower model unsaid.';
  const least = Math.min(...proof.pairs.map(([a, b]) => b / a));
  if (proof.pairs.length >= plainlySlower.pairs && least >= plainlySlower.ratio) {
    return [{ id: 'QUANTIZE_SLOWER', severity: 'warning', place: 'latency', message: `The quantized model is ${(proof.latencyMs.b / proof.latencyMs.a).toFixed(1)} times as slow as the original on this machine: on each of ${proof.pairs.length} samples at least ${least.toFixed(1)} times.`, remedy }];
  }
  context.progress({ stage: 'Measuring latency against the original', done: 0, total: 0 });
  await lab.call('quantize.compareClose', {});
  const ab = await lab.call('benchmarks.ab', { a: source.path, b: written.path, feeds: samples.slice(0, 2).map((s) => s.feeds), threads, ...slownessTime });
  if (!isSlower(ab)) return [];
  return [{ id: 'QUANTIZE_SLOWER', severity: 'warning', place: 'latency', message: `The quantized model is ${ab.ratio.toFixed(1)} times as slow as the original on this machine (two equal models differ by ${ab.nullLow.toFixed(2)} to ${ab.nullHigh.toFixed(2)}).`, remedy }];
}

async function makeAuto(services: Services, lab: LabConnection, input: QuantizeInput, source: Source, prepared: Prepared, reader: DatasetReader | null, split: SampleSplit | null, context: JobContext): Promise<Made> {
  let calibrated = false;
  const findings: Finding[] = [];
  if (reader && split) {
    try {
      // One pass serves all methods and both sets of operators.
      await calibrate(lab, { options: [staticOptions(input, { operators: 'compute' }), staticOptions(input, { operators: 'all' })], reader, indices: split.calibration, modes: ['histogram', 'channels', ...(input.goal === 'size' ? ['grams' as const] : [])], parity: false }, context);
      calibrated = true;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'NOTHING_TO_QUANTIZE') throw error;
      findings.push({ id: 'QUANTIZE_NO_STATIC', severity: 'info', place: 'recipe', message: error.message });
    }
  }
  const judged = await proofSamples(lab, source, prepared, reader, split?.judged ?? []);
  const tune = reader && split ? await proofSamples(lab, source, prepared, reader, split.calibration.filter((_, i) => i % Math.max(1, Math.floor(split.calibration.length / 3)) === 0).slice(0, 3)) : judged;
  const recalibrate = async () => {
    if (reader && split) await calibrate(lab, { options: [staticOptions(input, { operators: 'compute' }), staticOptions(input, { operators: 'all' })], reader, indices: split.calibration, modes: ['histogram', 'channels'], parity: false }, context);
  };
  const auto = await autoRecipe(services, lab, { input, sourcePath: source.path, prepared, tune, judged, calibrated, recalibrate, threads }, context);
  findings.push(...auto.findings);
  const { chosen } = auto;
  if (!chosen) return { path: source.path, sha256: prepared.inputSha256, sizeBytes: prepared.inputBytes, recipe: 'original', proof: null, written: null, setting: null, auto, findings, judged, changes: [] };
  const { changes } = await lab.call('quantize.useVariant', { variant: chosen.variant });
  const proof = await prove(lab, chosen.written, judged.slice(0, judgedSamples.fixed), context);
  findings.push(...proof.findings, ...judgeProof(chosen.proof, split?.heldOut ?? true));
  return { path: chosen.written.path, sha256: chosen.written.sha256, sizeBytes: chosen.written.sizeBytes, recipe: chosen.candidate.recipe, proof: chosen.proof, written: chosen.written, setting: chosen.setting, auto, findings, judged, changes };
}

interface FinishInput {
  readonly services: Services; readonly lab: LabConnection; readonly input: QuantizeInput; readonly source: Source; readonly prepared: Prepared;
  readonly reader: OpenedDataset | null; readonly split: SampleSplit | null; readonly made: Made; readonly context: JobContext; readonly startedAt: number;
}

async function finish({ services, lab, input, source, prepared, reader, split, made, context, startedAt }: FinishInput): Promise<QuantizeOutput> {
  let layers: Layer[] = [];
  if (made.written && input.proof) {
    context.progress({ stage: 'Measuring layers', done: 0, total: 0 });
    await lab.call('quantize.compareClose', {});
    layers = await blameLayers(lab, made.written, made.judged.map((s) => s.feeds));
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
    ratio, sqnrDb: made.proof?.sqnrDb ?? null, proven: input.proof, nodesQuantized: made.written?.quantized.length ?? 0,
    nodesKept: [...made.written?.kept ?? []], layers, durationMs: services.clock() - startedAt, findings: [...prepared.findings, ...made.findings, ...largerFindings(ratio), ...sums ? pairSumFindings(sums) : []],
    keptOriginal, candidates: [...candidates], nullControl: made.auto?.nullControl ?? null,
  };
  const { model: _model, outputPath: _path, force: _force, calibration: _data, ...settings } = input;
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
  const target = await openAtomicTarget(input.outputPath, { force: input.force });
  try {
    await copyFile(made.path, target.tempPath).catch((error: unknown) => { throw translateFileError(error, input.outputPath!, 'write'); });
    // The receipt first: a model without one would be the worse half.
    await writeFileAtomic(receiptPathOf(input.outputPath), text, { force: input.force });
    await target.commit().catch(async (error: unknown) => { await rm(receiptPathOf(input.outputPath!), { force: true }); throw error; });
  } catch (error) {
    await target.discard();
    throw error;
  }
  return { outputPath: input.outputPath, modelId: null };
}
