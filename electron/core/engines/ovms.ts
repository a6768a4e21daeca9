// OpenVINO Model Server: config.json with one model, versions in numbered folders.
import type { EnginePlan, EngineRequest } from './EnginePlan.ts';

export function planOvms({ name, version, format, batching, gpu, threads }: EngineRequest & { readonly format: 'onnx' | 'openvino' }): EnginePlan {
  const config = {
    model_config_list: [{ config: {
      name, base_path: `/models/${name}`, target_device: gpu ? 'GPU' : 'CPU', model_version_policy: { latest: { num_versions: 1 } },
      ...(batching ? { batch_size: 'auto' } : {}),
      plugin_config: { PERFORMANCE_HINT: 'LATENCY', ...(threads === null || gpu ? {} : { INFERENCE_NUM_THREADS: threads }) },
    } }],
    monitoring: { metrics: { enable: true, metrics_list: ['ovms_requests_success', 'ovms_requests_fail', 'ovms_request_time_us', 'ovms_inference_time_us', 'ovms_wait_for_infer_req_time_us', 'ovms_current_requests'] } },
  };
  return {
    engine: 'ovms', entrypoint: null,
    command: ['--config_path', '/models/config.json', '--port', '9000', '--rest_port', '8000', '--file_system_poll_wait_seconds', '0'],
    env: {}, mountAt: '/models', writable: ['/tmp'],
    files: [
      { path: 'config.json', text: `${JSON.stringify(config, null, 2)}\n` },
      { path: `${name}/${version}/model.${format === 'onnx' ? 'onnx' : 'xml'}`, model: true },
    ],
    // Figures are served on the REST port.
    ports: { http: 8000, grpc: 9000, metrics: 8000 },
    live: { path: '/v2/health/live', holds: null }, ready: { path: `/v2/models/${name}/ready`, holds: null }, metricsPath: '/metrics', closedPaths: ['/v1/config'],
    user: null, workingDir: null, sharedMemoryBytes: null, stopGraceS: 30,
    findings: batching ? [{ id: 'ENGINE_AUTO_BATCH', severity: 'info', place: name, message: 'OpenVINO Model Server takes any batch that a client sends; it does not gather requests of several clients.' }] : [],
  };
}
