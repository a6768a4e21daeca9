// NVIDIA Triton Inference Server: repository layout and config.pbtxt (protobuf text format of model_config.proto).
import type { TensorInfo } from '#shared/contract/references';
import type { Finding } from '#shared/finding';
import type { EnginePlan, EngineRequest } from './EnginePlan.ts';
import { canBatch, datatypeOf, sizesOf } from './tensorTypes.ts';

const fileNames = { onnx: 'model.onnx', openvino: 'model.xml', tensorrt: 'model.plan' } as const;
const backends = { onnx: 'backend: "onnxruntime"', openvino: 'backend: "openvino"', tensorrt: 'platform: "tensorrt_plan"' } as const;

export function planTriton(request: EngineRequest & { readonly format: keyof typeof fileNames }): EnginePlan {
  const { name, version, format } = request;
  const findings: Finding[] = [];
  const batching = request.batching !== null && canBatch([...request.inputs, ...request.outputs]) ? request.batching : null;
  if (request.batching && !batching) findings.push({ id: 'ENGINE_FIXED_BATCH', severity: 'warning', place: name, message: 'The first dimension of the model is fixed, so dynamic batching stays off.', remedy: 'Export the model with a free batch dimension.' });
  if (format === 'tensorrt') findings.push({ id: 'ENGINE_PLAN_TIED', severity: 'warning', place: name, message: 'A TensorRT plan runs only on the GPU model and the TensorRT version that it was built with.', remedy: 'Build the plan on the target machine, or serve the ONNX file.' });
  return {
    engine: 'triton', entrypoint: null,
    command: ['tritonserver', '--model-repository=/models', '--model-control-mode=explicit', `--load-model=${name}`, '--http-port=8000', '--grpc-port=8001', '--metrics-port=8002', '--exit-timeout-secs=30', '--strict-readiness=true'],
    env: {}, mountAt: '/models', writable: ['/tmp'],
    files: [
      { path: `${name}/config.pbtxt`, text: configText(request, batching) },
      { path: `${name}/${version}/${fileNames[format]}`, model: true },
    ],
    ports: { http: 8000, grpc: 8001, metrics: 8002 },
    live: { path: '/v2/health/live', holds: null }, ready: { path: '/v2/health/ready', holds: null }, metricsPath: '/metrics', closedPaths: ['/v2/repository', '/v2/logging', '/v2/trace', '/v2/systemsharedmemory', '/v2/cudasharedmemory'],
    // The image starts as root; uid 1000 is in it for this purpose.
    user: '1000:1000', workingDir: null, sharedMemoryBytes: request.gpu ? 1024 ** 3 : null, stopGraceS: 35, findings,
  };
}

function configText({ name, format, inputs, outputs, gpu, threads }: EngineRequest & { readonly format: keyof typeof fileNames }, batching: EngineRequest['batching']): string {
  const tensors = (tensorsOf: readonly TensorInfo[]) => tensorsOf.map((tensor) => `  { name: ${quoted(tensor.name)} data_type: ${dataType(tensor)} dims: [${(batching ? sizesOf(tensor).slice(1) : sizesOf(tensor)).join(', ')}] }`).join(',\n');
  return `${[
    `name: ${quoted(name)}`, backends[format], `max_batch_size: ${batching?.maxBatch ?? 0}`,
    // Where the file does not tell its tensors here, Triton completes them itself.
    ...(inputs.length === 0 ? [] : [`input [\n${tensors(inputs)}\n]`, `output [\n${tensors(outputs)}\n]`]),
    `instance_group [ { count: 1 kind: ${gpu ? 'KIND_GPU' : 'KIND_CPU'} } ]`,
    ...(batching ? [`dynamic_batching { max_queue_delay_microseconds: ${Math.round(batching.maxDelayMs * 1000)} default_queue_policy { max_queue_size: 64 timeout_action: REJECT } }`] : []),
    ...(threads !== null && format === 'onnx' ? [`parameters { key: "intra_op_thread_count" value: { string_value: "${threads}" } }`] : []),
    'version_policy { latest { num_versions: 1 } }',
  ].join('\n')}\n`;
}

function dataType({ type }: TensorInfo): string {
  const datatype = datatypeOf(type);
  return datatype === 'BYTES' ? 'TYPE_STRING' : `TYPE_${datatype ?? 'INVALID'}`;
}

/** A string of the protobuf text format. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
