// How many elements a tensor of given dimensions has, refusing what no memory holds.

/** No operator and no runtime has more: a file that declares more is damaged. */
export const maxRank = 64;

/** Null when a dimension is negative, there are more than 64 of them, or the product exceeds 2^53. A scalar (no dimensions) has one element. */
export function elementCount(dims: readonly (number | bigint)[]): number | null {
  if (dims.length > maxRank) return null;
  if (dims.some((dim) => Number(dim) === 0) && dims.every((dim) => Number(dim) >= 0)) return 0;
  let count = 1;
  for (const dim of dims) {
    const size = Number(dim);
    if (size < 0) return null;
    count *= size;
    if (count > Number.MAX_SAFE_INTEGER) return null;
  }
  return count;
}
