// Starts model workers from inside Electron's utility process: asks the main process for one, and speaks to it over the port that comes back.
import { AppError } from '#shared/errors';
import { connectChannel, type Channel } from '#shared/rpc';
import type { WorkerLauncher, WorkerProcess } from '#services/workers/WorkerLauncher';
import { portChannel } from './portChannel.ts';
import type { HostToMain, MainToHost, UtilityPort } from './messages.ts';

interface Exit { readonly code: number | null; readonly signal: string | null }

const LAUNCH_DEADLINE_MS = 15_000;

export interface UtilityWorkers {
  readonly launcher: WorkerLauncher;
  /** Takes what the main process says about workers. */
  receive(message: MainToHost, port: UtilityPort | undefined): void;
}

export function createUtilityWorkers(post: (message: HostToMain) => void): UtilityWorkers {
  const waiting = new Map<number, (pid: number, port: UtilityPort) => void>();
  const exits = new Map<number, (exit: Exit) => void>();
  let nextId = 1;

  const launch: WorkerLauncher['launch'] = async (options) => {
    const id = nextId++;
    const exited = new Promise<Exit>((resolve) => exits.set(id, resolve));
    const started = new Promise<{ pid: number; channel: Channel }>((resolve, reject) => {
      const timer = setTimeout(() => reject(new AppError('TIMEOUT', 'The model worker did not start within 15 s.')), LAUNCH_DEADLINE_MS);
      waiting.set(id, (pid, port) => { clearTimeout(timer); resolve({ pid, channel: portChannel(port) }); });
      void exited.then(() => { clearTimeout(timer); reject(new AppError('WORKER_CRASHED', 'The model worker ended while it started.')); });
    });
    post({ t: 'launch-worker', id, env: options?.env ?? {}, program: options?.program ?? 'worker' });
    const { pid, channel } = await started.finally(() => waiting.delete(id));
    const rawCall = connectChannel(channel);
    let dead: Exit | null = null;
    void exited.then((exit) => { dead = exit; channel.close(); });
    const worker: WorkerProcess = {
      pid, exited,
      call: (op, input, callOptions) => rawCall(op, input, callOptions).catch((error: unknown) => {
        if (dead || (error instanceof AppError && error.code === 'CONNECTION_LOST')) throw new AppError('WORKER_CRASHED', `The process that ran the model ended unexpectedly${dead?.code ? ` (exit code ${dead.code})` : ''}.`, { cause: error });
        throw error;
      }),
      end: async () => { channel.close(); await exited; },
      kill: () => post({ t: 'kill-worker', id }),
    };
    return worker;
  };

  return {
    launcher: { launch },
    receive(message, port) {
      if (message.t === 'worker' && port) waiting.get(message.id)?.(message.pid, port);
      if (message.t === 'worker-exit') {
        exits.get(message.id)?.({ code: message.code, signal: null });
        exits.delete(message.id);
      }
    },
  };
}
