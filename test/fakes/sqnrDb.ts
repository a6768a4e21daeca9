/** Signal-to-noise ratio of answers against those expected, in decibels; infinite where they are equal. */
export function sqnrDb(expected: Float32Array, found: Float32Array): number {
  const noisePower = expected.reduce((sum, x, i) => sum + (x - found[i]!) ** 2, 0);
  return 10 * Math.log10(expected.reduce((sum, x) => sum + x * x, 0) / noisePower);
}
