// Rounding to the nearest integer, ties to the even one, as IEEE 754 and numpy do.

// Adding and taking away 1.5 * 2^52 leaves no room for a fraction, so the hardware rounds to nearest-even.
const magic = 6755399441055744;

/** Exact for |x| < 2^51; larger values are integers in practice and are answered as they are. */
export function roundHalfEven(x: number): number {
  return x > -2251799813685248 && x < 2251799813685248 ? x + magic - magic : x;
}
