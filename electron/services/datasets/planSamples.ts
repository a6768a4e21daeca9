// The sample-size planner, both ways, with the sentence that a person reads.
import { provenRate, samplesNeeded } from '#core/statistics/sampleSize';

export interface Plan { readonly samplesNeeded: number; readonly provenRate: number | null; readonly sentence: string }

/** Exact one-sided binomial bound; rates are shares from 0 to 1. */
export function planSamples(input: { readonly maxRate: number; readonly confidence: number; readonly failures: number; readonly samples?: number | undefined }): Plan {
  const { maxRate, confidence, failures, samples } = input;
  const needed = samplesNeeded(maxRate, confidence, failures);
  const percent = (share: number) => `${Number((share * 100).toPrecision(3))} %`;
  const misses = (count: number) => `${count} miss${count === 1 ? '' : 'es'}`;
  if (samples === undefined) return { samplesNeeded: needed, provenRate: null, sentence: `${misses(failures)} in ${needed} samples prove a rate below ${percent(maxRate)} at ${percent(confidence)} confidence.` };
  const proven = samples > 0 && failures <= samples ? provenRate(failures, samples, confidence) : null;
  const lacking = needed - samples;
  const now = proven === null ? 'No sample proves nothing.' : `${misses(failures)} in ${samples} samples prove a rate below ${percent(proven)} at ${percent(confidence)} confidence.`;
  return { samplesNeeded: needed, provenRate: proven, sentence: lacking > 0 ? `${now} ${lacking} more without a miss prove ${percent(maxRate)}.` : `${now} That is enough for ${percent(maxRate)}.` };
}
