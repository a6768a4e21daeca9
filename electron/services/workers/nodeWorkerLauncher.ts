// Starts worker processes with child_process.fork: for the terminal, the browser console and tests.
import { basename, dirname, join } from 'node:path';
import { AppError } from '#shared/errors';
import { connectChannel, type Channel, type Frame } from '#shared/rpc';
import { forkWorker } from './forkWorker.ts';
import type { WorkerLauncher, WorkerProcess } from './WorkerLauncher.ts';

/** How much of a dying worker's error stream goes into the log of the failure. */
const STDERR_TAIL_CHARS = 4000;
/** A worker that has not left this long after it was asked to is killed. */
const LEAVE_DEADLINE_MS = 10_000;

function describeExit(code: number | null, signal: string | null): string {
  if (signal === 'SIGKILL') return 'it was killed (SIGKILL), by a cancel or because memory ran out';
  if (signal) return `it ended by ${signal}`;
  return `it ended with exit code ${code ?? 'unknown'}`;
}

/** @param entry path of the bundled worker (dist/worker.cjs); the other programs lie beside it. */
export function nodeWorkerLauncher({ entry, onStderr }: { readonly entry: string; readonly onStderr?: (text: string) => void }): WorkerLauncher {
  const launch: WorkerLauncher['launch'] = async (options) => {
    const child = forkWorker(options?.program === 'trialHost' ? join(dirname(entry), basename(entry).replace('worker', 'trialHost')) : entry, options?.env ?? {});
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-STDERR_TAIL_CHARS);
      onStderr?.(text);
    });
    let exit: { code: number | null; signal: string | null } | null = null;
    const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once('exit', (code, signal) => { exit = { code, signal }; resolve(exit); });
      child.once('error', () => { exit ??= { code: null, signal: null }; resolve(exit); });
    });
    const channel: Channel = {
      send: (frame) => { if (child.connected) child.send(frame, () => undefined); },
      onFrame: (listener) => { child.on('message', (frame) => listener(frame as Frame)); }, // the worker is our own code
      onClose: (listener) => { void exited.then(listener); },
      close: () => { if (child.connected) child.disconnect(); },
    };
    const rawCall = connectChannel(channel);
    if (child.pid === undefined) throw new AppError('WORKER_CRASHED', 'The worker process could not be started.', { hint: 'Look at the machine\'s memory and process limits.' });
    const worker: WorkerProcess = {
      pid: child.pid, exited,
      call: (op, input, callOptions) => rawCall(op, input, callOptions).catch((error: unknown) => {
        if (!(error instanceof AppError) || error.code !== 'CONNECTION_LOST') throw error;
        const how = exit ? describeExit(exit.code, exit.signal) : 'it ended';
        throw new AppError('WORKER_CRASHED', `The process that ran the model stopped: ${how}.`, { cause: stderr });
      }),
      async end() {
        channel.close();
        const timer = setTimeout(() => child.kill('SIGKILL'), LEAVE_DEADLINE_MS);
        await exited;
        clearTimeout(timer);
      },
      kill: () => { child.kill('SIGKILL'); },
    };
    return worker;
  };
  return { launch };
}
