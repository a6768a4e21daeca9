// Zero points and scales that serve the many small weights of a block, not its extremes; needs no data.
import { topCode, type BlockScheme, type ColumnTile } from './BlockScheme.ts';
import { coveringParams, eachBlock, fillCodes, type BlockParams } from './roundNearest.ts';

/** As published: the norm of the error, its weight in the first round, and how that grows. */
const [norm, firstBeta, growth, rounds] = [0.7, 10, 1.01, 20] as const;

/** Shares of the covering scale: ranges that give up the extremes. */
const shrunk = [0.9, 0.8, 0.7, 0.6] as const;

/**
 * Half-quadratic quantization, with the zero point rounded to the integer that the kernel multiplies with, narrower ranges tried beside it, and the scale fitted to the codes afterwards.
 * No block comes out with a larger squared error than round to nearest leaves.
 * Source: Badri & Shaji 2023, Half-Quadratic Quantization of Large Machine Learning Models (HQQ): min over z of |w - s (q - z)|_p, p < 1, by a proximal step and a mean in turns.
 */
export function roundHalfQuadratic(tile: ColumnTile, scheme: BlockScheme): void {
  eachBlock(tile, scheme, (from, until, at) => {
    const params = halfQuadraticParams(tile.values, tile.codes, from, until, scheme);
    tile.scales[at] = params.scale;
    tile.zeroPoints[at] = params.zeroPoint;
    fillCodes(tile.values, tile.codes, from, until, params, topCode(scheme));
  });
}

/** `scratch` takes codes of the span and is left with those of some candidate. */
export function halfQuadraticParams(values: Float64Array, scratch: Uint8Array, from: number, until: number, scheme: BlockScheme): BlockParams {
  const covering = coveringParams(values, from, until, scheme);
  if (covering.scale === 0) return covering;
  const top = topCode(scheme);
  let best = covering;
  let least = squaredError(values, scratch, from, until, covering, top);
  const consider = (params: BlockParams) => {
    if (!(params.scale !== 0) || !Number.isFinite(params.scale)) return;
    const error = squaredError(values, scratch, from, until, params, top);
    if (error < least) { least = error; best = params; }
  };
  const zeroPoint = scheme.symmetric ? covering.zeroPoint : Math.min(top, Math.max(0, Math.round(proximalZero(values, from, until, covering.scale, top))));
  consider({ scale: covering.scale, zeroPoint });
  for (const share of shrunk) consider({ scale: Math.fround(covering.scale * share), zeroPoint: best.zeroPoint });
  // From either zero point: the scale that fits the codes best, and the codes under that scale, while it helps.
  for (const start of [best, covering]) {
    let params: BlockParams = start;
    for (let round = 0; round < 4; round++) {
      squaredError(values, scratch, from, until, params, top);
      const scale = fittedScale(values, scratch, from, until, params.zeroPoint);
      if (scale === null || scale === params.scale) break;
      params = { scale, zeroPoint: params.zeroPoint };
      consider(params);
    }
  }
  return best;
}

/** The zero point, not yet rounded, by alternating a shrinking of the errors with a mean. */
function proximalZero(values: Float64Array, from: number, until: number, scale: number, top: number): number {
  let min = 0;
  for (let i = from; i < until; i++) min = Math.min(min, values[i]!);
  let [zero, beta, last] = [-min / scale, firstBeta as number, Infinity];
  for (let round = 0; round < rounds; round++) {
    let [sum, magnitude] = [0, 0];
    // Up to here the threshold is above the error, so that it need not be computed: of usual weights that is nearly all.
    const cut = beta ** (-1 / (2 - norm)) * (1 - 1e-9);
    for (let i = from; i < until; i++) {
      const w = values[i]!;
      const code = Math.min(top, Math.max(0, Math.round(w / scale + zero)));
      const error = w - scale * (code - zero);
      const size = Math.abs(error);
      magnitude += size;
      // The generalized soft threshold of the p-norm.
      const sparse = size <= cut ? 0 : Math.sign(error) * Math.max(0, size - (1 / beta) * size ** (norm - 1));
      sum += code - (w - sparse) / scale;
    }
    if (!(magnitude < last)) break;
    last = magnitude;
    zero = sum / (until - from);
    beta *= growth;
  }
  return zero;
}

function squaredError(values: Float64Array, codes: Uint8Array, from: number, until: number, params: BlockParams, top: number): number {
  fillCodes(values, codes, from, until, params, top);
  let sum = 0;
  for (let i = from; i < until; i++) sum += (values[i]! - (codes[i]! - params.zeroPoint) * params.scale) ** 2;
  return sum;
}

/** Least squares: <w, q - z> / <q - z, q - z>, in float32; null where all codes are the zero point. */
function fittedScale(values: Float64Array, codes: Uint8Array, from: number, until: number, zeroPoint: number): number | null {
  let [cross, own] = [0, 0];
  for (let i = from; i < until; i++) {
    const q = codes[i]! - zeroPoint;
    cross += values[i]! * q;
    own += q * q;
  }
  return own === 0 ? null : Math.fround(cross / own);
}
