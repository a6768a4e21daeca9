// Arithmetic on shapes whose dimensions may be symbols or unknown.
import type { Dim, Shape } from '../types/ValueType.ts';

/** Multidirectional broadcasting (ONNX "Broadcasting"); null when a rank is unknown or the sizes do not fit. */
export function broadcast(shapes: readonly (Shape | null)[]): Dim[] | null {
  if (shapes.some((shape) => shape === null)) return null;
  const rank = Math.max(0, ...shapes.map((shape) => shape?.length ?? 0));
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const dims = shapes.map((shape) => (shape ? shape[shape.length - rank + i] : undefined)).filter((dim) => dim !== undefined && dim !== 1);
    const size = dims.find((dim) => typeof dim === 'number');
    if (dims.length === 0) result.push(1);
    else if (size !== undefined) {
      if (dims.some((dim) => typeof dim === 'number' && dim !== size)) return null;
      result.push(size);
    } else result.push(dims.every((dim) => dim === dims[0]) ? dims[0] ?? null : null);
  }
  return result;
}

/** An axis counted from the front; null when it is outside the rank. */
export function normalAxis(axis: number, rank: number): number | null {
  const index = axis < 0 ? axis + rank : axis;
  return index >= 0 && index < rank ? index : null;
}

/** Product of sizes; null when one is not a number. A symbol survives where it is alone among ones. */
export function productOf(dims: Shape): Dim {
  let product = 1;
  let symbol: string | null = null;
  for (const dim of dims) {
    if (typeof dim === 'number') product *= dim;
    else if (dim === null || symbol !== null) return product === 0 ? 0 : null;
    else symbol = dim;
  }
  if (symbol === null) return product;
  return product === 1 ? symbol : null;
}

/** `dim` through a function of sizes; symbols and unknowns become unknown. */
export function mapSize(dim: Dim | undefined, f: (size: number) => number): Dim {
  return typeof dim === 'number' ? f(dim) : null;
}

export function unknownDims(rank: number): Dim[] {
  return Array.from({ length: rank }, () => null);
}
