// A weight as a quantized model will compute with it: rounded to INT8 and back.
import { dequantize, quantizeWeight } from '../numerics/quantizeValues.ts';

/**
 * @param axis of the scales; null for one scale
 * @param reduceRange to 7 bits
 */
export const roundedWeight = (data: Float32Array, dims: readonly number[], axis: number | null, reduceRange = false): Float32Array => dequantize(quantizeWeight(data, dims, axis, { type: 'int8', symmetric: true, reduceRange }), dims);
