// One session of ONNX Runtime, for use inside worker processes only: run() blocks the thread it is called on, and a native abort ends the process.
import type * as Ort from 'onnxruntime-node';
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import { AppError } from '#shared/errors';
import type { ElementType, Feeds, TensorData, TensorValue } from '#shared/tensor';
import { modelForExactSums } from './exactSums.ts';
import { pairSumsSaturate } from './pairSumsSaturate.ts';
import { translateRuntimeError } from './translateRuntimeError.ts';

/** What is left out of the runtime's options is as the serving runtime has it, but for threads: all of the machine. */
export interface SessionOptions extends Readonly<Partial<Omit<RuntimeOptions, 'batch'>>> {
  readonly path: string;
  /** Start of the profile's file name; without it nothing is profiled. */
  readonly profilePrefix?: string;
  /** Where the runtime writes the model as it optimized it. */
  readonly saveOptimized?: string;
  /** Fewer kept buffers, at some cost in speed: for models that run once over many samples. */
  readonly arena?: boolean;
  /** For a session that runs a few times: weights are not laid out anew for speed, which costs time and a second copy of them. */
  readonly once?: boolean;
  /** false: idle threads sleep at once instead of waiting for work in a loop, as they do while serving; for work whose latency nobody waits for. */
  readonly spinning?: boolean;
}

export interface ValueInfo { readonly name: string; readonly type: ElementType | null; readonly shape: readonly (number | string | null)[] }

export interface NativeSession {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  run(feeds: Feeds, fetches?: readonly string[]): Promise<Record<string, TensorValue>>;
  /** Ends profiling; the runtime writes its file. */
  endProfiling(): void;
  release(): Promise<void>;
}

let loading: Promise<typeof Ort> | null = null;
/** Loads the runtime once per process, with its telemetry off. */
export function loadRuntime(): Promise<typeof Ort> {
  process.env.ORT_DISABLE_TELEMETRY = '1';
  loading ??= import('onnxruntime-node');
  return loading;
}

function describeValues(metadata: readonly Ort.InferenceSession.ValueMetadata[]): ValueInfo[] {
  return metadata.map((value) => (value.isTensor
    ? { name: value.name, type: value.type as ElementType, shape: value.shape.map((dim) => (typeof dim === 'string' && dim === '' ? null : dim === -1 ? null : dim)) } // the runtime's names of types are a subset of ours
    : { name: value.name, type: null, shape: [] }));
}

function toOrt(ort: typeof Ort, name: string, { type, data, dims }: TensorValue): Ort.Tensor {
  try {
    // the union of overloads cannot be resolved for a type that is only known at run time
    return new (ort.Tensor as unknown as new (type: string, data: TensorData, dims: readonly number[]) => Ort.Tensor)(type, type === 'string' ? [...(data as readonly string[])] as readonly string[] : data, dims);
  } catch (error) {
    throw new AppError('BAD_INPUT', `Input "${name}" is not a valid ${type} tensor of shape [${dims.join(', ')}]: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
}

/** @throws MODEL_UNSUPPORTED with the operator and the reason, or BAD_MODEL. */
export async function createNativeSession(options: SessionOptions): Promise<NativeSession> {
  const ort = await loadRuntime();
  const exact = pairSumsSaturate() ? modelForExactSums(options.path) : null;
  let session: Ort.InferenceSession;
  try {
    // The binding takes a path or bytes by the same name
    session = await ort.InferenceSession.create((exact ?? options.path) as string, {
      // The processor stays behind every other provider, for the operators that it does not have.
      executionProviders: options.provider === undefined || options.provider === 'cpu' ? ['cpu'] : [options.provider, 'cpu'],
      graphOptimizationLevel: options.optimization ?? 'all', executionMode: options.executionMode ?? 'sequential',
      intraOpNumThreads: options.threads ?? 0, interOpNumThreads: options.interOpThreads ?? 1,
      ...(options.profilePrefix ? { enableProfiling: true, profileFilePrefix: options.profilePrefix } : {}),
      ...(options.saveOptimized ? { optimizedModelFilePath: options.saveOptimized } : {}),
      extra: { session: { ...(exact === null ? {} : { x64quantprecision: '1' }), ...(options.once ? { disable_prepacking: '1' } : {}), ...(options.spinning === false ? { intra_op: { allow_spinning: '0' } } : {}) } },
      ...(options.arena === false ? { enableCpuMemArena: false, enableMemPattern: false } : {}),
      logSeverityLevel: 3,
    });
  } catch (error) {
    throw translateRuntimeError(error, options.path);
  }
  const inputs = describeValues(session.inputMetadata);
  const outputs = describeValues(session.outputMetadata);
  const known = new Set(inputs.map(({ name }) => name));
  return {
    inputs, outputs,
    async run(feeds, fetches) {
      for (const name of Object.keys(feeds)) if (!known.has(name)) throw new AppError('BAD_INPUT', `The model has no input "${name}"; it has ${[...known].map((one) => `"${one}"`).join(', ')}.`);
      for (const name of known) if (!feeds[name]) throw new AppError('BAD_INPUT', `Input "${name}" of the model is not given.`);
      const tensors = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toOrt(ort, name, value)]));
      let results: Ort.InferenceSession.OnnxValueMapType;
      try {
        results = await (fetches ? session.run(tensors, [...fetches]) : session.run(tensors));
      } catch (error) {
        throw translateRuntimeError(error, options.path);
      }
      return Object.fromEntries(Object.entries(results).map(([name, value]) => {
        const { type, dims, data } = value as Ort.Tensor; // sequences and maps never get here: the binding refuses them before
        return [name, { type: type as ElementType, dims: [...dims], data: data as TensorData }];
      }));
    },
    endProfiling: () => session.endProfiling(),
    release: () => session.release(),
  };
}
