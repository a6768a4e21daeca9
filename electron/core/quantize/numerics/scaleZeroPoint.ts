// Scale and zero point of a real range: r = scale * (q - zeroPoint).
import { AppError } from '#shared/errors';
import { rangeFor, type IntegerTypeName } from './integerTypes.ts';
import { roundHalfEven } from './roundHalfEven.ts';

export interface QuantParams {
  /** A float32 value: what the file stores. */
  readonly scale: number;
  readonly zeroPoint: number;
}

export interface ScaleOptions {
  readonly type: IntegerTypeName;
  readonly symmetric: boolean;
  readonly reduceRange?: boolean;
}

// Smallest normal float32: below it the reference gives up on the range and answers scale 1, zero point 0.
const float32Tiny = 2 ** -126;

/**
 * Scale in float64, stored as float32; the zero point comes from the unrounded scale, ties to even.
 * @param low,high the observed range; widened to contain 0, so that 0 (padding, ReLU) is exact
 * @throws AppError BAD_INPUT for a range that is not finite
 * Source: onnxruntime.quantization 1.32 `compute_scale_zp`; checked byte for byte in test/golden/quantize.
 */
export function scaleZeroPoint(low: number, high: number, options: ScaleOptions): QuantParams {
  if (!Number.isFinite(low) || !Number.isFinite(high)) throw new AppError('BAD_INPUT', 'A range to quantize is not finite.', { hint: 'Look for NaN or infinite values in the weights and the calibration data.' });
  let min = Math.min(low, 0);
  let max = Math.max(high, 0);
  if (options.symmetric) { max = Math.max(-min, max); min = -max; }
  const range = rangeFor(options.type, options);
  const scale = (max - min) / (range.max - range.min);
  if (scale < float32Tiny) return { scale: 1, zeroPoint: 0 };
  return { scale: Math.fround(scale), zeroPoint: options.symmetric ? symmetricZeroPoint(options) : roundHalfEven(range.min - min / scale) + 0 };
}

/** The middle of the integers: where 0 lies in every symmetric range. */
export function symmetricZeroPoint(options: Pick<ScaleOptions, 'type' | 'symmetric' | 'reduceRange'>): number {
  const { min, max } = rangeFor(options.type, options);
  return roundHalfEven((min + max) / 2) + 0;
}
