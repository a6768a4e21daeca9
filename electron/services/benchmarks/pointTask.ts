// Task: the latency of one model at one setting, measured until it is stable or its time is up; every run is counted.
import { PerformanceObserver } from 'node:perf_hooks';
import type { HdrHistogram } from '#shared/contract/benchmarks';
import { isStable, quantileSorted } from '#core/statistics/latency';
import { latencyRecorder } from '#core/statistics/latencyHistogram';
import type { Feeds } from '#shared/tensor';
import { createNativeSession, type SessionOptions } from '../inference/nativeSession.ts';
import { peakRssBytes } from '../inference/sessionTasks.ts';
import type { TaskContext } from '../workers/Task.ts';

export interface PointInput {
  readonly session: SessionOptions;
  readonly feeds: readonly Feeds[];
  /** Longest time to measure, after the warm-up. */
  readonly durationMs: number;
  /** Wall clock (ms since the epoch) before which no sample is taken, so that workers that run beside each other start together. */
  readonly startAt: number;
  /** Measures for the whole duration, whether stable or not. */
  readonly wholeDuration: boolean;
}

export interface PointResult {
  /** Of every run, or of an even part of very many. */
  readonly latenciesMs: Float64Array;
  /** Of every run, however many. */
  readonly histogram: HdrHistogram;
  readonly longestMs: number;
  /** Seconds since the start of each sample, for drift. */
  readonly atS: Float64Array;
  /** Wall clock (ms since the epoch) when the first sample began. */
  readonly startedAt: number;
  readonly elapsedMs: number;
  readonly stable: boolean;
  readonly peakRssBytes: number;
  /** Garbage collection within the measured time: all of it, and the longest pause. */
  readonly gcMs: number;
  readonly gcLongestMs: number;
}

const RULE = { windows: 3, tolerance: 0.1 } as const;
const WARM_UP_MIN_RUNS = 5;
const WARM_UP_MS = 300;
/** A soak of a day at 10 kHz would not fit in memory: beyond this, every second sample is dropped, evenly. Histogram and longest run go on counting each. */
const MAX_SAMPLES = 4_000_000;

export async function pointTask(input: PointInput, { signal, emit }: TaskContext): Promise<PointResult> {
  const session = await createNativeSession(input.session);
  let gcMs = 0;
  let gcLongestMs = 0;
  let measuring = false;
  const observer = new PerformanceObserver((list) => {
    if (!measuring) return;
    for (const { duration } of list.getEntries()) { gcMs += duration; gcLongestMs = Math.max(gcLongestMs, duration); }
  });
  observer.observe({ entryTypes: ['gc'] });
  try {
    const { feeds, durationMs } = input;
    const warmUntil = Date.now() + WARM_UP_MS;
    for (let run = 0; run < WARM_UP_MIN_RUNS || (Date.now() < warmUntil && run < 1000); run++) {
      signal.throwIfAborted();
      await session.run(feeds[run % feeds.length]!);
    }
    while (Date.now() < input.startAt) await new Promise((resolve) => { setTimeout(resolve, 1); });
    let latencies = new Float64Array(4096);
    let at = new Float64Array(4096);
    let count = 0;
    const recorder = latencyRecorder();
    let longestMs = 0;
    let windowStart = 0;
    const windows: { p50: number; p95: number }[] = [];
    measuring = true;
    const startedAt = Date.now();
    const start = process.hrtime.bigint();
    const elapsed = () => Number(process.hrtime.bigint() - start) / 1e6;
    const windowMs = Math.max(200, durationMs / 10);
    let nextWindow = windowMs;
    let stable = false;
    let now = 0;
    while (now < durationMs && (input.wholeDuration || !stable)) {
      const before = process.hrtime.bigint();
      await session.run(feeds[count % feeds.length]!);
      const latency = Number(process.hrtime.bigint() - before) / 1e6;
      if (count === latencies.length) {
        latencies = grow(latencies);
        at = grow(at);
      }
      latencies[count] = latency;
      recorder.record(latency);
      longestMs = Math.max(longestMs, latency);
      now = elapsed();
      at[count] = now / 1000;
      count += 1;
      if (count === MAX_SAMPLES) { count = thin(latencies, at, count); windowStart = Math.floor(windowStart / 2); }
      if (now >= nextWindow && count - windowStart >= 20) {
        signal.throwIfAborted();
        const sorted = latencies.slice(windowStart, count).sort();
        windows.push({ p50: quantileSorted(sorted, 0.5), p95: quantileSorted(sorted, 0.95) });
        windowStart = count;
        nextWindow = now + windowMs;
        stable = isStable(windows, RULE);
        emit({ done: Math.min(now, durationMs), total: durationMs });
      }
    }
    return { latenciesMs: latencies.slice(0, count), atS: at.slice(0, count), histogram: recorder.read(), longestMs, startedAt, elapsedMs: now, stable: stable || isStable(windows, RULE), peakRssBytes: peakRssBytes(), gcMs, gcLongestMs };
  } finally {
    observer.disconnect();
    await session.release();
  }
}

function grow(values: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(values.length * 2);
  larger.set(values);
  return larger;
}

function thin(latencies: Float64Array, at: Float64Array, count: number): number {
  for (let index = 0; index * 2 < count; index++) {
    latencies[index] = latencies[index * 2]!;
    at[index] = at[index * 2]!;
  }
  return Math.ceil(count / 2);
}
