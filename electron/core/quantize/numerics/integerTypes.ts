// The integer types that weights and activations are stored as, with the ranges that the reference tool uses for each.

interface IntegerRange { readonly min: number; readonly max: number }
interface IntegerType {
  /** TensorProto.DataType of the ONNX schema. */
  readonly onnxType: number;
  readonly bits: 4 | 8 | 16 | 32;
  readonly full: IntegerRange;
  /** Used for symmetric scales, so that -x and x quantize alike; 4-bit types keep their full range. */
  readonly symmetric: IntegerRange;
  /** 7 of 8 bits: u8 x s8 pair sums then fit int16 on CPUs without VNNI. */
  readonly reduced: IntegerRange;
  readonly signed: boolean;
}

/** Source: onnxruntime.quantization 1.32 `ONNX_INT_TYPE_*RANGE` (values are facts of the interface). */
export const integerTypes = {
  int8: { onnxType: 3, bits: 8, full: { min: -128, max: 127 }, symmetric: { min: -127, max: 127 }, reduced: { min: -64, max: 64 }, signed: true },
  uint8: { onnxType: 2, bits: 8, full: { min: 0, max: 255 }, symmetric: { min: 0, max: 255 }, reduced: { min: 0, max: 127 }, signed: false },
  int16: { onnxType: 5, bits: 16, full: { min: -32768, max: 32767 }, symmetric: { min: -32767, max: 32767 }, reduced: { min: -16384, max: 16384 }, signed: true },
  uint16: { onnxType: 4, bits: 16, full: { min: 0, max: 65535 }, symmetric: { min: 0, max: 65535 }, reduced: { min: 0, max: 32767 }, signed: false },
  int4: { onnxType: 22, bits: 4, full: { min: -8, max: 7 }, symmetric: { min: -8, max: 7 }, reduced: { min: -4, max: 3 }, signed: true },
  uint4: { onnxType: 21, bits: 4, full: { min: 0, max: 15 }, symmetric: { min: 0, max: 15 }, reduced: { min: 0, max: 7 }, signed: false },
} as const satisfies Record<string, IntegerType>;

export type IntegerTypeName = keyof typeof integerTypes;

/** The range that a scale is spread over. Reduced wins over symmetric, as in the reference. */
export function rangeFor(type: IntegerTypeName, options: { readonly symmetric: boolean; readonly reduceRange?: boolean }): IntegerRange {
  const entry = integerTypes[type];
  if (options.reduceRange) return entry.reduced;
  return options.symmetric ? entry.symmetric : entry.full;
}
