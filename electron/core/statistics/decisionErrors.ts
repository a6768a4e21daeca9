// What wrong decisions a classification made: escapes and false rejects of each class, and how the samples near the decision threshold ended.
import type { CountedRate, NearThreshold } from '#shared/contract/validation';
import type { ClassSamples } from './classSamples.ts';
import { exactUpperBound } from './intervals.ts';

export interface ClassErrors { /** Of the samples of the class, those that were called something else; null where there is none. */ readonly escapes: CountedRate | null; /** Of the other samples, those that were called so. */ readonly falseRejects: CountedRate | null }

/** One entry a label, with the exact upper bound that limits on escape_rate and false_reject_rate are judged on (Clopper-Pearson, one-sided). */
export function classErrors({ actual, predicted, labels }: ClassSamples, confidence = 0.95): ClassErrors[] {
  const support = new Float64Array(labels.length), hits = new Float64Array(labels.length), named = new Float64Array(labels.length);
  actual.forEach((is, sample) => { const said = predicted[sample] ?? -1; support[is]!++; named[said]!++; if (is === said) hits[is]!++; });
  const rate = (count: number, of: number): CountedRate | null => (of === 0 ? null : { count, of, rate: count / of, interval: exactUpperBound(count, of, confidence) });
  return labels.map((_, label) => { const [s, h, g] = [support[label] ?? 0, hits[label] ?? 0, named[label] ?? 0]; return { escapes: rate(s - h, s), falseRejects: rate(g - h, actual.length - s) }; });
}

/** Widths of the band to either side of the threshold, as differences of probability. */
export const bandWidths = [0.01, 0.02, 0.05, 0.1, 0.2] as const;
const mostListed = 30;

/**
 * Samples by how near their decision was. The distance is half of what the probability of the class decided for leads the next one by: of two classes the
 * distance of the probability from the threshold 0.5; of more what the first would have to lose to the second for another decision. Null without probabilities.
 * @param names of the judged samples, in their order
 * With a threshold of its own it is the distance of the probability of its class from that.
 * @param positive the class whose misses are escapes; null where no limit names one
 */
export function nearThreshold(samples: ClassSamples, names: readonly string[], positive: string | null, threshold: { readonly value: number; readonly positive: string } | null = null): NearThreshold | null {
  const { actual, predicted, labels, scores, scored } = samples;
  if (scores === null || scored < 2) return null;
  const rejected = positive === null ? -1 : labels.indexOf(positive);
  const set = threshold === null ? -1 : labels.indexOf(threshold.positive);
  const each = Array.from(actual, (is, sample) => {
    const row = scores.subarray(sample * scored, (sample + 1) * scored);
    let next = -1;
    for (let column = 0; column < scored; column++) if (column !== predicted[sample] && (next < 0 || (row[column] ?? 0) > (row[next] ?? 0))) next = column;
    const said = predicted[sample] ?? -1;
    const distance = threshold !== null && set >= 0 ? Math.abs((row[set] ?? 0) - threshold.value) : Math.abs((row[said] ?? 0) - (row[next] ?? 0)) / 2;
    return { sample, is, said, next, distance };
  });
  const within = (width: number) => each.filter(({ distance }) => distance <= width + 1e-12);
  return {
    samples: each.length, positive: rejected < 0 ? null : positive, ...(threshold === null ? {} : { threshold: threshold.value }),
    bands: bandWidths.map((width) => {
      const inside = within(width), wrong = inside.filter(({ is, said }) => is !== said);
      return { width, samples: inside.length, wrong: wrong.length, ...(rejected < 0 ? {} : { escapes: wrong.filter(({ is }) => is === rejected).length, falseRejects: wrong.filter(({ said }) => said === rejected).length }) };
    }),
    nearest: each.sort((a, b) => a.distance - b.distance || a.sample - b.sample).slice(0, mostListed)
      .map(({ sample, is, said, next, distance }) => ({ sample: names[sample] ?? String(sample), label: labels[is] ?? '', predicted: labels[said] ?? '', next: labels[next] ?? '', distance })),
  };
}
