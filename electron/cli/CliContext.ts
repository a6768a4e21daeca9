// What every command is given: the host's call, how to answer, and how to name models, data and paths.
import type { Call, InputOf, JobName, OutputOf } from '#shared/contract/index';
import type { DataRef, ModelRef } from '#shared/contract/references';
import type { Host } from '#host/createHost';
import type { Style } from './style.ts';

export interface CliContext {
  /** Calls an operation; opens the host on first use. Ctrl-C aborts it. */
  readonly call: Call;
  /**
   * Starts a job and waits for its end, showing progress and log lines on stderr. First Ctrl-C finishes the unit and checkpoints, the second ends it now;
   * both end in CANCELLED (exit 130). Answers the job's output; throws the job's error.
   */
  runJob<N extends JobName>(op: N, input: InputOf<N>): Promise<OutputOf<N>>;
  /** Follows a job that exists already (after jobs.resume), as runJob does. */
  followJob(jobId: string): Promise<unknown>;
  /**
   * The answer of the command, once: with --json the value as one JSON document, else the human text. The exit code is 0, or 1 where a limit failed
   * or a check found something.
   */
  result(value: unknown, human: string | (() => string), exitCode?: 0 | 1): void;
  /** A line of the answer on stdout, for commands that answer as they go; nothing with --json or --ndjson. */
  print(line: string): void;
  /** One line on stderr. */
  note(line: string): void;
  /** One line of JSON on stdout with --ndjson; nothing otherwise. */
  event(event: Readonly<Record<string, unknown>>): void;
  /** Wraps what a command does: errors become a sentence (or JSON) and an exit code. Use as `.action(cli.action(async (file, options) => …))`. */
  action<A extends readonly unknown[]>(work: (...args: A) => Promise<void>): (...args: A) => Promise<void>;
  /** An absolute path from one that is relative to the working folder. */
  path(text: string): string;
  /** `id:ABC` names a model of the registry, all else is a path. */
  model(text: string): ModelRef;
  /** `id:ABC` names a registered data set, all else is a path. */
  data(text: string, schema?: string): DataRef;
  /** The host itself, for the few commands that serve it. */
  host(): Host;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly ndjson: boolean;
  /** Bold, red, green …; plain text when stdout is not a terminal. */
  readonly style: Style;
  /** Aligned columns; numbers right-aligned. */
  table(head: readonly string[], rows: ReadonlyArray<ReadonlyArray<string | number>>): string;
}
