// How a weight is cut into blocks of few bits, and what rounding a set of its columns answers.

export interface BlockScheme {
  readonly bits: 4 | 8;
  /** Values along k that share a scale: 16, 32, 64, 128 or 256. */
  readonly blockSize: number;
  /** The zero point is the middle of the codes (8 or 128), and not stored. */
  readonly symmetric: boolean;
}

/** `columns` of a [k, n] weight, each with its k values in a row. */
export interface ColumnTile {
  readonly k: number;
  readonly columns: number;
  /** [columns, k]; a rounder may change them. */
  readonly values: Float64Array;
  /** [columns, k], to be filled: what is stored for each value. */
  readonly codes: Uint8Array;
  /** [columns, blocks], to be filled: float32. */
  readonly scales: Float32Array;
  /** [columns, blocks], to be filled. */
  readonly zeroPoints: Uint8Array;
}

/** Fills codes, scales and zero points of a tile. The value of a code is (code - zero point) * scale. */
export type ColumnRounder = (tile: ColumnTile, scheme: BlockScheme) => void;

export const blocksOf = (k: number, { blockSize }: Pick<BlockScheme, 'blockSize'>): number => Math.ceil(k / blockSize);
export const topCode = ({ bits }: Pick<BlockScheme, 'bits'>): number => (1 << bits) - 1;
export const middleCode = ({ bits }: Pick<BlockScheme, 'bits'>): number => 1 << (bits - 1);
