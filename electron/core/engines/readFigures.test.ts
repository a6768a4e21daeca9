// The figures of different engines come out under the same names and units.
import { expect, it } from 'vitest';
import { readPrometheusText } from '../text/prometheusText.ts';
import { ratesBetween, readFigures } from './readFigures.ts';

const triton = (requests: number, microseconds: number) => readFigures('triton', readPrometheusText(`nv_inference_request_success{model="m",version="1"} ${requests}
nv_inference_request_failure{model="m",version="1",reason="OTHER"} 2
nv_inference_request_duration_us{model="m",version="1"} ${microseconds}
nv_inference_queue_duration_us{model="m",version="1"} 1000`));

it('turns microseconds into seconds and counts failures among the requests', () => {
  expect(triton(10, 2_000_000)).toEqual({ requests: 12, failures: 2, requestSeconds: 2, queueSeconds: 0.001, inferenceSeconds: null, latency: null });
});

it('gives rates and mean latency between two readings, and nothing across a restart', () => {
  expect(ratesBetween(triton(10, 2_000_000), triton(30, 3_000_000), 10)).toEqual({ requestsPerSec: 2, failuresPerSec: 0, meanLatencyMs: 50, queueMs: 0, inferenceMs: null, p50Ms: null, p99Ms: null });
  expect(ratesBetween(triton(30, 3_000_000), triton(1, 1), 10)).toBeNull();
});

it('tells nothing from zero: an engine that has no such figure gives null', () => {
  expect(readFigures('torchserve', [])).toEqual({ requests: null, failures: null, requestSeconds: null, queueSeconds: null, inferenceSeconds: null, latency: null });
});

it('takes percentiles from the requests between the readings, not from all since the start', () => {
  const reading = (fast: number, slow: number) => readFigures('mlserver', readPrometheusText(`rest_server_request_duration_seconds_bucket{method="POST",path="/v2/models/m/infer",le="0.01"} ${fast}
rest_server_request_duration_seconds_bucket{method="POST",path="/v2/models/m/infer",le="1.0"} ${fast + slow}
rest_server_request_duration_seconds_bucket{method="POST",path="/v2/models/m/infer",le="+Inf"} ${fast + slow}
model_infer_request_success_total{model="m"} ${fast + slow}`));
  expect(ratesBetween(reading(1000, 0), reading(1000, 100), 1)?.p50Ms).toBeCloseTo(505, 6);
});
