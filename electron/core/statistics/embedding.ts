// Metrics of an embedding: recall among the nearest neighbours by cosine, each sample asked against all others, and the cosine of two embeddings of the same samples.

/** Unit length; a vector of zeros stays. */
function unit(vector: ArrayLike<number>): Float64Array {
  const out = Float64Array.from(vector);
  const length = Math.sqrt(out.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? out : out.map((value) => value / length);
}
const dot = (a: Float64Array, b: Float64Array): number => { let sum = 0; for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0); return sum; };

/** Share of samples with a sample of their own label among the k nearest others; samples that are alone in their label count as missed. The first of equals is nearer. */
export function recallAtK(vectors: readonly ArrayLike<number>[], labels: readonly string[], ks: readonly number[]): number[] {
  return recallAmong(vectors, vectors.map((_, at) => at), vectors, labels, ks);
}

/** As `recallAtK`, of some samples alone: `vectors` are those of the samples at `places`, each asked against all `others` but itself. */
export function recallAmong(vectors: readonly ArrayLike<number>[], places: readonly number[], others: readonly ArrayLike<number>[], labels: readonly string[], ks: readonly number[]): number[] {
  const units = others.map(unit);
  const found = ks.map(() => 0);
  vectors.forEach((given, asked) => {
    const sample = places[asked] ?? -1, vector = unit(given);
    // The rank of the best sample of the same label says for every k whether it is found.
    let best = -1, bestCosine = Number.NEGATIVE_INFINITY;
    const cosines = units.map((other) => dot(vector, other));
    cosines.forEach((cosine, at) => { if (at !== sample && labels[at] === labels[sample] && cosine > bestCosine) { best = at; bestCosine = cosine; } });
    if (best === -1) return;
    let rank = 0;
    cosines.forEach((cosine, at) => { if (at !== sample && (cosine > bestCosine || (cosine === bestCosine && at < best))) rank++; });
    ks.forEach((k, at) => { if (rank < k) found[at]!++; });
  });
  return found.map((count) => (vectors.length === 0 ? 0 : count / vectors.length));
}

/** The cosine of each vector with its counterpart. */
export const cosines = (vectors: readonly ArrayLike<number>[], others: readonly ArrayLike<number>[]): Float64Array => Float64Array.from(vectors, (vector, at) => dot(unit(vector), unit(others[at] ?? [])));
