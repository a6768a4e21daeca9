// Runs one task in a worker process of its own: cancel ends the call, kill ends the process, and the process never outlives the task.
import type { WorkerLauncher } from './WorkerLauncher.ts';
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts';

export interface RunTaskOptions {
  readonly signal?: AbortSignal | undefined;
  readonly killSignal?: AbortSignal | undefined;
  readonly onEvent?: ((event: unknown) => void) | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Launches a worker, runs the task, ends the worker.
 * @throws CANCELLED when `signal` is aborted; WORKER_CRASHED when the process dies, by `killSignal` or by itself.
 */
export async function runTask<N extends TaskName>(launcher: WorkerLauncher, name: N, input: TaskInput<N>, options: RunTaskOptions = {}): Promise<TaskOutput<N>> {
  options.signal?.throwIfAborted();
  const worker = await launcher.launch(options.env ? { env: options.env } : undefined);
  const kill = () => worker.kill();
  options.killSignal?.addEventListener('abort', kill, { once: true });
  if (options.killSignal?.aborted) kill();
  try {
    const output = await worker.call(name, input, { signal: options.signal, onEvent: options.onEvent });
    await worker.end();
    return output as TaskOutput<N>; // the worker runs the task of this name from the same table
  } catch (error) {
    // A native call cannot be interrupted: the worker is of no more use, and its memory is wanted.
    worker.kill();
    throw error;
  } finally {
    options.killSignal?.removeEventListener('abort', kill);
  }
}
