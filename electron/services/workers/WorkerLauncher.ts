// Worker processes as services see them: started for a purpose, spoken to by calls, ended when done or killed.
import type { RawCall } from '#shared/rpc';

export interface WorkerProcess {
  readonly pid: number;
  /** Runs a task of the worker's table (services/workers/tasks.ts). Typed arrays cross by copy. */
  readonly call: RawCall;
  /** Ends the process after the calls in flight; its sessions are released first. */
  end(): Promise<void>;
  /** SIGKILL. Calls in flight fail with WORKER_CRASHED. */
  kill(): void;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

/** Programs that lie beside each other, by the name of their file. */
export type WorkerProgram = 'worker' | 'trialHost';

export interface WorkerLauncher {
  /** `trialHost`: a host for the self-test of power loss, whose calls are operations. */
  launch(options?: { readonly env?: Readonly<Record<string, string>>; readonly program?: WorkerProgram }): Promise<WorkerProcess>;
}
