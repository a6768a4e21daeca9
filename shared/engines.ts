// The engines that can serve a station's model: what they are called, what they speak, and the plan by which one is started.
import { z } from 'zod';

export const engineIds = ['millwright', 'triton', 'ovms', 'tf-serving', 'torchserve', 'mlserver'] as const;
export type EngineId = (typeof engineIds)[number];

export const modelFormats = ['onnx', 'openvino', 'savedmodel', 'tensorrt', 'mar'] as const;
export type ModelFormat = (typeof modelFormats)[number];

interface EngineFacts {
  readonly title: string;
  /** `oip`: Open Inference Protocol v2; the others speak one of their own. */
  readonly protocol: 'oip' | 'tf-serving' | 'torchserve';
  readonly formats: readonly ModelFormat[];
  /** Binary tensors over REST, as Triton's clients send them by default. */
  readonly binaryTensors: boolean;
  /** Names without a registry host, under which an image is looked for where none is named. */
  readonly imageNames: readonly string[];
  /** What the engine takes beside the model. */
  readonly baseMemoryBytes: number;
}

const mib = 1024 ** 2;

export const engineFacts: Readonly<Record<EngineId, EngineFacts>> = {
  'millwright': { title: 'Millwright', protocol: 'oip', formats: ['onnx'], binaryTensors: true, imageNames: [], baseMemoryBytes: 256 * mib },
  'triton': { title: 'Triton', protocol: 'oip', formats: ['onnx', 'openvino', 'tensorrt'], binaryTensors: true, imageNames: ['nvidia/tritonserver'], baseMemoryBytes: 1536 * mib },
  'ovms': { title: 'OpenVINO Model Server', protocol: 'oip', formats: ['onnx', 'openvino'], binaryTensors: true, imageNames: ['openvino/model_server'], baseMemoryBytes: 768 * mib },
  'tf-serving': { title: 'TensorFlow Serving', protocol: 'tf-serving', formats: ['savedmodel'], binaryTensors: false, imageNames: ['tensorflow/serving'], baseMemoryBytes: 768 * mib },
  'torchserve': { title: 'TorchServe', protocol: 'torchserve', formats: ['mar'], binaryTensors: false, imageNames: ['pytorch/torchserve'], baseMemoryBytes: 2048 * mib },
  'mlserver': { title: 'MLServer', protocol: 'oip', formats: ['onnx'], binaryTensors: false, imageNames: ['seldonio/mlserver'], baseMemoryBytes: 768 * mib },
};

/** Where clients of this engine send a request, below the address of the station. */
export function inferPath(engine: EngineId, model: string): string {
  const { protocol } = engineFacts[engine];
  return protocol === 'oip' ? `/v2/models/${model}/infer` : protocol === 'tf-serving' ? `/v1/models/${model}:predict` : `/predictions/${model}`;
}

export const healthProbeSchema = z.object({
  path: z.string(),
  /** The body must hold this text, beside status 200. */
  holds: z.string().nullable(),
  /** Where it is not asked at the port for clients. */
  port: z.number().int().min(1).max(65535).optional(),
});

/** How the container of another engine is started; kept with the version, so that it is made anew just as it was. */
export const engineContainerSchema = z.object({
  /** Null keeps the entrypoint of the image. */
  entrypoint: z.array(z.string()).nullable(),
  command: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  /** The files of the repository are here, read-only. */
  mountAt: z.string(),
  /** Folders that the engine writes to; each becomes a tmpfs. */
  writable: z.array(z.string()),
  /** Null keeps the one of the image. */
  workingDir: z.string().nullable(),
  ports: z.object({ http: z.number().int(), grpc: z.number().int().nullable(), metrics: z.number().int() }),
  ready: healthProbeSchema,
  live: healthProbeSchema,
  metricsPath: z.string(),
  /** Beginnings of paths that manage the engine; the gateway refuses them. */
  closedPaths: z.array(z.string()),
  /** Null keeps the user of the image. */
  user: z.string().nullable(),
  sharedMemoryBytes: z.number().int().nullable(),
  /** Seconds between SIGTERM and SIGKILL. */
  stopGraceS: z.number().int(),
});
export type EngineContainer = z.infer<typeof engineContainerSchema>;
