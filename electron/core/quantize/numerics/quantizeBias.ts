// Bias as INT32 with scale = input scale * weight scale, and the rule that keeps it inside INT32.
import { roundHalfEven } from './roundHalfEven.ts';

const int32Max = 2147483647;
const int32Min = -2147483648;
// A margin, so that float32 rounding of the raised scale cannot bring the overflow back.
const margin = 1.0001;
/** Its product with any sensible scale of an input is a normal float32. */
const smallestScale = 2 ** -60;

export interface QuantizedBias { readonly values: Int32Array<ArrayBuffer>; readonly scales: Float32Array<ArrayBuffer> }

/**
 * Raises weight scales under which the bias would not fit INT32; only for symmetric signed weights.
 * @param weightScales one value, or one per channel
 * @returns the same array when nothing had to change
 * Source: onnxruntime.quantization 1.32 `_adjust_weight_scale_for_int32_bias`.
 */
export function raiseScalesForBias(bias: Float32Array, inputScale: number, weightScales: readonly number[]): readonly number[] {
  const span = int32Max - (int32Min + 1);
  const raised = (scale: number, needed: number) => {
    const candidate = inputScale * scale;
    return candidate < needed && candidate > 0 ? Math.fround(scale * (needed / candidate)) : scale;
  };
  let next: number[];
  if (weightScales.length === 1) {
    let magnitude = 0;
    for (const b of bias) magnitude = Math.max(magnitude, Math.abs(b));
    next = [raised(weightScales[0]!, margin * (2 * magnitude) / span)];
  } else {
    // the reference multiplies in float32 here, in float64 above: kept, so that the bytes agree
    next = weightScales.map((scale, i) => raised(scale, Math.fround(Math.fround(margin) * Math.fround(2 * Math.abs(bias[i] ?? 0))) / span));
  }
  return next.every((scale, i) => scale === weightScales[i]) ? weightScales : next;
}

/** A float32 has no more digits than that. */
const biasSteps = 2 ** 23;

/**
 * Weight scales of channels whose weights are all zero (pruned), chosen for the bias: zeros are exact at any scale, and the scale of 1 that such a weight has by itself would round the bias to steps of the input's scale.
 * @param weightScales one value, or one per channel
 * @param empty which of them belong to zeros alone
 */
export function fitScalesToBias(bias: Float32Array, inputScale: number, weightScales: readonly number[], empty: readonly boolean[]): readonly number[] {
  const largest = () => bias.reduce((most, b) => Math.max(most, Math.abs(b)), 0);
  return weightScales.map((scale, i) => {
    if (empty[i] !== true) return scale;
    const fitting = Math.fround((weightScales.length === 1 ? largest() : Math.abs(bias[i] ?? 0)) / inputScale / biasSteps);
    if (!(fitting > smallestScale && fitting < Infinity)) return scale;
    return scale === 1 ? fitting : Math.max(scale, fitting); // fitted before, to the bias of another node that shares the weight
  });
}

/**
 * @returns INT32 values and float32 scales, one per weight scale; zero point 0
 * Source: onnxruntime.quantization 1.32 `quantize_bias_static_impl`: scale product in float32, division in float64.
 */
export function quantizeBias(bias: Float32Array, inputScale: number, weightScales: readonly number[]): QuantizedBias {
  const scales = Float32Array.from(weightScales, (scale) => Math.fround(inputScale * scale));
  const values = new Int32Array(bias.length);
  for (let i = 0; i < bias.length; i++) {
    const q = roundHalfEven(bias[i]! / scales[scales.length === 1 ? 0 : i]!);
    values[i] = q < int32Min ? int32Min : q > int32Max ? int32Max : q;
  }
  return { values, scales };
}
