// What runs in a worker process: a function of an input, which may report events and must heed its signal between units of work.

export interface TaskContext {
  readonly signal: AbortSignal;
  /** Plain data only; it crosses a process border. */
  readonly emit: (event: unknown) => void;
}
export type Task<I, O> = (input: I, context: TaskContext) => Promise<O>;
