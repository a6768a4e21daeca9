// A JPEG frame as it is decoded: its components with their coefficients, and the tables in force.
export interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantizationId: number;
  /** Blocks that the image covers, and blocks with those that only fill the last units. */
  readonly blocksWide: number;
  readonly blocksHigh: number;
  readonly storedWide: number;
  readonly storedHigh: number;
  readonly coefficients: Int16Array;
  dcPredictor: number;
}

export interface JpegFrame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly maxHorizontal: number;
  readonly maxVertical: number;
  readonly unitsWide: number;
  readonly unitsHigh: number;
  readonly components: readonly JpegComponent[];
}

/** Codes of at most 8 bits are found in one step: value in the low byte, length above; 0 where the code is longer. */
export interface HuffmanTable { readonly fast: Uint16Array; readonly maxCode: Int32Array; readonly offset: Int32Array; readonly values: Uint8Array }

/** Null for lengths that make no code (ITU-T T.81, annex C). */
export function buildHuffman(counts: Uint8Array, values: Uint8Array): HuffmanTable | null {
  const fast = new Uint16Array(256);
  const maxCode = new Int32Array(18).fill(-1);
  const offset = new Int32Array(18);
  let code = 0, index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    offset[length] = index - code;
    for (let one = 0; one < count; one++, code++, index++) {
      if (code >= 1 << length) return null;
      if (length <= 8) fast.fill((length << 8) | (values[index] ?? 0), code << (8 - length), (code + 1) << (8 - length));
    }
    if (count > 0) maxCode[length] = code - 1;
    code <<= 1;
  }
  return { fast, maxCode, offset, values };
}
