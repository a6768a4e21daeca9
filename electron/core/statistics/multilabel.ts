// Metrics of a model that gives each sample any number of labels: subset accuracy, Hamming loss, F1 over all and over the labels.
export interface MultilabelMetrics {
  readonly samples: number;
  /** Share of samples whose whole set of labels is right. */
  readonly subsetAccuracy: number;
  /** Share of single yes/no decisions that are wrong. */
  readonly hammingLoss: number;
  readonly microF1: number; readonly macroF1: number;
  readonly labels: readonly { readonly label: string; readonly support: number; readonly precision: number; readonly recall: number; readonly f1: number }[];
}

/** Sets of label places, one entry a sample. A ratio without a denominator counts as 0, as in scikit-learn with zero_division=0. */
export function multilabelMetrics(actual: readonly ReadonlySet<number>[], predicted: readonly ReadonlySet<number>[], labels: readonly string[]): MultilabelMetrics {
  const hits = new Float64Array(labels.length), support = new Float64Array(labels.length), given = new Float64Array(labels.length);
  let whole = 0, wrong = 0;
  actual.forEach((truth, sample) => {
    const answer = predicted[sample] ?? new Set<number>();
    let differs = 0;
    for (let label = 0; label < labels.length; label++) {
      const is = truth.has(label), said = answer.has(label);
      if (is) support[label]!++;
      if (said) given[label]!++;
      if (is && said) hits[label]!++;
      if (is !== said) differs++;
    }
    wrong += differs;
    if (differs === 0) whole++;
  });
  const ratio = (above: number, below: number) => (below === 0 ? 0 : above / below);
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const each = labels.map((label, at) => {
    const [h, s, g] = [hits[at] ?? 0, support[at] ?? 0, given[at] ?? 0];
    return { label, support: s, precision: ratio(h, g), recall: ratio(h, s), f1: ratio(2 * h, s + g) };
  });
  return {
    samples: actual.length, subsetAccuracy: ratio(whole, actual.length), hammingLoss: ratio(wrong, actual.length * labels.length),
    microF1: ratio(2 * sum(hits), sum(support) + sum(given)), macroF1: ratio(each.reduce((total, { f1 }) => total + f1, 0), labels.length), labels: each,
  };
}
