// A lab without a worker process: the tasks of a quantization run in the test's own.
import type { LabConnection } from '#services/quantize/openLab';
import { tasks } from '#services/workers/tasks';

export const labHere: LabConnection = {
  // a table of tasks: the input is of the type that the name says, and so is the answer
  call: async (task, input) => await (tasks[task] as (input: unknown) => unknown)(input) as never,
  close: async () => undefined,
};

/** The rest of a job's context. */
export const quiet = { signal: new AbortController().signal, progress: (): void => undefined };
