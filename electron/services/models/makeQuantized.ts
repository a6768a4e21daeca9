// Makes the quantized model of a prepared one: calibrates, writes and proves.
import { AppError, isAppError } from '#shared/errors';
import type { QuantizeInput } from '#shared/contract/optimize';
import type { Finding } from '#shared/finding';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { isSlower } from '../benchmarks/measureAb.ts';
import { autoRecipe } from '../quantize/autoRecipe.ts';
import { calibrate, modesFor } from '../quantize/calibrate.ts';
import { openSizes, randomFeeds, readFeeds, type SampleSplit } from '../quantize/feedsForProof.ts';
import type { LabConnection } from '../quantize/openLab.ts';
import type { Prepared } from '../quantize/prepareTask.ts';
import { judgeProof, prove, type Proof, type ProofSample } from '../quantize/prove.ts';
import { correctionsOf, learnsFromData, settingOf, staticOptions } from '../quantize/settings.ts';
import { adjustments } from '../quantize/variants.ts';
import type { Setting, Written } from '../quantize/writeTask.ts';
import type { JobContext, Services } from '../Services.ts';
import { judgedSamples, quantizeThreads, type Made, type Source } from './quantized.ts';

/** A named recipe is judged on fewer samples where each says much: 8, or as many as hold this many values, but at least 5. */
const enoughValues = 2 ** 17;
const leastJudged = 5;
/** Runs that all say so need no further measuring: at four out of four, each slower by half, chance and a busy machine are poor explanations. */
const plainlySlower = { pairs: 4, ratio: 1.5 } as const;
/** Enough to tell "slower" from the wandering of two equal models. */
const slownessTime = { budgetMs: 150, blockMs: 5 } as const;
/** Fewer samples than this rarely show the range of a tensor. */
const fewSamples = 8;

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

/** By the recipe that was named. */
export async function makeFixed(lab: LabConnection, input: QuantizeInput, source: Source, prepared: Prepared, reader: DatasetReader | null, split: SampleSplit | null, context: JobContext): Promise<Made> {
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
  const proof = await prove(lab, written, samples, context).catch((error: unknown) => {
    if (!input.parity || !isAppError(error) || error.code !== 'MODEL_UNSUPPORTED') throw error;
    throw new AppError('MODEL_UNSUPPORTED', error.message, { cause: error, hint: 'In parity mode the result is what the Python reference writes, with its faults. Leave --parity out.' });
  });
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
  const ab = await lab.call('benchmarks.ab', { a: source.path, b: written.path, feeds: samples.slice(0, 2).map((s) => s.feeds), threads: quantizeThreads, ...slownessTime });
  if (!isSlower(ab)) return [];
  return [{ id: 'QUANTIZE_SLOWER', severity: 'warning', place: 'latency', message: `The quantized model is ${ab.ratio.toFixed(1)} times as slow as the original on this machine (two equal models differ by ${ab.nullLow.toFixed(2)} to ${ab.nullHigh.toFixed(2)}).`, remedy }];
}

/** By trying recipes; the original where none is good enough. */
export async function makeAuto(services: Services, lab: LabConnection, input: QuantizeInput, source: Source, prepared: Prepared, reader: DatasetReader | null, split: SampleSplit | null, context: JobContext): Promise<Made> {
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
  const auto = await autoRecipe(services, lab, { input, sourcePath: source.path, prepared, tune, judged, calibrated, recalibrate, threads: quantizeThreads }, context);
  findings.push(...auto.findings);
  const { chosen } = auto;
  if (!chosen) return { path: source.path, sha256: prepared.inputSha256, sizeBytes: prepared.inputBytes, recipe: 'original', proof: null, written: null, setting: null, auto, findings, judged, changes: [] };
  const { changes } = await lab.call('quantize.useVariant', { variant: chosen.variant });
  const proof = await prove(lab, chosen.written, judged.slice(0, judgedSamples.fixed), context);
  findings.push(...proof.findings, ...judgeProof(chosen.proof, split?.heldOut ?? true));
  return { path: chosen.written.path, sha256: chosen.written.sha256, sizeBytes: chosen.written.sizeBytes, recipe: chosen.candidate.recipe, proof: chosen.proof, written: chosen.written, setting: chosen.setting, auto, findings, judged, changes };
}
