// The one worker process of a quantization, as the host's side speaks to it.
import type { Services } from '../Services.ts';
import type { TaskInput, TaskName, TaskOutput } from '../workers/tasks.ts';

export type QuantizeTask = Extract<TaskName, `quantize.${string}` | 'benchmarks.ab'>;

/**
 * glibc keeps freed memory by thread and size; told so, it gives that of a closed session back. What is smaller than 32 MiB comes from its heap: activations of a calibration
 * would else be new pages in each run, which the system has to zero (a fifth of the time of a histogram calibration). Other C libraries do not read these.
 */
const memoryFrugal = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '33554432' };

export interface LabConnection {
  call<N extends QuantizeTask>(task: N, input: TaskInput<N>): Promise<TaskOutput<N>>;
  /** Ends the process; its scratch files stay in the job's folder, which the job removes. */
  close(): Promise<void>;
}

export async function openLab({ workers }: Pick<Services, 'workers'>, signals: { readonly signal: AbortSignal; readonly killSignal: AbortSignal }): Promise<LabConnection> {
  const worker = await workers.launch({ env: memoryFrugal });
  const kill = () => worker.kill();
  signals.killSignal.addEventListener('abort', kill, { once: true });
  if (signals.killSignal.aborted) kill();
  return {
    // a table of tasks on both sides: the answer is of the type that the name says
    call: async (task, input) => { signals.signal.throwIfAborted(); return await worker.call(task, input) as never; },
    async close() {
      signals.killSignal.removeEventListener('abort', kill);
      if (signals.signal.aborted) worker.kill(); else await worker.end();
    },
  };
}
