// `--recipe auto`: tries what a specialist would, measures each against the original, and ships only what wins; keeping the original is an answer.
import type { Candidate, QuantizeInput } from '#shared/contract/optimize';
import type { Finding } from '#shared/finding';
import { isAppError } from '#shared/errors';
import { dynamicOperators } from '#core/quantize/weights/dynamicOperators';
import type { AbResult } from '../benchmarks/abTask.ts';
import { isFaster, isSlower, measureAb } from '../benchmarks/measureAb.ts';
import type { JobContext, Services } from '../Services.ts';
import { pairSumsSaturate } from '../inference/pairSumsSaturate.ts';
import { chooseCandidate } from './chooseCandidate.ts';
import type { LabConnection } from './openLab.ts';
import type { Prepared } from './prepareTask.ts';
import { prove, type Proof, type ProofSample } from './prove.ts';
import type { Measured } from './measureSetting.ts';
import { byQuality, decibelsOf, qualityOf } from './noise.ts';
import { outputsFault } from './outputsFault.ts';
import { findMixed, type Mixed } from './sensitivity.ts';
import { blockSetting, dynamicSetting, keepOf, staticSetting } from './settings.ts';
import type { Variant } from './variants.ts';
import { findWeightForms } from './weightForms.ts';
import type { Setting, Written } from './writeTask.ts';

export interface AutoInput {
  readonly input: QuantizeInput;
  readonly sourcePath: string;
  readonly prepared: Prepared;
  /** Samples that candidates are tuned on. */
  readonly tune: readonly ProofSample[];
  /** Samples that they are judged on. */
  readonly judged: readonly ProofSample[];
  readonly calibrated: boolean;
  /** Observes the ranges of the variant in force. */
  readonly recalibrate: () => Promise<void>;
  readonly threads: number;
}

export interface Tried { readonly candidate: Candidate; readonly written: Written; readonly proof: Proof; readonly ab: AbResult | null; readonly setting: Setting; /** The form of the model that it was made from. */ readonly variant: Variant; readonly sameArithmetic: boolean }

export interface AutoResult {
  readonly chosen: Tried | null;
  readonly candidates: readonly Candidate[];
  readonly nullControl: { readonly low: number; readonly high: number } | null;
  readonly findings: readonly Finding[];
  /** What quantizing a layer of the chosen candidate alone does to the output, as far as the search measured it. */
  readonly alone: Map<string, number | null>;
}

