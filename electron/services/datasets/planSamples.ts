// The sample-size planner, both ways, with the sentence that a person reads.
import { AppError } from '#shared/errors';
import { provenRate, samplesNeeded } from '#core/statistics/sampleSize';

export interface Plan { readonly samplesNeeded: number | null; readonly provenRate: number | null; readonly sentence: string }

/** Exact one-sided binomial bound (Clopper and Pearson 1934); rates are shares from 0 to 1. Throws BAD_INPUT where neither a rate nor a number of samples is given, or more samples failed than there are. */
export function planSamples(input: { readonly maxRate?: number | undefined; readonly confidence: number; readonly failures: number; readonly samples?: number | undefined }): Plan {
  const { maxRate, confidence, failures, samples } = input;
  if (maxRate === undefined && samples === undefined) throw new AppError('BAD_INPUT', 'Neither a rate nor a number of samples is given, so there is nothing to plan.', { hint: 'Give the rate that is to be proven, the number of samples, or both.' });
  if (samples !== undefined && samples > 0 && failures > samples) throw new AppError('BAD_INPUT', `${failures} failures are more than ${samples} samples.`, { hint: 'Give the samples together with those that failed.' });
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
  const misses = (count: number) => `${count} miss${count === 1 ? '' : 'es'}`;
  const proves = (n: number, rate: number) => `${misses(failures)} in ${n} samples prove a rate below ${percent(rate)} at ${percent(confidence)} confidence.`;
  const proven = samples === undefined || samples === 0 ? null : provenRate(failures, samples, confidence);
  const now = samples === undefined ? '' : proven === null ? 'No sample proves nothing.' : proves(samples, proven);
  if (maxRate === undefined) return { samplesNeeded: null, provenRate: proven, sentence: now };
  const needed = samplesNeeded(maxRate, confidence, failures);
  if (samples === undefined) return { samplesNeeded: needed, provenRate: null, sentence: proves(needed, maxRate) };
  const lacking = needed - samples;
  return { samplesNeeded: needed, provenRate: proven, sentence: lacking > 0 ? `${now} ${lacking} more without a miss prove ${percent(maxRate)}.` : `${now} That is enough for ${percent(maxRate)}.` };
}
