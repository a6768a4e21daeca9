// Compares the latency of two models in one worker process, interleaved, with a null control.
import type { Services } from '../Services.ts';
import { runTask, type RunTaskOptions } from '../workers/runTask.ts';
import type { AbInput, AbResult } from './abTask.ts';

/** Faster for certain: even the pessimistic end of the ratio lies below what two equal models show. */
export const isFaster = (result: AbResult): boolean => result.high < Math.min(1, result.nullLow);
/** Slower for certain. */
export const isSlower = (result: AbResult): boolean => result.low > Math.max(1, result.nullHigh);

export function measureAb({ workers }: Pick<Services, 'workers'>, input: AbInput, options: RunTaskOptions = {}): Promise<AbResult> {
  return runTask(workers, 'benchmarks.ab', input, options);
}
