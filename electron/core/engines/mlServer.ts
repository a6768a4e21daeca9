// MLServer: settings.json, model-settings.json and a small runtime in Python that runs the ONNX file.
import type { TensorInfo } from '#shared/contract/references';
import type { EnginePlan, EngineRequest } from './EnginePlan.ts';
import { datatypeOf, sizesOf } from './tensorTypes.ts';

/** Needs onnxruntime in the image; NumPy comes with MLServer. One session, loaded once, released with the process. */
const runtimeText = `import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse
from mlserver.utils import get_model_uri


class OnnxModel(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        threads = (self.settings.parameters.extra or {}).get("threads")
        if threads:
            options.intra_op_num_threads = int(threads)
        uri = await get_model_uri(self.settings)
        self.session = onnxruntime.InferenceSession(uri, options, providers=["CPUExecutionProvider"])
        self.wanted = {value.name for value in self.session.get_inputs()}
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {tensor.name: NumpyCodec.decode_input(tensor) for tensor in payload.inputs}
        if set(feeds) != self.wanted:
            raise InferenceError(f"expected inputs {sorted(self.wanted)}, got {sorted(feeds)}")
        try:
            answers = self.session.run(None, feeds)
        except Exception as error:
            raise InferenceError(str(error)) from error
        names = [value.name for value in self.session.get_outputs()]
        return InferenceResponse(
            id=payload.id,
            model_name=self.name,
            model_version=self.version,
            outputs=[NumpyCodec.encode_output(name, answer) for name, answer in zip(names, answers)],
        )
`;

export function planMlServer({ name, version, inputs, outputs, threads, batching }: EngineRequest & { readonly format: 'onnx' }): EnginePlan {
  const metadata = (tensors: readonly TensorInfo[]) => tensors.map((tensor) => ({ name: tensor.name, datatype: datatypeOf(tensor.type) ?? 'FP32', shape: sizesOf(tensor) }));
  const settings = {
    name, implementation: 'millwright_onnx.OnnxModel',
    parameters: { uri: './model.onnx', version: String(version), ...(threads === null ? {} : { extra: { threads } }) },
    ...(batching ? { max_batch_size: batching.maxBatch, max_batch_time: batching.maxDelayMs / 1000 } : {}),
    inputs: metadata(inputs), outputs: metadata(outputs),
  };
  return {
    engine: 'mlserver', entrypoint: null, command: ['mlserver', 'start', '/mnt/models'],
    // It makes folders where it is started, so that has to be one that can be written.
    // No worker pool: in 1.7.1 it cannot load a model with uvloop 0.22 and later, and it does not end on SIGTERM.
    env: { MLSERVER_PARALLEL_WORKERS: '0', PYTHONPATH: `/mnt/models/${name}`, ORT_DISABLE_TELEMETRY: '1', PYTHONDONTWRITEBYTECODE: '1' }, mountAt: '/mnt/models', writable: ['/tmp'],
    files: [
      { path: 'settings.json', text: `${JSON.stringify({ host: '0.0.0.0', http_port: 8080, grpc_port: 8081, metrics_port: 8082, metrics_endpoint: '/metrics', parallel_workers: 0, load_models_at_startup: true, debug: false }, null, 2)}\n` },
      { path: `${name}/model-settings.json`, text: `${JSON.stringify(settings, null, 2)}\n` },
      { path: `${name}/millwright_onnx.py`, text: runtimeText },
      { path: `${name}/model.onnx`, model: true },
    ],
    ports: { http: 8080, grpc: 8081, metrics: 8082 },
    live: { path: '/v2/health/live', holds: null }, ready: { path: `/v2/models/${name}/ready`, holds: null }, metricsPath: '/metrics', closedPaths: ['/v2/repository'],
    user: '1000:1000', workingDir: '/tmp', sharedMemoryBytes: null, stopGraceS: 30,
    findings: [{ id: 'ENGINE_NO_BINARY', severity: 'info', place: 'mlserver', message: 'MLServer takes no binary tensors over REST; large inputs are ten times dearer than over gRPC.' }],
  };
}
