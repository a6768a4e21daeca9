// The proof of a written candidate: loaded, run and compared at the serving options and with optimizations off, before it is called done.
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import type { Feeds } from '#shared/tensor';
import type { JobContext } from '../Services.ts';
import type { OutputQuality } from './compareTasks.ts';
import type { LabConnection } from './openLab.ts';
import type { Written } from './writeTask.ts';

export interface Proof {
  /** Of the first float output, as the reference's users measure it; null where no value of it differs, or there is none. */
  readonly sqnrDb: number | null;
  /** Least share of equal entries in an integer or bool output; null where there is none. */
  readonly agreement: number | null;
  /** Some values were compared. */
  readonly compared: boolean;
  /** Every output was compared on every sample, and no value differs. */
  readonly identical: boolean;
  readonly outputs: readonly OutputQuality[];
  readonly findings: readonly Finding[];
  /** Median latency of original and candidate over the judged samples, interleaved: a first look, without null control. */
  readonly latencyMs: { readonly a: number; readonly b: number };
  /** The same, sample by sample, without the first run of a session. */
  readonly pairs: readonly (readonly [number, number])[];
}

export interface ProofSample { readonly feeds: Feeds; readonly name: string; /** Index of the right class. */ readonly label?: number | null; readonly classes?: number }

/**
 * @throws AppError MODEL_UNSUPPORTED when the runtime refuses the candidate, or it answers NaN where the original does not
 */
export async function prove(lab: LabConnection, candidate: Written, samples: readonly ProofSample[], context: Pick<JobContext, 'signal' | 'progress'>, { otherLevels = true }: { readonly otherLevels?: boolean } = {}): Promise<Proof> {
  const findings: Finding[] = [];
  let off: number | null = null;
  let served: Pick<Proof, 'outputs' | 'latencyMs' | 'pairs'> | null = null;
  for (const optimization of otherLevels ? ['disabled', 'all'] as const : ['all'] as const) {
    await lab.call('quantize.compareOpen', { path: candidate.path, optimization });
    // With optimizations off one sample is enough: it shows that the file itself is sound.
    const judged = optimization === 'all' ? samples : samples.slice(0, 1);
    let done = 0;
    for (const { feeds, label, classes } of judged) {
      context.signal.throwIfAborted();
      await lab.call('quantize.compareSample', { feeds, ...(label === undefined || classes === undefined ? {} : { label, classes }) });
      if (optimization === 'all') context.progress({ stage: 'Proving', done: ++done, total: judged.length });
    }
    const result = await lab.call('quantize.compareResult', {});
    const misshapen = result.outputs.find((o) => o.brokenShape);
    if (misshapen) throw new AppError('MODEL_UNSUPPORTED', `The quantized model answers "${misshapen.output}" in another shape than the original, which declares a fixed one.`, { hint: 'Use --recipe auto, or another recipe.' });
    const broken = result.outputs.find((o) => o.nonFinite > 0);
    if (broken) throw new AppError('MODEL_UNSUPPORTED', `The quantized model answers NaN or infinity in "${broken.output}" where the original does not.`, { hint: 'Use --recipe auto, or keep the layers of large values in float with --exclude.' });
    if (optimization === 'all') served = result;
    else off = headlineOf(result.outputs)?.sqnrDb ?? null;
  }
  const outputs = served?.outputs ?? [];
  const first = headlineOf(outputs);
  if (!first) findings.push({ id: 'QUANTIZE_NO_FLOAT_OUTPUT', severity: 'info', place: 'outputs', message: 'The model has no floating-point output, so no signal-to-noise ratio can be given: its entries are equal to the original\'s, or not.' });
  if (first && off !== null && first.sqnrDb !== null && off < Math.min(first.sqnrDb, 40) - 12) {
    findings.push({ id: 'QUANTIZE_LEVELS_DIFFER', severity: 'warning', place: first.output, message: `With the runtime's optimizations off the result is ${off.toFixed(1)} dB on the first sample, against ${first.sqnrDb.toFixed(1)} dB with them.`, remedy: 'Serve it with the default optimization level.' });
  }
  const shares = outputs.flatMap(({ agreement }) => (agreement === null ? [] : [agreement]));
  const compared = outputs.some((o) => o.compared > 0);
  return { sqnrDb: first?.sqnrDb ?? null, agreement: shares.length ? Math.min(...shares) : null, compared, identical: compared && outputs.every((o) => o.identical), outputs, findings, latencyMs: served?.latencyMs ?? { a: 0, b: 0 }, pairs: served?.pairs ?? [] };
}

