// How far a model's outputs are from the original's: signal-to-quantization-noise ratio, cosine and largest difference, accumulated sample by sample.

/** Sums over all elements so far; plain numbers, so that a job can checkpoint them. */
export interface ErrorSums {
  readonly signal: number;
  readonly noise: number;
  readonly other: number;
  readonly product: number;
  readonly maxAbs: number;
  readonly elements: number;
  /** True when some difference was not finite: a NaN or infinity on one side only. */
  readonly broken: boolean;
}

export const noErrors: ErrorSums = { signal: 0, noise: 0, other: 0, product: 0, maxAbs: 0, elements: 0, broken: false };

/** Adds one pair of outputs of the same length. Equal non-finite values count as equal. */
export function addErrors(sums: ErrorSums, reference: ArrayLike<number | bigint>, candidate: ArrayLike<number | bigint>): ErrorSums {
  let { signal, noise, other, product, maxAbs, broken } = sums;
  for (let index = 0; index < reference.length; index++) {
    const x = Number(reference[index]);
    const y = Number(candidate[index]);
    if (Object.is(x, y) && !Number.isFinite(x)) continue;
    const difference = Math.abs(x - y);
    if (!Number.isFinite(difference)) { broken = true; continue; }
    signal += x * x;
    other += y * y;
    product += x * y;
    noise += difference * difference;
    if (difference > maxAbs) maxAbs = difference;
  }
  return { signal, noise, other, product, maxAbs, elements: sums.elements + reference.length, broken };
}

/** SQNR = 10 log10(Σ x² / Σ (x − y)²) in dB; null where the outputs are bit-identical (infinite). A broken or silent signal gives -Infinity-like 0 dB or less. */
export function sqnrDb({ signal, noise, broken }: ErrorSums): number | null {
  if (broken) return -300;
  if (noise === 0) return null;
  return signal === 0 ? -300 : Math.max(-300, 10 * Math.log10(signal / noise));
}

/** Cosine similarity of the two outputs taken as one long vector each; 1 where both are all zero. */
export function cosine({ signal, other, product, broken }: ErrorSums): number {
  if (broken) return 0;
  if (signal === 0 && other === 0) return 1;
  return signal === 0 || other === 0 ? 0 : Math.max(-1, Math.min(1, product / Math.sqrt(signal * other)));
}
