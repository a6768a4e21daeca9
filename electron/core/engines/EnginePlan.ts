// What is needed to serve a model with an engine: the files of its repository, how the container is started, and where its health and figures are.
import type { TensorInfo } from '#shared/contract/references';
import type { Finding } from '#shared/finding';

export const engineIds = ['millwright', 'triton', 'ovms', 'tf-serving', 'torchserve', 'mlserver'] as const;
export type EngineId = (typeof engineIds)[number];

export const modelFormats = ['onnx', 'openvino', 'savedmodel', 'tensorrt', 'mar'] as const;
export type ModelFormat = (typeof modelFormats)[number];

export interface EngineRequest {
  /** Name that clients use; letters, digits, `_`, `-`, `.`. */
  readonly name: string;
  /** Engines count versions in whole numbers. */
  readonly version: number;
  readonly format: ModelFormat;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Threads of one inference; null leaves it to the engine. */
  readonly threads: number | null;
  /** Null switches dynamic batching off. */
  readonly batching: { readonly maxBatch: number; readonly maxDelayMs: number } | null;
  readonly gpu: boolean;
}

/** A file of the repository: text made here, or the model's own files put there. */
export type PlannedFile = { readonly path: string; readonly text: string } | { readonly path: string; readonly model: true };

export interface EnginePlan {
  readonly engine: EngineId;
  /** Names without a registry host; the plant loads the image from a tar file. */
  readonly imageNames: readonly string[];
  /** Null keeps the entrypoint of the image. */
  readonly entrypoint: readonly string[] | null;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Paths below the folder that is mounted, read-only, at `mountAt`. */
  readonly files: readonly PlannedFile[];
  readonly mountAt: string;
  /** Folders that the engine writes to; each becomes a tmpfs. */
  readonly writable: readonly string[];
  readonly ports: { readonly http: number; readonly grpc: number | null; readonly metrics: number };
  readonly ready: HealthProbe;
  readonly live: HealthProbe;
  readonly metricsPath: string;
  /** Null keeps the user of the image. */
  readonly user: string | null;
  readonly sharedMemoryBytes: number | null;
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopGraceS: number;
  /** What a person should know before choosing this engine. */
  readonly findings: readonly Finding[];
}

export interface HealthProbe {
  readonly path: string;
  /** The body must hold this text, beside status 200. */
  readonly holds: string | null;
}
