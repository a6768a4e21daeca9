/**
 * Occlusion sensitivity: a patch covers one part of the picture after the other, and what the model's score loses tells how much it looked there.
 * M. D. Zeiler, R. Fergus: Visualizing and Understanding Convolutional Networks, ECCV 2014, section 4.2. It needs no gradient, so it is the same for a
 * float and a quantized model and whatever the operators are.
 *
 * The picture is cut into square cells, at most `cellsPerSide` along its longer side. A patch is `patchCells` cells wide and moves by one cell, also over
 * the edges, so that each cell is covered by the same number of patches. The value of a cell is the mean loss over the patches that cover it.
 */
import type { PictureAxes } from './imageTensor.ts';

export const cellsPerSide = 12;
/** A quarter of the side: as in the paper, large enough to hide a feature, small enough to tell where it was. */
export const patchCells = 3;

export interface OcclusionPlan {
  readonly rows: number;
  readonly columns: number;
  /** Of a cell, in pixels of the model's input. */
  readonly cellPixels: number;
  /** One for each place of the patch: the cells that it covers, end excluded. */
  readonly patches: ReadonlyArray<{ readonly row: readonly [number, number]; readonly column: readonly [number, number] }>;
}

export function planOcclusion({ height, width }: Pick<PictureAxes, 'height' | 'width'>): OcclusionPlan {
  const cellPixels = Math.max(1, Math.ceil(Math.max(height, width) / cellsPerSide));
  const [rows, columns] = [Math.ceil(height / cellPixels), Math.ceil(width / cellPixels)];
  const spans = (cells: number) => Array.from({ length: cells + patchCells - 1 }, (_, at): readonly [number, number] => [Math.max(0, at - patchCells + 1), Math.min(cells, at + 1)]);
  return { rows, columns, cellPixels, patches: spans(rows).flatMap((row) => spans(columns).map((column) => ({ row, column }))) };
}

/** The mean of each channel over the whole picture: what a patch is filled with, so that it brings no edge brighter or darker than the picture has. */
export function channelMeans(data: ArrayLike<number>, { height, width, channels, rowStep, columnStep, channelStep }: PictureAxes): Float64Array {
  return Float64Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    for (let row = 0; row < height; row++) for (let column = 0; column < width; column++) sum += data[channel * channelStep + row * rowStep + column * columnStep] ?? 0;
    return sum / (height * width);
  });
}

/** A copy of the picture with one patch covered. */
export function occluded<T extends { slice(): T; [at: number]: number }>(data: T, axes: PictureAxes, { cellPixels, patches }: OcclusionPlan, patch: number, fill: ArrayLike<number>): T {
  const copy = data.slice();
  const place = patches[patch];
  if (!place) throw new RangeError(`there is no patch ${patch}`);
  for (let channel = 0; channel < axes.channels; channel++) {
    for (let row = place.row[0] * cellPixels; row < Math.min(axes.height, place.row[1] * cellPixels); row++) {
      for (let column = place.column[0] * cellPixels; column < Math.min(axes.width, place.column[1] * cellPixels); column++) copy[channel * axes.channelStep + row * axes.rowStep + column * axes.columnStep] = fill[channel] ?? 0;
    }
  }
  return copy;
}

/**
 * @param losses score of the whole picture minus the score with each patch, in the order of `patches`
 * @param changed whether the decision was another one with that patch
 * @returns by cell, row by row: the mean loss over the patches that cover it, and whether one of them centred on it changed the decision
 */
export function attribute({ rows, columns, patches }: OcclusionPlan, losses: ArrayLike<number>, changed: ArrayLike<boolean>): { readonly losses: number[][]; readonly changes: boolean[][] } {
  const grid = <T>(value: () => T) => Array.from({ length: rows }, () => Array.from({ length: columns }, value));
  const [sums, counts, changes] = [grid(() => 0), grid(() => 0), grid(() => false)];
  const add = (to: number[][], row: number, column: number, value: number) => { const line = to[row]; if (line) line[column] = (line[column] ?? 0) + value; };
  const reach = Math.floor(patchCells / 2);
  patches.forEach(({ row, column }, at) => {
    for (let y = row[0]; y < row[1]; y++) for (let x = column[0]; x < column[1]; x++) { add(sums, y, x, losses[at] ?? 0); add(counts, y, x, 1); }
    // Patches lie row by row; the cell in the middle of the whole patch may be outside of the picture.
    const [centreRow, centreColumn] = [Math.floor(at / (columns + patchCells - 1)) - reach, (at % (columns + patchCells - 1)) - reach];
    const line = changes[centreRow];
    if (line && centreColumn >= 0 && centreColumn < columns && changed[at] === true) line[centreColumn] = true;
  });
  return { losses: sums.map((line, row) => line.map((sum, column) => sum / (counts[row]?.[column] ?? 1))), changes };
}
