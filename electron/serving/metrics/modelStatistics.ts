// What has happened to the requests of one version of a model: counts and times, from which /stats and /metrics follow.
import type { EngineObserver, FailureReason } from '../engine/createModelEngine.ts';
import { createHistogram, type Histogram } from './Histogram.ts';

export interface Tally { count: number; ns: number }
const tally = (): Tally => ({ count: 0, ns: 0 });
const add = (to: Tally, ns: number) => { to.count++; to.ns += ns; };

export interface BatchTally { readonly size: number; readonly input: Tally; readonly infer: Tally; readonly output: Tally }

export interface ModelStatistics extends EngineObserver {
  readonly success: Tally;
  readonly fail: Tally;
  readonly queue: Tally;
  readonly input: Tally;
  readonly infer: Tally;
  readonly output: Tally;
  readonly failures: Readonly<Record<FailureReason, number>>;
  readonly batches: ReadonlyMap<number, BatchTally>;
  readonly histograms: { readonly queue: Histogram; readonly preprocess: Histogram; readonly inference: Histogram; readonly request: Histogram };
  inferences(): number;
  executions(): number;
  /** Milliseconds since 1970; 0 before the first. */
  lastInferenceMs(): number;
}

export function createModelStatistics(): ModelStatistics {
  const success = tally(), fail = tally(), queue = tally(), input = tally(), infer = tally(), output = tally();
  const failures: Record<FailureReason, number> = { REJECTED: 0, CANCELED: 0, BACKEND: 0, OTHER: 0 };
  const batches = new Map<number, BatchTally>();
  const histograms = { queue: createHistogram(), preprocess: createHistogram(), inference: createHistogram(), request: createHistogram() };
  let inferences = 0, executions = 0, lastInferenceMs = 0;
  return {
    success, fail, queue, input, infer, output, failures, batches, histograms,
    inferences: () => inferences, executions: () => executions, lastInferenceMs: () => lastInferenceMs,
    onAnswer({ rows, batchRows, leadsBatch, queueNs, inputNs, inferNs, outputNs }, totalNs) {
      add(success, totalNs); add(queue, queueNs); add(input, inputNs); add(infer, inferNs); add(output, outputNs);
      inferences += rows;
      lastInferenceMs = Date.now();
      if (leadsBatch) {
        executions++;
        let batch = batches.get(batchRows);
        if (!batch) batches.set(batchRows, batch = { size: batchRows, input: tally(), infer: tally(), output: tally() });
        add(batch.input, inputNs); add(batch.infer, inferNs); add(batch.output, outputNs);
      }
      histograms.queue.observe(queueNs / 1e9); histograms.preprocess.observe(inputNs / 1e9); histograms.inference.observe(inferNs / 1e9); histograms.request.observe(totalNs / 1e9);
    },
    onFailure(reason, times, totalNs) {
      add(fail, totalNs);
      failures[reason]++;
      histograms.request.observe(totalNs / 1e9);
      if (times) histograms.queue.observe(times.queueNs / 1e9);
    },
  };
}
