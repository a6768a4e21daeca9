// Round to nearest, with the scale that just covers each block: what the runtime's own packing kernel does.
import { blocksOf, middleCode, topCode, type BlockScheme, type ColumnTile } from './BlockScheme.ts';

const f = Math.fround;
export interface BlockParams { readonly scale: number; readonly zeroPoint: number }

/** The smallest scale whose codes reach every value of [from, until), zero among them; float32 as the kernel computes it. */
export function coveringParams(values: Float64Array, from: number, until: number, scheme: BlockScheme): BlockParams {
  let min = 0, max = 0;
  for (let i = from; i < until; i++) {
    const w = values[i]!;
    if (w < min) min = w; else if (w > max) max = w;
  }
  const top = topCode(scheme);
  if (scheme.symmetric) return { scale: f((Math.abs(max) > Math.abs(min) ? max : min) / -middleCode(scheme)), zeroPoint: middleCode(scheme) };
  const scale = f(f(max - min) / top);
  return { scale, zeroPoint: Math.min(top, Math.max(0, Math.floor(f(f(scale !== 0 ? -min / scale : min) + 0.5)))) };
}

/** The codes of [from, until) under these parameters: the nearest, of two equally near ones the greater, as roundf of the runtime's packing kernel does above zero. */
export function fillCodes(values: Float64Array, codes: Uint8Array, from: number, until: number, { scale, zeroPoint }: BlockParams, top: number): void {
  const inverse = scale !== 0 ? f(1 / scale) : 0;
  for (let i = from; i < until; i++) {
    const code = f(f(values[i]! * inverse) + zeroPoint);
    // What is not positive is code 0 however it is rounded, so that cutting off after adding a half rounds all the others.
    codes[i] = code > 0 ? (code < top ? (code + 0.5) | 0 : top) : 0;
  }
}

/** Source: the runtime's MlasQuantizeBlockwise, re-derived; equal to it byte for byte on the shapes of test/golden/quantize. */
export function roundNearest(tile: ColumnTile, scheme: BlockScheme): void {
  const { values, codes, scales, zeroPoints } = tile;
  const top = topCode(scheme);
  eachBlock(tile, scheme, (from, until, at) => {
    const params = coveringParams(values, from, until, scheme);
    scales[at] = params.scale;
    zeroPoints[at] = params.zeroPoint;
    fillCodes(values, codes, from, until, params, top);
  });
}

/** Calls with the span of each block in `values` and its place in `scales`. */
export function eachBlock({ k, columns }: ColumnTile, scheme: BlockScheme, visit: (from: number, until: number, at: number) => void): void {
  const blocks = blocksOf(k, scheme);
  for (let column = 0; column < columns; column++) for (let block = 0; block < blocks; block++) {
    const start = block * scheme.blockSize;
    visit(column * k + start, column * k + Math.min(start + scheme.blockSize, k), column * blocks + block);
  }
}
