// The figures of every engine under common names, so that one chart and one limit serve all.
import { quantileOf, type Histogram, type Sample } from '../text/prometheusText.ts';
import type { EngineId } from '#shared/engines';

/** Counters since the engine started; null where the engine does not tell. Times are seconds, summed. */
export interface EngineFigures {
  readonly requests: number | null;
  readonly failures: number | null;
  readonly requestSeconds: number | null;
  readonly queueSeconds: number | null;
  readonly inferenceSeconds: number | null;
  readonly latency: Histogram | null;
}

/** An engine, or the gateway of a station, which counts what clients see. */
export type FigureSource = EngineId | 'gateway';

interface Source { readonly name: string; readonly scale?: number; readonly where?: (labels: Readonly<Record<string, string>>) => boolean }
interface Mapping {
  readonly requests: readonly Source[]; readonly failures: readonly Source[]; readonly requestSeconds: readonly Source[]; readonly queueSeconds: readonly Source[]; readonly inferenceSeconds: readonly Source[];
  /** Name of a histogram without its suffix, and what turns its unit into seconds. */
  readonly latency: { readonly name: string; readonly scale: number; readonly where?: Source['where'] } | null;
}

const microseconds = 1e-6;
/** Reading of metadata and health is counted by some engines, too; only inference is meant. */
const isInfer: Source['where'] = ({ method, path, name }) => [method, path, name].some((text) => /infer|predict/i.test(text ?? ''));

/** Names from the documentation and the sources of the engines; MLServer's and TorchServe's were read from running ones. */
const mappings: Readonly<Record<FigureSource, Mapping>> = {
  'gateway': {
    requests: [{ name: 'millwright_gateway_requests_total' }], failures: [{ name: 'millwright_gateway_requests_total', where: ({ code }) => Number(code) >= 500 }],
    requestSeconds: [{ name: 'millwright_gateway_request_duration_seconds_sum' }], queueSeconds: [], inferenceSeconds: [], latency: { name: 'millwright_gateway_request_duration_seconds', scale: 1 },
  },
  'millwright': {
    requests: [{ name: 'nv_inference_request_success' }, { name: 'nv_inference_request_failure' }], failures: [{ name: 'nv_inference_request_failure' }],
    requestSeconds: [{ name: 'nv_inference_request_duration_us', scale: microseconds }], queueSeconds: [{ name: 'nv_inference_queue_duration_us', scale: microseconds }],
    inferenceSeconds: [{ name: 'nv_inference_compute_infer_duration_us', scale: microseconds }], latency: { name: 'millwright_request_duration_seconds', scale: 1 },
  },
  'triton': {
    requests: [{ name: 'nv_inference_request_success' }, { name: 'nv_inference_request_failure' }], failures: [{ name: 'nv_inference_request_failure' }],
    requestSeconds: [{ name: 'nv_inference_request_duration_us', scale: microseconds }], queueSeconds: [{ name: 'nv_inference_queue_duration_us', scale: microseconds }],
    inferenceSeconds: [{ name: 'nv_inference_compute_infer_duration_us', scale: microseconds }], latency: null,
  },
  'ovms': {
    requests: [{ name: 'ovms_requests_success', where: isInfer }, { name: 'ovms_requests_fail', where: isInfer }], failures: [{ name: 'ovms_requests_fail', where: isInfer }],
    requestSeconds: [{ name: 'ovms_request_time_us_sum', scale: microseconds }], queueSeconds: [{ name: 'ovms_wait_for_infer_req_time_us_sum', scale: microseconds }],
    inferenceSeconds: [{ name: 'ovms_inference_time_us_sum', scale: microseconds }], latency: { name: 'ovms_request_time_us', scale: microseconds },
  },
  'tf-serving': {
    requests: [{ name: ':tensorflow:serving:request_count' }], failures: [{ name: ':tensorflow:serving:request_count', where: (labels) => labels.status !== 'OK' }],
    requestSeconds: [{ name: ':tensorflow:serving:request_latency_sum', scale: microseconds }], queueSeconds: [], inferenceSeconds: [], latency: { name: ':tensorflow:serving:request_latency', scale: microseconds },
  },
  'torchserve': {
    requests: [{ name: 'ts_inference_requests_total' }], failures: [{ name: 'Requests4XX' }, { name: 'Requests5XX' }],
    requestSeconds: [{ name: 'ts_inference_latency_microseconds', scale: microseconds }], queueSeconds: [{ name: 'ts_queue_latency_microseconds', scale: microseconds }], inferenceSeconds: [], latency: null,
  },
  'mlserver': {
    requests: [{ name: 'model_infer_request_success_total' }, { name: 'model_infer_request_failure_total' }], failures: [{ name: 'model_infer_request_failure_total' }],
    requestSeconds: [{ name: 'model_infer_request_duration_sum' }], queueSeconds: [], inferenceSeconds: [],
    latency: { name: 'rest_server_request_duration_seconds', scale: 1, where: isInfer },
  },
};

