// How a model is served, in words.
import type { Tuning } from './contract/serving.ts';

export const describeTuning = ({ instances, threads, maxBatch, maxDelayMs }: Tuning): string =>
  `${instances} ${instances === 1 ? 'session' : 'sessions'} with ${threads} ${threads === 1 ? 'thread' : 'threads'}${maxBatch === 1 ? ', no batching' : `, batches of up to ${maxBatch} within ${maxDelayMs} ms`}`;
