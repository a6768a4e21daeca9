// Starts a thread of this same bundle that holds one session, and speaks with it.
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { AppError, fromErrorReport } from '#shared/errors';
import type { EngineReady, EngineSetup, FromEngine, ToEngine } from './EngineMessages.ts';

export interface EngineThread {
  readonly ready: EngineReady;
  send(message: ToEngine, handOver: readonly ArrayBuffer[]): void;
  /** Releases the session; done when the thread has ended. Terminating it instead would abort the process. */
  stop(): Promise<void>;
}
export interface EngineThreadEvents {
  readonly onAnswers: (message: Extract<FromEngine, { readonly type: 'answers' }>) => void;
  /** The thread ended without being told to. */
  readonly onEnd: (reason: string) => void;
}
/** Where threads are started from: the bundle; tests may start another. */
export type ThreadEntry = string;

/**
 * For the threads that are started from now on; the heap of this one is set up already. A thread of inference makes little but the wrappers of tensors, and left alone
 * its young generation grows to 134 MB (Node 24). `resourceLimits` would do the same, but where the image bounds the main thread, its argument counts for all.
 */
const boundYoungGeneration = () => setFlagsFromString('--max-semi-space-size=2');

/** @throws what the session threw: MODEL_UNSUPPORTED, BAD_MODEL, NOT_FOUND. */
export function startEngineThread(entry: ThreadEntry, setup: EngineSetup, { onAnswers, onEnd }: EngineThreadEvents): Promise<EngineThread> {
  return new Promise((resolve, reject) => {
    boundYoungGeneration();
    const worker = new Worker(entry, { workerData: { engine: setup }, env: { ...process.env, ORT_DISABLE_TELEMETRY: '1' } });
    let stopping = false;
    let isReady = false;
    let fault = '';
    let ended = () => {};
    const end = new Promise<void>((done) => { ended = done; });
    worker.on('message', (message: FromEngine) => {
      switch (message.type) {
        case 'answers': onAnswers(message); break;
        case 'failed': reject(fromErrorReport(message.error)); break;
        case 'ready':
          isReady = true;
          resolve({
            ready: message,
            send: (job, handOver) => worker.postMessage(job, [...handOver]),
            stop: () => {
              if (!stopping) worker.postMessage({ type: 'stop' } satisfies ToEngine);
              stopping = true;
              return end;
            },
          });
      }
    });
    worker.on('error', (error) => { fault = error.message; });
    worker.on('exit', () => {
      ended();
      if (!isReady) reject(new AppError('WORKER_CRASHED', `The thread of ${setup.name} ended while it loaded${fault === '' ? '' : `: ${fault}`}.`));
      else if (!stopping) onEnd(fault === '' ? 'its thread ended' : fault);
    });
  });
}
