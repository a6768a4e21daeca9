// The judged samples of a classification as numbers: what was right, what was said, and how sure the model was of each class.

export interface ClassSamples {
  /** Classes of the model in the order of its scores, then labels that occur beside them. */
  readonly labels: readonly string[];
  /** Places in `labels`, one a sample. */
  readonly actual: Int32Array;
  readonly predicted: Int32Array;
  /** Probabilities, one row a sample and one column for each of the first `scored` labels; null where the model gives none that were kept. */
  readonly scores: Float64Array | null;
  readonly scored: number;
  /** softmax: the model's own scores are no probabilities. */
  readonly how: 'given' | 'softmax';
  /** Probability of the decision of each sample; null where it is none. */
  readonly stated: Float64Array | null;
}

export interface ClassAnswers {
  readonly actual: readonly string[];
  readonly predicted: readonly string[];
  readonly classes: readonly string[];
  /** Scores of all classes, one row a sample, in the order of `classes`. */
  readonly scores?: readonly (readonly number[])[] | null;
  /** Score of the decision, for models whose scores of all classes were not kept. */
  readonly stated?: readonly (number | null)[] | null;
}

/** Labels and answers in one order. Scores that are no probabilities are made such by softmax. */
export function classSamplesOf({ actual, predicted, classes, scores = null, stated = null }: ClassAnswers): ClassSamples {
  const known = [...new Set(classes)], named = new Set(known);
  const labels = [...known, ...[...new Set([...actual, ...predicted])].filter((label) => !named.has(label)).sort()];
  const place = new Map(labels.map((label, at) => [label, at]));
  const places = (list: readonly string[]) => Int32Array.from(list, (label) => place.get(label) ?? -1);
  const said = places(predicted);
  const isWhole = scores !== null && known.length === classes.length && scores.length === actual.length && scores.every((row) => row.length === classes.length);
  const sure = stated !== null && stated.length > 0 && stated.every((score) => score !== null && isShare(score)) ? Float64Array.from(stated, Number) : null;
  // Of two classes the other one has the rest.
  const rows = isWhole ? scores : sure && known.length === 2 && said.every((at) => at < 2) ? Array.from(sure, (share, at) => (said[at] === 0 ? [share, 1 - share] : [1 - share, share])) : [];
  const { values, how } = probabilitiesOf(rows);
  const shares = rows.length > 0 ? values : null;
  const own = shares ? Float64Array.from(said, (at, sample) => (at < classes.length ? shares[sample * classes.length + at] ?? 0 : 0)) : sure;
  return { labels, actual: places(actual), predicted: said, scores: shares, scored: shares ? classes.length : 0, how, stated: own };
}

const isShare = (score: number): boolean => score >= 0 && score <= 1;

/** As they are where every one lies from 0 to 1; else softmax of each row, which is what a network that gives logits was trained with. NaN counts as 0. */
export function probabilitiesOf(rows: readonly (readonly number[])[]): { readonly values: Float64Array; readonly how: 'given' | 'softmax' } {
  const width = rows[0]?.length ?? 0;
  const values = new Float64Array(rows.length * width);
  const how = rows.every((row) => row.every((score) => Number.isNaN(score) || isShare(score))) ? 'given' : 'softmax';
  rows.forEach((row, sample) => {
    const highest = row.reduce((most, score) => (score > most ? score : most), Number.NEGATIVE_INFINITY);
    // An infinite score takes all; equal ones share it.
    const parts = row.map((score) => (Number.isNaN(score) ? 0 : how === 'given' ? score : score === highest ? 1 : Math.exp(score - highest)));
    const sum = how === 'given' ? 1 : parts.reduce((total, part) => total + part, 0);
    parts.forEach((part, column) => { values[sample * width + column] = sum === 0 ? 0 : part / sum; });
  });
  return { values, how };
}

/** Some of the samples, as a set of their own. */
export function pickClassSamples(samples: ClassSamples, places: readonly number[]): ClassSamples {
  const { actual, predicted, scores, scored, stated } = samples;
  const picked = scores && new Float64Array(places.length * scored);
  if (scores && picked) places.forEach((from, to) => { picked.set(scores.subarray(from * scored, (from + 1) * scored), to * scored); });
  return { ...samples, actual: Int32Array.from(places, (at) => actual[at] ?? -1), predicted: Int32Array.from(places, (at) => predicted[at] ?? -1), scores: picked, stated: stated && Float64Array.from(places, (at) => stated[at] ?? 0) };
}
