// How far people agree beyond chance: kappa with its interval, for two raters and for more.
import type { Interval } from '#shared/contract/validation';
import { bootstrapBca } from './bootstrap.ts';
import { cohenKappa, confusionOf, fleissKappa, totalOf } from './classification.ts';
import { normalQuantile } from './special.ts';

export interface Kappa { readonly kappa: number; readonly interval: Interval | null }

/** Cohen's kappa with the large-sample interval (Fleiss, Cohen, Everitt 1969), cut at -1 and 1; null where chance agreement is complete. */
export function cohenAgreement(first: readonly string[], second: readonly string[], confidence = 0.95): Kappa | null {
  const confusion = confusionOf(first, second, []);
  const kappa = cohenKappa(confusion);
  if (kappa === null) return null;
  const n = totalOf(confusion);
  const { counts } = confusion;
  const rows = counts.map((row) => row.reduce((sum, count) => sum + count, 0) / n);
  const columns = counts.map((_, index) => counts.reduce((sum, row) => sum + (row[index] ?? 0), 0) / n);
  const chance = rows.reduce((sum, share, index) => sum + share * (columns[index] ?? 0), 0);
  let a = 0, b = 0;
  counts.forEach((row, i) => row.forEach((count, j) => {
    const share = count / n;
    if (i === j) a += share * (1 - ((rows[i] ?? 0) + (columns[i] ?? 0)) * (1 - kappa)) ** 2;
    else b += share * ((columns[i] ?? 0) + (rows[j] ?? 0)) ** 2;
  }));
  const variance = (a + b * (1 - kappa) ** 2 - (kappa - chance * (1 - kappa)) ** 2) / ((1 - chance) ** 2 * n);
  const reach = normalQuantile(1 - (1 - confidence) / 2) * Math.sqrt(Math.max(0, variance));
  return { kappa, interval: { low: Math.max(-1, kappa - reach), high: Math.min(1, kappa + reach), confidence, method: 'Fleiss, Cohen and Everitt, large sample', n } };
}

/** Fleiss' kappa with a BCa bootstrap over the samples. ratings[sample] = one label a rater; every sample has as many. */
export function fleissAgreement(ratings: readonly (readonly string[])[], confidence = 0.95): Kappa | null {
  const labels = [...new Set(ratings.flat())].sort();
  const counts = ratings.map((row) => labels.map((label) => row.filter((each) => each === label).length));
  const kappa = fleissKappa(counts);
  if (kappa === null) return null;
  // A draw with one label alone has no kappa of its own: everybody agreed in it.
  const of = (indices: Int32Array) => fleissKappa(Array.from(indices, (index) => counts[index] ?? [])) ?? 1;
  return { kappa, interval: bootstrapBca(counts.length, of, { confidence, resamples: 1000 }) };
}