export function readFigures(source: FigureSource, samples: readonly Sample[]): EngineFigures {
  const mapping = mappings[source];
  return {
    requests: sum(samples, mapping.requests), failures: sum(samples, mapping.failures), requestSeconds: sum(samples, mapping.requestSeconds),
    queueSeconds: sum(samples, mapping.queueSeconds), inferenceSeconds: sum(samples, mapping.inferenceSeconds), latency: mapping.latency ? histogram(samples, mapping.latency) : null,
  };
}

/** Null where none of the sources is there, which is not the same as zero. */
function sum(samples: readonly Sample[], sources: readonly Source[]): number | null {
  let total: number | null = null;
  for (const { name, scale = 1, where } of sources) {
    for (const sample of samples) if (sample.name === name && (where?.(sample.labels) ?? true)) total = (total ?? 0) + sample.value * scale;
  }
  return total;
}

function histogram(samples: readonly Sample[], { name, scale, where }: NonNullable<Mapping['latency']>): Histogram | null {
  const counts = new Map<number, number>();
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket` || !(where?.(sample.labels) ?? true)) continue;
    const bound = sample.labels.le === '+Inf' ? Infinity : Number(sample.labels.le) * scale;
    if (!Number.isNaN(bound)) counts.set(bound, (counts.get(bound) ?? 0) + sample.value);
  }
  if (counts.size === 0) return null;
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { bounds: sorted.map(([bound]) => bound), counts: sorted.map(([, count]) => count) };
}

/** What happened between two readings; null after a restart of the engine, whose counters began anew. */
export function ratesBetween(before: EngineFigures, after: EngineFigures, seconds: number): { readonly requestsPerSec: number; readonly failuresPerSec: number; readonly meanLatencyMs: number | null; readonly queueMs: number | null; readonly inferenceMs: number | null; readonly p50Ms: number | null; readonly p99Ms: number | null } | null {
  const requests = (after.requests ?? 0) - (before.requests ?? 0);
  if (requests < 0 || seconds <= 0) return null;
  const latency = after.latency && before.latency && after.latency.bounds.length === before.latency.bounds.length
    ? { bounds: after.latency.bounds, counts: after.latency.counts.map((count, index) => count - (before.latency?.counts[index] ?? 0)) } : after.latency;
  const milliseconds = (value: number | null) => (value === null ? null : value * 1000);
  return {
    requestsPerSec: requests / seconds, failuresPerSec: Math.max(0, (after.failures ?? 0) - (before.failures ?? 0)) / seconds,
    meanLatencyMs: meanMs(before.requestSeconds, after.requestSeconds, requests), queueMs: meanMs(before.queueSeconds, after.queueSeconds, requests), inferenceMs: meanMs(before.inferenceSeconds, after.inferenceSeconds, requests),
    p50Ms: milliseconds(latency ? quantileOf(latency, 0.5) : null), p99Ms: milliseconds(latency ? quantileOf(latency, 0.99) : null),
  };
}

const meanMs = (before: number | null, after: number | null, requests: number): number | null => (before === null || after === null || requests <= 0 ? null : ((after - before) / requests) * 1000);
