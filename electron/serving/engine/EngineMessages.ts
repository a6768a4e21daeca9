// What the front thread and the threads that hold sessions say to each other.
import type { ProviderUse, ServingProvider } from '../ServingProvider.ts';
import { AppError, type ErrorReport } from '#shared/errors';
import type { ModelSignature } from '../protocol/InferRequest.ts';
import type { ModelSettings } from '../repository/modelSettings.ts';

/** How a request is written; the engine reads it and answers in the same form. */
export const requestForms = ['v2', 'raw', 'grpc', 'image', 'predict', 'any'] as const;
export type RequestForm = (typeof requestForms)[number];

/** Smaller bodies are copied between threads, which costs less than handing them over. */
export const handOverBytes = 16_384;

export interface EngineSetup {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly threads: number;
  readonly warmUp: boolean;
  readonly maxBatch: number;
  readonly settings: ModelSettings;
  readonly provider: ServingProvider;
}

export interface EngineJob {
  readonly id: number;
  readonly form: RequestForm;
  readonly body: Uint8Array;
  /** So many bytes of the body are JSON; binary tensors follow. */
  readonly jsonBytes: number;
  /** When it was whole and began to wait. Monotonic clock, the same in all threads. */
  readonly queuedNs: number;
}

export type ToEngine = { readonly type: 'run'; readonly jobs: readonly EngineJob[] } | { readonly type: 'stop' };

export interface JobTimes {
  readonly queueNs: number;
  /** Reading, checking and preprocessing. */
  readonly inputNs: number;
  readonly inferNs: number;
  readonly outputNs: number;
}

export interface EngineAnswer extends JobTimes {
  readonly id: number;
  readonly body: Uint8Array;
  /** Null where the body is JSON throughout. */
  readonly jsonBytes: number | null;
  /** Samples in this request, and in the execution that answered it. */
  readonly rows: number;
  /** Requests and samples that ran together; the first of them counts the execution. */
  readonly batchRows: number;
  readonly leadsBatch: boolean;
  readonly requestId: string;
}
export interface EngineFailure { readonly id: number; readonly error: ErrorReport; readonly times: JobTimes }

export interface EngineReady { readonly type: 'ready'; readonly signature: ModelSignature; readonly labels: readonly string[]; readonly batching: { readonly on: boolean; readonly reason: string }; readonly loadMs: number; readonly warmUp: string; readonly provider: ProviderUse }
/** Memory of a body that was handed over, on its way back to where it is used again. */
export interface SpentBody { readonly id: number; readonly memory: ArrayBuffer }
export type FromEngine =
  | EngineReady
  | { readonly type: 'failed'; readonly error: ErrorReport }
  | { readonly type: 'answers'; readonly answers: readonly EngineAnswer[]; readonly failures: readonly EngineFailure[]; readonly spent: readonly SpentBody[] };

export const timedOut = (): AppError => new AppError('TIMEOUT', 'The request waited longer than its timeout.', { hint: 'Give it more time, or send fewer requests at once.' });

/** Nanoseconds of a clock that all threads share; whole up to 104 days, and to the nearest two after. */
export const nowNs = (): number => Number(process.hrtime.bigint());
