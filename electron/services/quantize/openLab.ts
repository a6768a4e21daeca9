// The one worker process of a quantization, as the host's side speaks to it.
import type { Services } from '../Services.ts';
import { labEnv } from '../workers/labEnv.ts';
import type { TaskInput, TaskName, TaskOutput } from '../workers/tasks.ts';

export type QuantizeTask = Extract<TaskName, `quantize.${string}` | 'benchmarks.ab'>;

export interface LabConnection {
  call<N extends QuantizeTask>(task: N, input: TaskInput<N>): Promise<TaskOutput<N>>;
  /** Ends the process; its scratch files stay in the job's folder, which the job removes. */
  close(): Promise<void>;
}

export async function openLab({ workers }: Pick<Services, 'workers'>, signals: { readonly signal: AbortSignal; readonly killSignal: AbortSignal }): Promise<LabConnection> {
  const worker = await workers.launch({ env: labEnv });
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
