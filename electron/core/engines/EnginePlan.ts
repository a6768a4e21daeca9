// What is needed to serve a model with an engine: the files of its repository, how the container is started, and where its health and figures are.
import type { TensorInfo } from '#shared/contract/references';
import type { EngineContainer, EngineId, ModelFormat } from '#shared/engines';
import type { Finding } from '#shared/finding';

export interface EngineRequest {
  /** Name that clients use; letters, digits, `_`, `-`, `.`. */
  readonly name: string;
  /** Engines count versions in whole numbers. */
  readonly version: number;
  readonly format: ModelFormat;
  /** Empty where the file does not tell: the engine reads them itself. */
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

export interface EnginePlan extends EngineContainer {
  readonly engine: EngineId;
  /** Paths below the folder that is mounted, read-only, at `mountAt`. */
  readonly files: readonly PlannedFile[];
  /** What a person should know before choosing this engine. */
  readonly findings: readonly Finding[];
}
