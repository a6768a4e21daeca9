// Metrics of a model that predicts a number: mean absolute error, root mean square error, R².

export interface RegressionMetrics { readonly samples: number; readonly mae: number; readonly rmse: number; readonly r2: number | null }

/** r2 is null where the actual values do not vary, or there are fewer than two. Two passes, so that large offsets keep their digits. */
export function regressionMetrics(actual: ArrayLike<number>, predicted: ArrayLike<number>): RegressionMetrics {
  const samples = actual.length;
  let absolute = 0, square = 0, sum = 0;
  for (let sample = 0; sample < samples; sample++) {
    const error = (predicted[sample] ?? 0) - (actual[sample] ?? 0);
    absolute += Math.abs(error);
    square += error * error;
    sum += actual[sample] ?? 0;
  }
  const mean = sum / samples;
  let spread = 0;
  for (let sample = 0; sample < samples; sample++) spread += ((actual[sample] ?? 0) - mean) ** 2;
  return { samples, mae: absolute / samples, rmse: Math.sqrt(square / samples), r2: samples < 2 || spread === 0 ? null : 1 - square / spread };
}
