// The text that Prometheus reads: our own names in seconds, and the nv_inference_* names that dashboards know already.
import { versions as built } from '../builtVersions.ts';
import type { ModelVersion } from '../repository/createModelRegistry.ts';
import { family, histogramSamples, type Labels, type Sample } from './exposition.ts';
import type { Histogram } from './Histogram.ts';
import type { ServerMetrics } from './serverMetrics.ts';

const us = (ns: number) => Math.round(ns / 1000);

export function prometheusText(models: readonly ModelVersion[], server: ServerMetrics): string {
  const labelsOf = ({ name, version }: ModelVersion): Labels => ({ model: name, version });
  const each = (value: (model: ModelVersion) => number): Sample[] => models.map((model) => ({ labels: labelsOf(model), value: value(model) }));
  const histogram = (name: string, help: string, pick: (model: ModelVersion) => Histogram) => family(name, 'histogram', help, models.flatMap((model) => histogramSamples(pick(model), labelsOf(model))));
  const { rss } = process.memoryUsage();
  const cpu = process.cpuUsage();
  return [
    family('millwright_build_info', 'gauge', 'Versions of the runtime.', [{ labels: { version: built.app, onnxruntime: built.onnxruntime }, value: 1 }]),
    family('millwright_model_ready', 'gauge', '1 where the model answers.', each(({ state }) => (state === 'READY' ? 1 : 0))),
    family('millwright_model_load_seconds', 'gauge', 'Time to load the model.', models.flatMap((model) => (model.engine ? [{ labels: labelsOf(model), value: model.engine.loadMs / 1000 }] : []))),
    family('millwright_requests_total', 'counter', 'Requests by outcome.', models.flatMap((model) => [
      { labels: { ...labelsOf(model), outcome: 'success' }, value: model.statistics.success.count },
      ...(['REJECTED', 'CANCELED', 'BACKEND', 'OTHER'] as const).map((reason) => ({ labels: { ...labelsOf(model), outcome: { REJECTED: 'rejected', CANCELED: 'cancelled', BACKEND: 'failed', OTHER: 'bad_request' }[reason] }, value: model.statistics.failures[reason] })),
    ])),
    family('millwright_samples_total', 'counter', 'Samples inferred.', each(({ statistics }) => statistics.inferences())),
    family('millwright_executions_total', 'counter', 'Executions of the model; fewer than requests where these are batched.', each(({ statistics }) => statistics.executions())),
    family('millwright_requests_waiting', 'gauge', 'Requests in the queue.', each(({ engine }) => engine?.pending().waiting ?? 0)),
    family('millwright_requests_running', 'gauge', 'Requests in execution.', each(({ engine }) => engine?.pending().running ?? 0)),
    histogram('millwright_request_duration_seconds', 'From arrival to answer.', ({ statistics }) => statistics.histograms.request),
    histogram('millwright_queue_duration_seconds', 'Waiting for a free instance.', ({ statistics }) => statistics.histograms.queue),
    histogram('millwright_preprocess_duration_seconds', 'Reading, checking and preparing inputs.', ({ statistics }) => statistics.histograms.preprocess),
    histogram('millwright_inference_duration_seconds', 'Execution of the model.', ({ statistics }) => statistics.histograms.inference),
    family('millwright_http_responses_total', 'counter', 'HTTP answers by status.', [...server.httpByStatus].map(([code, value]) => ({ labels: { code }, value }))),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory.', [{ value: rss }]),
    family('process_cpu_seconds_total', 'counter', 'Processor time.', [{ value: (cpu.user + cpu.system) / 1e6 }]),
    family('process_start_time_seconds', 'gauge', 'Start of the process.', [{ value: Math.round(Date.now() / 1000 - process.uptime()) }]),
    family('nv_inference_request_success', 'counter', 'Number of successful inference requests.', each(({ statistics }) => statistics.success.count)),
    family('nv_inference_request_failure', 'counter', 'Number of failed inference requests by reason.', models.flatMap((model) => Object.entries(model.statistics.failures).map(([reason, value]) => ({ labels: { ...labelsOf(model), reason }, value })))),
    family('nv_inference_count', 'counter', 'Number of inferences performed.', each(({ statistics }) => statistics.inferences())),
    family('nv_inference_exec_count', 'counter', 'Number of model executions performed.', each(({ statistics }) => statistics.executions())),
    family('nv_inference_pending_request_count', 'gauge', 'Number of requests that wait for execution.', each(({ engine }) => engine?.pending().waiting ?? 0)),
    family('nv_inference_request_duration_us', 'counter', 'Cumulative time of requests in microseconds.', each(({ statistics }) => us(statistics.success.ns))),
    family('nv_inference_queue_duration_us', 'counter', 'Cumulative time in the queue in microseconds.', each(({ statistics }) => us(statistics.queue.ns))),
    family('nv_inference_compute_input_duration_us', 'counter', 'Cumulative time of preparing inputs in microseconds.', each(({ statistics }) => us(statistics.input.ns))),
    family('nv_inference_compute_infer_duration_us', 'counter', 'Cumulative time of execution in microseconds.', each(({ statistics }) => us(statistics.infer.ns))),
    family('nv_inference_compute_output_duration_us', 'counter', 'Cumulative time of writing outputs in microseconds.', each(({ statistics }) => us(statistics.output.ns))),
  ].join('');
}