/** The first float output, of those that have the same shape on every sample where there is one. */
function headlineOf(outputs: readonly OutputQuality[]): OutputQuality | undefined {
  const floats = outputs.filter(({ kind, compared }) => kind === 'float' && compared > 0);
  return floats.find(({ otherShape }) => otherShape === 0) ?? floats[0] ?? outputs.find(({ kind }) => kind === 'float');
}

/** What the figures of a proof mean to a user: loud where the model is damaged. */
export function judgeProof({ sqnrDb, outputs, compared }: Pick<Proof, 'sqnrDb' | 'outputs' | 'compared'>, heldOut: boolean): Finding[] {
  const findings: Finding[] = [];
  const first = headlineOf(outputs);
  if (!compared) findings.push({ id: 'QUANTIZE_NOT_COMPARED', severity: 'warning', place: 'outputs', message: 'No value of the answers could be compared with the original\'s, so that nothing is known of the result but that it runs.', remedy: 'Give other samples, or judge it by what uses its answers.' });
  for (const { output, kind } of outputs) if (kind === null && compared) findings.push({ id: 'QUANTIZE_OUTPUT_NOT_COMPARED', severity: 'warning', place: output, message: `The output "${output}" is of a type that is not compared.` });
  for (const { output, otherShape, samples } of outputs) if (otherShape > 0) findings.push({ id: 'QUANTIZE_OTHER_LENGTH', severity: 'warning', place: output, message: `The quantized model answers another number of values in "${output}" on ${otherShape} of ${samples} samples${otherShape < samples ? '; its figures hold for the others' : ', so nothing was compared there'}.`, remedy: 'Outputs that select (boxes above a threshold, say) change their length with small changes of what they select from: judge the model by its decisions, with `millwright validate`.' });
  for (const { output, agreement } of outputs) if (agreement !== null && agreement < 1) findings.push({ id: 'QUANTIZE_ENTRIES_DIFFER', severity: agreement < 0.9 ? 'error' : agreement < 0.99 ? 'warning' : 'info', place: output, message: `Of the entries of "${output}" ${Math.max(0.1, 100 * (1 - agreement)).toFixed(1)} % differ from the original's.`, remedy: 'Use --recipe auto, which allows as many as --max-drop says.' });
  for (const { output, undefinedShare } of outputs) if (undefinedShare > 0) findings.push({
    id: 'QUANTIZE_ORIGINAL_NAN', severity: undefinedShare === 1 ? 'error' : 'warning', place: output,
    message: `The original answers NaN in ${undefinedShare === 1 ? 'all' : `${Math.max(0.1, 100 * undefinedShare).toFixed(1)} %`} of "${output}" on these samples, so nothing was compared there.`,
    remedy: 'Look for NaN in the weights (`millwright model check`), and at the preprocessing of the samples.',
  });
  const db = sqnrDb ?? Infinity;
  if (first && db < 20) {
    findings.push({
      id: 'QUANTIZE_LOW_SQNR', severity: db < 10 ? 'error' : 'warning', place: first.output,
      message: db < 10 ? `The quantized model is damaged: its error is ${db <= 0 ? 'larger than' : `within ${db.toFixed(1)} dB of`} its answers.` : `The answers carry a noticeable error: ${db.toFixed(1)} dB.`,
      remedy: 'Use --recipe auto, which keeps sensitive layers in float, or --method mse; `layers` lists the worst first.',
    });
  }
  if (first && first.flips > 0) findings.push({ id: 'QUANTIZE_FLIPS', severity: first.flips / first.samples > 0.02 ? 'warning' : 'info', place: first.output, message: `The largest entry of the output moved on ${first.flips} of ${first.samples} samples.` });
  for (const other of outputs) if (other !== first && other.sqnrDb !== null && other.sqnrDb < Math.min(db, 30) - 6) findings.push({ id: 'QUANTIZE_OUTPUT_WORSE', severity: 'warning', place: other.output, message: `The output "${other.output}" is at ${other.sqnrDb.toFixed(1)} dB, worse than the first.` });
  if (!heldOut) findings.push({ id: 'QUANTIZE_JUDGED_ON_CALIBRATION', severity: 'info', place: 'calibration', message: 'The result was judged on the samples that it was calibrated on, so it may look a little better than it is.', remedy: 'Calibrate on fewer samples than there are: the rest then judges the result.' });
  return findings;
}
