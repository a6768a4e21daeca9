// Task: latency of a candidate against the original, interleaved, with a copy of the original as null control.
import { medianInterval, median } from '#core/statistics/latency';
import type { Feeds } from '#shared/tensor';
import { createNativeSession, type NativeSession } from '../inference/nativeSession.ts';
import type { TaskContext } from '../workers/Task.ts';

export interface AbInput {
  readonly a: string;
  readonly b: string;
  /** Fed in turn; at least one. */
  readonly feeds: readonly Feeds[];
  readonly threads: number;
  readonly budgetMs: number;
  /** How long each model runs before the next has its turn. */
  readonly blockMs?: number;
}

export interface AbResult {
  /** Latency of B over A: median over rounds with its 95 % interval; below 1 means that B is faster. */
  readonly ratio: number; readonly low: number; readonly high: number;
  /** The same for A's copy over A: how far ratios wander on this machine where nothing differs. */
  readonly nullRatio: number; readonly nullLow: number; readonly nullHigh: number;
  readonly latencyAMs: number; readonly latencyBMs: number;
  readonly rounds: number;
}

/** A block lasts about this long, so that the clock's resolution and a single interruption do not decide. */
const BLOCK_MS = 12;
const MIN_ROUNDS = 7;
const MAX_ROUNDS = 201;

async function timeOnce(session: NativeSession, feeds: Feeds): Promise<number> {
  const start = process.hrtime.bigint();
  await session.run(feeds);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

/** @throws MODEL_UNSUPPORTED when either model cannot be loaded. */
export async function abTask({ a, b, feeds, threads, budgetMs, blockMs = BLOCK_MS }: AbInput, { signal }: TaskContext): Promise<AbResult> {
  const sessions = [];
  try {
    for (const path of [a, b, a]) sessions.push(await createNativeSession({ path, threads }));
    const [sessionA, sessionB, sessionNull] = sessions as [NativeSession, NativeSession, NativeSession]; // three paths, three sessions
    const end = Date.now() + budgetMs;
    let slowest = 0;
    for (const session of sessions) for (let warm = 0; warm < 3; warm++) slowest = Math.max(slowest, await timeOnce(session, feeds[warm % feeds.length]!));
    const repeats = Math.max(1, Math.min(200, Math.round(blockMs / Math.max(slowest, 0.01))));
    const block = async (session: NativeSession, round: number) => {
      const times = new Float64Array(repeats);
      for (let index = 0; index < repeats; index++) times[index] = await timeOnce(session, feeds[(round * repeats + index) % feeds.length]!);
      return median(times);
    };
    const ratios: number[] = [];
    const nullRatios: number[] = [];
    const timesA: number[] = [];
    const timesB: number[] = [];
    for (let round = 0; round < MAX_ROUNDS && (round < MIN_ROUNDS || Date.now() < end); round++) {
      signal.throwIfAborted();
      // Each goes first, second and third equally often: what one leaves in the caches falls on all alike.
      const order = [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1], [2, 0, 1], [1, 0, 2]][round % 6]!;
      const times = [0, 0, 0];
      for (const which of order) times[which] = await block([sessionA, sessionB, sessionNull][which]!, round);
      // Some runaway candidate may take a hundred times as long; the budget then ends the rounds early.
      if (Date.now() > end + budgetMs && round >= 2) round = MAX_ROUNDS;
      timesA.push(times[0]!);
      timesB.push(times[1]!);
      ratios.push(times[1]! / times[0]!);
      nullRatios.push(times[2]! / times[0]!);
    }
    const ratio = medianInterval(ratios);
    const control = medianInterval(nullRatios);
    return {
      ratio: ratio.median, low: ratio.low, high: ratio.high, nullRatio: control.median, nullLow: control.low, nullHigh: control.high,
      latencyAMs: median(timesA), latencyBMs: median(timesB), rounds: ratios.length,
    };
  } finally {
    for (const session of sessions) await session.release();
  }
}
