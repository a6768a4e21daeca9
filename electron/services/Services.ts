// What every service is given: the machine-facing things are parameters, so that a test passes its own.
import type { Progress } from '#shared/progress';
import type { PasswordStrength } from './people/passwordHash.ts';
import type { OsStore } from './keystore/openOsStore.ts';
import type { Store } from './store/Store.ts';
import type { WorkerLauncher } from './workers/WorkerLauncher.ts';

export interface Logger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface Services {
  /** Folder of models, data set records, history, keys and the audit chain. */
  readonly dataDir: string;
  /** Folder with the sample station and other bundled files. */
  readonly resourcesDir: string;
  /** Folder of the built program with its list of files; null where it runs from its sources. */
  readonly programDir: string | null;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly store: Store;
  readonly workers: WorkerLauncher;
  readonly osStore: OsStore;
  /** What a new password's hash takes. */
  readonly passwordStrength: PasswordStrength;
  readonly log: Logger;
}

/** What a long operation is given besides its input. */
export interface JobContext {
  readonly jobId: string;
  /** Aborted by the first cancel: finish the unit, checkpoint, then throw signal.reason. */
  readonly signal: AbortSignal;
  /** Aborted by the second cancel: end worker processes now. */
  readonly killSignal: AbortSignal;
  progress(progress: Progress): void;
  log(line: string): void;
  /** Stores what is needed to go on from here; durable when it returns. JSON only. */
  checkpoint(state: unknown): void;
  /** The last checkpoint of an interrupted or cancelled run of this job, else null. */
  readonly resumeState: unknown;
  /** Scratch folder of this job: kept for a resume, removed when it is done. */
  readonly workDir: string;
}

/** A context for callers without a job: tests, and steps within another job. */
export function detachedContext(parent: Pick<JobContext, 'jobId' | 'signal' | 'killSignal' | 'workDir'> & Partial<JobContext>): JobContext {
  return { progress: () => undefined, log: () => undefined, checkpoint: () => undefined, resumeState: null, ...parent };
}
