// Pure parts of charts: the ring of live points, scales with round ends, bins of a histogram, the Pareto front.
export interface Point { readonly x: number; readonly y: number | null }

/** The newest points within a window of time; old ones fall off in batches so that pushing stays cheap. */
export interface Ring { push(x: number, values: readonly (number | null)[]): void; since(x: number): { readonly xs: readonly number[]; readonly series: readonly (readonly (number | null)[])[] }; clear(): void; readonly length: number }

export function createRing(seriesCount: number, capacity: number): Ring {
  let xs: number[] = [];
  let series: (number | null)[][] = Array.from({ length: seriesCount }, () => []);
  return {
    push(x, values) {
      xs.push(x);
      series.forEach((line, index) => line.push(values[index] ?? null));
      if (xs.length > capacity * 1.25) { const cut = xs.length - capacity; xs = xs.slice(cut); series = series.map((line) => line.slice(cut)); }
    },
    since(x) {
      let from = xs.length;
      while (from > 0 && (xs[from - 1] ?? 0) >= x) from -= 1;
      return { xs: xs.slice(from), series: series.map((line) => line.slice(from)) };
    },
    clear() { xs = []; series = series.map(() => []); },
    get length() { return xs.length; },
  };
}

/** Points of one line; where more than `gapMs` lies between two samples a null is put in, so that the gap is drawn as a gap. */
export function withGaps(xs: readonly number[], ys: readonly (number | null)[], gapMs: number): Point[] {
  const points: Point[] = [];
  for (let index = 0; index < xs.length; index += 1) {
    const x = xs[index] ?? 0;
    const before = xs[index - 1];
    if (before !== undefined && x - before > gapMs) points.push({ x: before + 1, y: null });
    points.push({ x, y: ys[index] ?? null });
  }
  return points;
}

/** A round interval between ticks for about `count` ticks over the span. */
export function niceStep(span: number, count: number): number {
  if (!(span > 0)) return 1;
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 2.5, 5, 10].find((each) => raw / power <= each + 1e-9) ?? 10) * power;
}

/** The top of an axis from zero that holds the value and ends on a tick, with the least room left over. */
export function axisTop(value: number): { readonly top: number; readonly step: number } {
  if (!(value > 0) || !Number.isFinite(value)) return { top: 1, step: 0.25 };
  const choices = [4, 5, 3].map((count) => { const step = niceStep(value, count); return { step, top: Math.ceil(value / step - 1e-9) * step }; });
  return choices.reduce((best, each) => (each.top < best.top - 1e-9 * best.top ? each : best));
}

export interface Bin { readonly from: number; readonly to: number; readonly count: number }
/** Equal bins from the least to the greatest finite value; Sturges' number of them unless told. */
export function binValues(values: readonly number[], bins?: number): readonly Bin[] {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return [];
  const low = finite.reduce((least, value) => Math.min(least, value), Infinity);
  const high = finite.reduce((greatest, value) => Math.max(greatest, value), -Infinity);
  const wanted = Math.max(1, bins ?? Math.ceil(Math.log2(finite.length) + 1));
  const narrow = !((high - low) / wanted > 0); // one value, or values so close that no bin fits between them
  const count = narrow ? 1 : wanted;
  const width = narrow ? 1 : (high - low) / count;
  const counts = Array.from({ length: count }, () => 0);
  for (const value of finite) { const at = Math.min(count - 1, Math.floor((value - low) / width)); counts[at] = (counts[at] ?? 0) + 1; }
  return counts.map((n, index) => ({ from: low + index * width, to: narrow ? high : low + (index + 1) * width, count: n }));
}

/** Points that no other beats on both axes (lower x and higher y are better), left to right. */
export function paretoFront<P extends { readonly x: number; readonly y: number }>(points: readonly P[]): readonly P[] {
  const sorted = points.slice().sort((a, b) => a.x - b.x || b.y - a.y);
  const front: P[] = [];
  let best = -Infinity;
  for (const point of sorted) if (point.y > best) { front.push(point); best = point.y; }
  return front;
}
