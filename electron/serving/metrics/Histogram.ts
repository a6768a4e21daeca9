// A histogram with fixed bounds, in seconds, as Prometheus wants it.
const usualBoundsSeconds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export interface Histogram {
  /** Upper bounds in seconds, ascending. */
  readonly bounds: readonly number[];
  observe(seconds: number): void;
  /** Counts of what was at most each bound, cumulative; then all. */
  cumulative(): readonly number[];
  sum(): number;
}

export function createHistogram(bounds: readonly number[] = usualBoundsSeconds): Histogram {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    bounds,
    observe(seconds) {
      let index = 0;
      while (index < bounds.length && seconds > bounds[index]!) index++;
      counts[index]!++;
      sum += seconds;
    },
    cumulative() {
      let total = 0;
      return Array.from(counts, (count) => (total += count));
    },
    sum: () => sum,
  };
}
