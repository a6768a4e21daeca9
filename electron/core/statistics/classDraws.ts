// Precision, recall, F1, kappa and calibration error of any draw of the judged samples, from counts that a draw adds up.
import type { WeightedFigures } from './bootstrapFigures.ts';
import type { ClassSamples } from './classSamples.ts';

/** Places of the figures of `countFigures`; F1 of each label follows from `perClass` on. */
export const countPlaces = { precision: 0, recall: 1, f1: 2, kappa: 3, perClass: 4 } as const;

/**
 * Mean precision, recall and F1 over the labels that occur in the draw (an undefined one counts 0, as in scikit-learn with zero_division=0),
 * Cohen's kappa (Cohen 1960) against the labels, and F1 of each label. NaN where a figure cannot be told from the draw.
 */
export function countFigures({ actual, predicted, labels }: ClassSamples): WeightedFigures {
  const k = labels.length, { perClass } = countPlaces;
  return (weights) => {
    const hits = new Float64Array(k), support = new Float64Array(k), given = new Float64Array(k), out = new Float64Array(perClass + k).fill(Number.NaN);
    let all = 0;
    for (let sample = 0; sample < actual.length; sample++) {
      const times = weights?.[sample] ?? 1, is = actual[sample] ?? 0, said = predicted[sample] ?? 0;
      if (times === 0) continue;
      all += times;
      support[is]! += times;
      given[said]! += times;
      if (is === said) hits[is]! += times;
    }
    let occurring = 0, precision = 0, recall = 0, f1 = 0, agreed = 0, chance = 0;
    for (let label = 0; label < k; label++) {
      const [h, s, g] = [hits[label] ?? 0, support[label] ?? 0, given[label] ?? 0];
      if (s + g === 0) continue;
      occurring++;
      precision += g === 0 ? 0 : h / g;
      recall += s === 0 ? 0 : h / s;
      f1 += out[perClass + label] = (2 * h) / (s + g);
      agreed += h / all;
      chance += (s / all) * (g / all);
    }
    if (occurring === 0) return out;
    out[countPlaces.precision] = precision / occurring;
    out[countPlaces.recall] = recall / occurring;
    out[countPlaces.f1] = f1 / occurring;
    if (1 - chance > 1e-12) out[countPlaces.kappa] = (agreed - chance) / (1 - chance);
    return out;
  };
}

export const calibrationBins = 15;

/** Expected calibration error over right-closed bins of equal width (Guo et al. 2017): a share from 0 to 1. */
export function calibrationFigure({ actual, predicted, stated }: ClassSamples): WeightedFigures | null {
  if (stated === null) return null;
  const place = Uint8Array.from(stated, (share) => Math.min(calibrationBins - 1, Math.max(0, Math.ceil(share * calibrationBins) - 1)));
  return (weights) => {
    // Of each bin, what was stated less what was right.
    const away = new Float64Array(calibrationBins);
    let all = 0;
    for (let sample = 0; sample < place.length; sample++) {
      const times = weights?.[sample] ?? 1;
      all += times;
      away[place[sample] ?? 0]! += times * ((stated[sample] ?? 0) - (actual[sample] === predicted[sample] ? 1 : 0));
    }
    return [all === 0 ? Number.NaN : away.reduce((sum, value) => sum + Math.abs(value), 0) / all];
  };
}
