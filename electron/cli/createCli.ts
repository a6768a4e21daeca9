// Makes the context of the commands from the global options, and turns what they throw into a sentence and an exit code.
import { resolve } from 'node:path';
import type { Call, InputOf, JobName, OutputOf } from '#shared/contract/index';
import { AppError, errorKinds, toErrorReport } from '#shared/errors';
import type { Host } from '#host/createHost';
import type { CliContext } from './CliContext.ts';
import { followJob } from './followJob.ts';
import { progressLine } from './progressLine.ts';
import { formatTable, makeStyle, printable, wantsColour } from './style.ts';

export interface GlobalOptions { readonly json?: boolean; readonly ndjson?: boolean; readonly dataDir?: string; readonly color?: boolean; readonly verbose?: boolean }

export interface CliParts {
  readonly options: () => GlobalOptions;
  /** `stays`: for a command that serves the host until it is ended, and not for one call. */
  readonly openHost: (stays: boolean) => Host;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Cli extends CliContext {
  readonly exitCode: () => number;
  /** The exit code where nobody reads stdout any more: what was not answered yet was neither passed nor failed. */
  readonly unreadExitCode: () => number;
  /** Prints an error as the rules say, and remembers its exit code. */
  fail(error: unknown): void;
  close(): Promise<void>;
}

export function createCli({ options, openHost, stdout, stderr, env }: CliParts): Cli {
  const aborted = new AbortController();
  const pressed = new Set<(press: number) => void>();
  let presses = 0;
  let exitCode = 0;
  let host: Host | null = null;
  let answered = false;
  let working = false;

  const onInterrupt = () => {
    presses++;
    if (pressed.size === 0) aborted.abort(new AppError('CANCELLED', 'Cancelled.', { hint: 'Run the command again.' }));
    for (const listener of [...pressed]) listener(presses);
    if (presses > 2) process.exit(errorKinds.CANCELLED.exitCode);
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);

  const json = () => options().json === true;
  const ndjson = () => options().ndjson === true;
  const opened = (stays = false): Host => (host ??= openHost(stays));
  const call: Call = (op, input, callOptions = {}) => opened().call(op, input, { signal: aborted.signal, ...callOptions });
  const event = (fields: Readonly<Record<string, unknown>>) => { if (ndjson()) stdout.write(`${JSON.stringify(fields)}\n`); };

  const resumeCommand = () => `millwright${options().dataDir === undefined ? '' : ` --data-dir ${JSON.stringify(options().dataDir)}`} jobs resume`;
  const follow = (jobId: string): Promise<unknown> => followJob(jobId, {
    resumeCommand: resumeCommand(),
    call: (op, input, callOptions = {}) => opened().call(op, input, callOptions), line: progressLine(stderr), event,
    onInterrupt: (listener) => { pressed.add(listener); return () => pressed.delete(listener); },
  });

  const fail = (error: unknown) => {
    const report = toErrorReport(error);
    exitCode = errorKinds[report.code].exitCode;
    const body = { error: { code: report.code, message: report.message, hint: report.hint } };
    if (ndjson()) stdout.write(`${JSON.stringify({ event: 'error', ...body })}\n`);
    else if (json() && !answered) stdout.write(`${JSON.stringify(body, null, 2)}\n`);
    else stderr.write(`${style(stderr).red('Error')} ${printable(report.message)}\n${report.hint === '' ? '' : `  ${printable(report.hint)}\n`}`);
    answered = true; // with --json stdout bears one document: what fails behind the answer is told on stderr
    if (report.code === 'INTERNAL' && env['MILLWRIGHT_DEBUG']) stderr.write(`${error instanceof Error ? error.stack ?? '' : String(error)}\n`);
  };
  const style = (stream: NodeJS.WriteStream) => makeStyle(wantsColour(stream, env, options().color === false));

  return {
    call, event, fail,
    host: () => opened(true),
    signal: aborted.signal,
    get json() { return json(); },
    get ndjson() { return ndjson(); },
    get style() { return style(stdout); },
    async runJob<N extends JobName>(op: N, input: InputOf<N>): Promise<OutputOf<N>> {
      const { jobId } = await call(op, input) as { jobId: string }; // a job's answer by the contract
      event({ event: 'started', jobId, op });
      return await follow(jobId) as OutputOf<N>; // checked by the host against the contract before it was stored
    },
    followJob: follow,
    result(value, human, code = 0) {
      if (answered) throw new AppError('INTERNAL', 'A command answered twice.');
      answered = true;
      exitCode = code;
      if (ndjson()) stdout.write(`${JSON.stringify({ event: 'result', result: value ?? null })}\n`);
      else if (json()) stdout.write(`${JSON.stringify(value ?? null, null, 2)}\n`);
      else {
        const text = printable(typeof human === 'function' ? human() : human);
        if (text !== '') stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      }
    },
    print: (line) => { if (!json() && !ndjson()) stdout.write(`${printable(line)}\n`); },
    note: (line) => { stderr.write(`${printable(line)}\n`); },
    action: (work) => async (...args) => {
      working = true;
      try {
        await work(...args);
      } catch (error) {
        fail(error);
      }
      working = false;
    },
    path: (text) => resolve(text),
    model: (text) => (text.startsWith('id:') ? { id: text.slice(3) } : { path: resolve(text) }),
    data: (text, schema) => (text.startsWith('id:') ? { id: text.slice(3) } : { path: resolve(text), ...(schema === undefined ? {} : { schema }) }),
    table: (head, rows) => formatTable(head, rows, style(stdout).bold),
    exitCode: () => exitCode,
    unreadExitCode: () => (working && !answered ? errorKinds.CANCELLED.exitCode : exitCode),
    async close() {
      await host?.close(); // with the listeners still there: a second Ctrl-C must not end the process by its signal, without the exit code
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onInterrupt);
    },
  };
}