/** What a candidate must keep of the signal. With labels, accuracy decides and the floor only guards against damage. */
export const sqnrFloorDb = { speed: 30, size: 30, accuracy: 40, labelled: 20 } as const;
export async function autoRecipe(services: Pick<Services, 'workers' | 'clock'>, lab: LabConnection, { input, sourcePath, prepared, tune, judged, calibrated, recalibrate, threads }: AutoInput, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress' | 'log'>): Promise<AutoResult> {
  const deadline = services.clock() + input.budgetMs;
  const findings: Finding[] = [];
  const tried: Tried[] = [];
  const mixedNoise = new Map<string, number>();
  const failed: Candidate[] = [];
  const labelled = judged.some((s) => s.label !== undefined && s.label !== null);
  // Where there are no floats, entries that differ are the noise, and as many may as accuracy may be lost.
  const floorDb = !prepared.floatOutputs ? decibelsOf(input.maxDropPercent / 100) : labelled ? Math.min(sqnrFloorDb.labelled, sqnrFloorDb[input.goal]) : sqnrFloorDb[input.goal];
  const abBudgetMs = Math.min(4000, Math.max(600, input.budgetMs / 15));
  const quiet = { signal: context.signal, progress: () => undefined };

  const attempt = async (name: string, recipe: string, setting: Setting, ready?: Written, variant: Variant = 'plain'): Promise<Tried | null> => {
    context.progress({ stage: `Trying ${name}`, done: tried.length + failed.length, total: 0 });
    try {
      const written = ready ?? await lab.call('quantize.write', { setting, name: `candidate-${tried.length + failed.length}` });
      const proof = await prove(lab, written, judged, quiet, { otherLevels: false });
      const accuracy = proof.outputs.find((o) => o.accuracy)?.accuracy ?? null;
      const candidate: Candidate = { name, recipe, chosen: false, rejectedBecause: null, sizeBytes: written.sizeBytes, sqnrDb: proof.sqnrDb, agreement: proof.agreement, compared: proof.compared, identical: proof.identical, latencyMs: null, latencyRatio: null, accuracyDrop: accuracy ? (accuracy.a - accuracy.b) * 100 : null };
      const one: Tried = { candidate, written, proof, ab: null, setting, variant, sameArithmetic: setting.kind === 'weights' };
      tried.push(one);
      return one;
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isAppError(error) || !['MODEL_UNSUPPORTED', 'NOTHING_TO_QUANTIZE', 'BAD_MODEL'].includes(error.code)) throw error;
      failed.push({ name, recipe, chosen: false, rejectedBecause: error.message, sizeBytes: 0, sqnrDb: null, compared: false, latencyMs: null, latencyRatio: null, accuracyDrop: null });
      return null;
    }
  };

  // Sums of 8 bits are exact here too, by slower instructions; those of 7 bits run on the fast ones.
  const inSevenBits = pairSumsSaturate() && !input.reduceRange;
  const { operators } = prepared;
  const matrices = (operators['MatMul'] ?? 0) + (operators['Gemm'] ?? 0) + (operators['LSTM'] ?? 0) + (operators['Attention'] ?? 0);
  // First what nearly always keeps the accuracy, so that there is an answer however short the time is.
  const weights = await findWeightForms(lab, { observed: calibrated, keep: keepOf(input.exclude), nodeBytes: prepared.nodeBytes, inputBytes: prepared.inputBytes, floorDb, samples: tune, deadline: services.clock() + (deadline - services.clock()) * 0.45, clock: services.clock }, context);
  if (weights?.best) {
    const attemptWeights = ({ setting, written }: Measured<Extract<Setting, { kind: 'weights' }>>) => attempt(`INT8 weights${setting.forms.size ? `, ${setting.forms.size} of ${written.quantized.length} layers as halves` : ''}${setting.correctBias ? ', biases corrected' : ''}`, 'int8-weights', setting, written);
    const first = await attemptWeights(weights.best);
    const missing = floorDb - reached(first);
    const further = missing > 0 && services.clock() < deadline ? await weights.beyond(floorDb + missing + 0.3) : null;
    if (further) await attemptWeights(further);
    const accurate = await weights.accurate();
    if (accurate) await attemptWeights(accurate);
  }
  if (calibrated) {
    const best: Tried[] = [];
    const keepBest = (one: Tried | null) => { if (one) best.push(one); best.sort((a, b) => byQuality(a.proof, b.proof)); };
    for (const method of ['minmax', 'mse'] as const) keepBest(await attempt(`static INT8 (${method})`, 'static-int8', { ...staticSetting(input, { operators: 'compute', perChannel: true }), method, parity: false }));
    if (matrices > 0) {
      const leader = best[0]?.setting;
      if (leader?.kind === 'static') keepBest(await attempt(`static INT8 (${leader.method}), products answer float`, 'static-int8', { ...leader, options: { ...leader.options, floatProducts: true } }));
    }
    const [plain] = best;
    if (plain?.setting.kind === 'static') {
      keepBest(await attempt(`static INT8 (${plain.setting.method}), biases corrected`, 'static-int8', { ...plain.setting, correctBias: true }));
      const leader = best[0]!.setting; // the list holds what was just added
      // Forms of the model that compute the same and may quantize better: each needs ranges of its own.
      for (const steps of [['equalize'], ['smooth']] as const) {
        if (services.clock() > deadline - input.budgetMs / 2) break;
        const adjusted = await lab.call('quantize.adjust', { steps });
        if (adjusted.variant === 'plain') continue;
        await recalibrate();
        keepBest(await attempt(`static INT8 (${plain.setting.method}), ${steps[0] === 'equalize' ? 'layers equalised' : 'activations smoothed'}`, 'static-int8', leader, undefined, adjusted.variant));
      }
    }
    const [winner] = best;
    if (winner && winner.setting.kind === 'static') {
      await lab.call('quantize.useVariant', { variant: winner.variant });
      if (inSevenBits) await attempt(`static INT8 (${winner.setting.method}), weights in 7 bits`, 'static-int8', { ...winner.setting, options: { ...winner.setting.options, reduceRange: true } }, undefined, winner.variant);
      await attempt(`static INT8 on all operators (${winner.setting.method})`, 'static-int8', { ...winner.setting, options: { ...winner.setting.options, operators: 'all' } }, undefined, winner.variant);
      if (reached(winner) < floorDb) {
        const mixed = await findMixed(lab, { setting: winner.setting, whole: winner.written, floorDb, samples: tune, deadline: services.clock() + (deadline - services.clock()) * 0.6, clock: services.clock }, context);
        const attemptMixed = (one: Mixed) => attempt(`mixed precision: ${one.of - one.kept} of ${one.of} layers INT8`, 'mixed-int8', one.setting, one.written, winner.variant);
        const first = mixed ? await attemptMixed(mixed) : null;
        for (const [node, noise] of mixed?.noise ?? []) mixedNoise.set(node, noise);
        if (mixed) {
          // The judged samples may show more noise than those it was tuned on: then it takes more layers in float, by as much as was missing.
          const missing = floorDb - reached(first);
          const further = missing > 0 && services.clock() < deadline ? await mixed.beyond(floorDb + missing + 0.5) : null;
          if (further) await attemptMixed(further);
          const halves = new Map(mixed.keptNodes.map((node) => [node, 'float16'] as const));
          await attempt('mixed precision, weights of the float layers as halves', 'mixed-int8', { ...(further ?? mixed).setting, packKept: halves }, undefined, winner.variant);
        }
      }
      await lab.call('quantize.useVariant', { variant: 'plain' });
    }
  } else {
    findings.push({ id: 'QUANTIZE_NO_DATA', severity: 'warning', place: 'calibration', message: 'No calibration data was given, so only recipes without activations were tried, and they were judged on random inputs in the declared shapes.', remedy: 'Give 20 to 200 typical samples with --calibration.' });
  }
  if (matrices > 0) {
    const dynamic = dynamicSetting(input);
    // Dynamic convolutions are several times slower on every CPU measured: never a candidate.
    const options = { ...dynamic.options, operators: new Set(dynamicOperators.filter((operator) => operator !== 'Conv')) };
    await attempt('dynamic INT8 without convolutions', 'dynamic-int8', { ...dynamic, options });
    if (inSevenBits) await attempt('dynamic INT8 without convolutions, weights in 7 bits', 'dynamic-int8', { ...dynamic, options: { ...options, reduceRange: true } });
  }
  if (input.goal !== 'speed') {
    if (!prepared.half) await attempt('half precision', 'fp16', { kind: 'fp16', keep: keepOf(input.exclude) });
    if (input.goal === 'size' && matrices > 0) for (const rounding of calibrated ? ['nearest', 'gptq'] as const : ['nearest'] as const) {
      if (rounding === 'gptq' && services.clock() > deadline - input.budgetMs / 2) break;
      await attempt(`INT4 weights in blocks of 32 ${rounding === 'gptq' ? ' (GPTQ)' : ''}`, 'int4-weights', blockSetting({ ...input, rounding, symmetricWeights: false, parity: false }, 4));
    }
  }

  // Accuracy first, latency only for those that pass: measuring costs time.
  await lab.call('quantize.compareClose', {});
  const faults = new Map<Tried, string>();
  for (const one of tried) {
    const fault = accuracyFault(one, floorDb, input.maxDropPercent);
    if (fault) faults.set(one, fault);
  }
  const measured: Tried[] = [];
  const eligible = tried.filter((one) => !faults.has(one)).sort((a, b) => a.written.sizeBytes - b.written.sizeBytes);
  for (const one of eligible) {
    context.progress({ stage: 'Measuring latency against the original', done: measured.length, total: eligible.length });
    const ab = await measureAb(services, { a: sourcePath, b: one.written.path, feeds: judged.slice(0, 4).map((s) => s.feeds), threads, budgetMs: abBudgetMs }, { signal: context.signal, killSignal: context.killSignal });
    measured.push({ ...one, ab, candidate: { ...one.candidate, latencyMs: ab.latencyBMs, latencyRatio: ab.ratio } });
    if (services.clock() > deadline + input.budgetMs) break;
  }
  const { chosen, reasons } = chooseCandidate(measured, input.goal, prepared.inputBytes);
  const candidates = [
    ...tried.map((one): Candidate => {
      const latest = measured.find((m) => m.written === one.written) ?? one;
      const won = chosen?.written === one.written;
      return { ...latest.candidate, chosen: won, rejectedBecause: won ? null : faults.get(one) ?? reasons.get(latest) ?? 'no time was left to measure its latency' };
    }),
    ...failed,
  ];
  const alone = new Map<string, number | null>();
  if (prepared.floatOutputs && chosen?.setting.kind === 'weights') for (const [node, noise] of weights?.noise ?? []) if (noise < Infinity && !chosen.setting.forms.has(node)) alone.set(node, noise === 0 ? null : decibelsOf(noise));
  if (prepared.floatOutputs && chosen?.setting.kind === 'static') for (const [node, noise] of mixedNoise) if (noise < Infinity && !chosen.setting.options.keep.has(node)) alone.set(node, noise === 0 ? null : decibelsOf(noise));
  const bands = measured.flatMap(({ ab }) => (ab ? [ab] : []));
  if (chosen?.ab && !isFaster(chosen.ab)) findings.push({ id: 'QUANTIZE_NOT_FASTER', severity: isSlower(chosen.ab) ? 'warning' : 'info', place: 'latency', message: `It is smaller, not faster: ${chosen.ab.ratio.toFixed(2)} times the original's latency, where two equal models differ by ${chosen.ab.nullLow.toFixed(2)} to ${chosen.ab.nullHigh.toFixed(2)}.` });
  if (!chosen) findings.push({ id: 'QUANTIZE_KEPT_ORIGINAL', severity: 'info', place: 'recipe', message: 'The original was kept: no candidate was good enough and clearly better on this machine.', remedy: 'See the candidates and their reasons; --goal size accepts slower but smaller models.' });
  return { chosen, candidates, nullControl: bands.length ? { low: Math.min(...bands.map((b) => b.nullLow)), high: Math.max(...bands.map((b) => b.nullHigh)) } : null, findings, alone };
}

/** Of one that was not made nothing is missing. */
const reached = (one: Tried | null): number => (one ? qualityOf(one.proof) : Infinity);

function accuracyFault({ proof, candidate }: Tried, floorDb: number, maxDropPercent: number): string | null {
  if (candidate.accuracyDrop !== null && candidate.accuracyDrop > maxDropPercent) return `accuracy drops by ${candidate.accuracyDrop.toFixed(2)} percentage points, more than ${maxDropPercent}`;
  return outputsFault(proof, floorDb, maxDropPercent);
}
