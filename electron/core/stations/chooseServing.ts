// Chooses how a model is served from what was measured: sessions times threads first, then whether batching is worth its wait.
import type { AdvisedPoint, Tuning } from '#shared/contract/serving';

/** Batching is switched on from this gain on: below it, the wait for a batch costs more than it brings. */
export const batchingGain = 1.15;
/** Without a takt a full batch may take so many times as long as one sample alone. */
const slowerAtMost = 4;
/** Of two splits whose throughput is this close, the one with the shorter tail is taken. */
const alike = 0.95;

/** Sessions times threads on so many processors: powers of two, and all threads in one session. */
export function splitsOf(cpus: number): readonly { readonly instances: number; readonly threads: number }[] {
  const threads = new Set([cpus]);
  for (let count = 1; count < cpus; count *= 2) threads.add(count);
  return [...threads].sort((a, b) => a - b).map((count) => ({ instances: Math.floor(cpus / count), threads: count }));
}

const nameOf = ({ instances, threads }: Pick<AdvisedPoint, 'instances' | 'threads'>): string => `${instances} ${instances === 1 ? 'session' : 'sessions'} with ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
const figures = ({ samplesPerSec, p99Ms }: AdvisedPoint): string => `${samplesPerSec.toFixed(samplesPerSec < 10 ? 1 : 0)} samples a second, p99 ${p99Ms.toFixed(p99Ms < 10 ? 2 : 1)} ms`;

/** The split to serve with, and to try batches on. @param alone points of batch 1, one for each split */
export function chooseSplit(alone: readonly AdvisedPoint[], taktMs: number | null): AdvisedPoint | null {
  const inTime = taktMs === null ? alone : alone.filter(({ p99Ms }) => p99Ms <= taktMs);
  // Where none keeps the takt, the quickest comes nearest.
  if (inTime.length === 0) return alone.reduce<AdvisedPoint | null>((best, point) => (best === null || point.p99Ms < best.p99Ms ? point : best), null);
  const most = Math.max(...inTime.map(({ samplesPerSec }) => samplesPerSec));
  return inTime.filter(({ samplesPerSec }) => samplesPerSec >= alike * most).reduce((best, point) => (point.p99Ms < best.p99Ms ? point : best));
}

/** For how long the first of a batch waits: a quarter of an execution, so that a lonely request is hardly slower. */
const delayFor = ({ p50Ms }: AdvisedPoint): number => Math.round(Math.min(5, Math.max(0.1, p50Ms / 4)) * 10) / 10;

/**
 * @param split what `chooseSplit` chose of `alone`
 * @param again batch 1 on the chosen split, measured a second time among the batches: what two equal measurements differ by is no gain
 * @param batched batches above 1 on the chosen split; empty where there was nothing to try, for the reason `obstacle`
 */
export function chooseServing({ alone, split, again, batched, taktMs, obstacle }: { readonly alone: readonly AdvisedPoint[]; readonly split: AdvisedPoint | null; readonly again: AdvisedPoint | null; readonly batched: readonly AdvisedPoint[]; readonly taktMs: number | null; readonly obstacle: string | null }): { readonly chosen: Tuning; readonly because: string[] } {
  if (split === null) return { chosen: { instances: 1, threads: 1, maxBatch: 1, maxDelayMs: 0 }, because: ['Nothing could be measured.'] };
  const { instances, threads } = split;
  const because = [
    ...alone.map((point) => `${nameOf(point)}: ${figures(point)}${point === split ? ', chosen' : ''}.`),
    ...(taktMs !== null && split.p99Ms > taktMs ? [`None keeps the takt of ${taktMs} ms; the quickest was taken.`] : []),
  ];
  const single = { instances, threads, maxBatch: 1, maxDelayMs: 0 };
  if (obstacle !== null) return { chosen: single, because: [...because, `No batching: ${obstacle}.`] };
  const base = Math.max(split.samplesPerSec, again?.samplesPerSec ?? 0);
  const slowest = Math.max(split.p99Ms, again?.p99Ms ?? 0);
  const delay = delayFor(split);
  const fits = ({ p99Ms }: AdvisedPoint) => (taktMs === null ? p99Ms <= slowerAtMost * slowest : p99Ms + delay <= taktMs);
  const told = batched.map((point) => `Batches of ${point.batch}: ${figures(point)}, ${(point.samplesPerSec / base).toFixed(2)} times as many samples`);
  const gaining = batched.filter((point) => fits(point) && point.samplesPerSec >= batchingGain * base);
  if (gaining.length === 0) return { chosen: single, because: [...because, ...told.map((one) => `${one}.`), `Batching stays off: no size gained ${Math.round((batchingGain - 1) * 100)} % ${taktMs === null ? `within ${slowerAtMost} times the time of one sample` : `within the takt of ${taktMs} ms`}.`] };
  const best = gaining.reduce((most, point) => (point.samplesPerSec > most.samplesPerSec / alike ? point : most));
  return { chosen: { instances, threads, maxBatch: best.batch, maxDelayMs: delay }, because: [...because, ...told.map((one, index) => `${one}${batched[index] === best ? ': on' : ''}.`)] };
}
