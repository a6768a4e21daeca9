// A session in a worker process of its own, as services use it.
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import type { Feeds, TensorValue } from '#shared/tensor';
import type { Services } from '../Services.ts';
import type { TaskOutput } from '../workers/tasks.ts';
import type { SessionOptions, ValueInfo } from './nativeSession.ts';

export interface InferenceSession {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** `durationMs` is the time inside the worker, without the copy between processes. */
  run(feeds: Feeds, options?: { readonly fetches?: readonly string[]; readonly signal?: AbortSignal }): Promise<{ readonly outputs: Readonly<Record<string, TensorValue>>; readonly durationMs: number }>;
  /** The largest resident set of the worker so far, in bytes. */
  peakRssBytes(): number;
  close(): Promise<void>;
}

/** The options of a session without the size of its batches, which is the caller's to keep. */
export function sessionOf(runtime: RuntimeOptions | undefined): Omit<SessionOptions, 'path'> {
  if (runtime === undefined) return {};
  const { provider, threads, interOpThreads, executionMode, optimization } = runtime;
  return { provider, threads, interOpThreads, executionMode, optimization };
}

/** @throws MODEL_UNSUPPORTED, BAD_MODEL; WORKER_CRASHED when the runtime aborts. */
export async function openSession({ workers }: Pick<Services, 'workers'>, options: SessionOptions, killSignal?: AbortSignal): Promise<InferenceSession> {
  const worker = await workers.launch();
  const kill = () => worker.kill();
  killSignal?.addEventListener('abort', kill, { once: true });
  const leave = async () => {
    killSignal?.removeEventListener('abort', kill);
    await worker.end();
  };
  let peak = 0;
  try {
    const { handle, inputs, outputs } = await worker.call('session.open', options) as TaskOutput<'session.open'>; // the task of this name answers this
    return {
      inputs, outputs,
      async run(feeds, { fetches, signal } = {}) {
        const answer = await worker.call('session.run', { handle, feeds, fetches }, { signal }) as TaskOutput<'session.run'>; // as above
        peak = answer.peakRssBytes;
        return answer;
      },
      peakRssBytes: () => peak,
      close: leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}
