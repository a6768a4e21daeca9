// TensorFlow Serving: a SavedModel in a numbered folder; figures only with a monitoring file.
import type { EnginePlan, EngineRequest } from './EnginePlan.ts';

export function planTfServing({ name, version, batching }: EngineRequest & { readonly format: 'savedmodel' }): EnginePlan {
  return {
    engine: 'tf-serving',
    // The image's own entrypoint is a shell script that does not hand SIGTERM on.
    entrypoint: ['tensorflow_model_server'],
    command: [
      '--port=8500', '--rest_api_port=8501', `--model_name=${name}`, `--model_base_path=/models/${name}`, '--monitoring_config_file=/models/monitoring.config', '--file_system_poll_wait_seconds=0',
      ...(batching ? ['--enable_batching', '--batching_parameters_file=/models/batching.config'] : []),
    ],
    env: {}, mountAt: '/models', writable: ['/tmp'],
    files: [
      { path: 'monitoring.config', text: 'prometheus_config { enable: true, path: "/monitoring/prometheus/metrics" }\n' },
      ...(batching ? [{ path: 'batching.config', text: `max_batch_size { value: ${batching.maxBatch} }\nbatch_timeout_micros { value: ${Math.round(batching.maxDelayMs * 1000)} }\nnum_batch_threads { value: 2 }\nmax_enqueued_batches { value: 64 }\n` }] : []),
      { path: `${name}/${version}`, model: true },
    ],
    ports: { http: 8501, grpc: 8500, metrics: 8501 },
    live: { path: `/v1/models/${name}`, holds: null }, ready: { path: `/v1/models/${name}`, holds: 'AVAILABLE' }, metricsPath: '/monitoring/prometheus/metrics', closedPaths: [],
    user: '65532:65532', workingDir: null, sharedMemoryBytes: null, stopGraceS: 30,
    findings: [
      { id: 'ENGINE_IGNORES_SIGTERM', severity: 'warning', place: 'tf-serving', message: 'TensorFlow Serving does not finish requests under way when it is stopped.', remedy: 'Change versions through the gateway of the station, which waits until the old one is idle.' },
      { id: 'ENGINE_NAN_JSON', severity: 'info', place: 'tf-serving', message: 'Answers may hold NaN and Infinity as bare words, which strict JSON readers refuse.' },
    ],
  };
}
