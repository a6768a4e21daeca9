// One version of a model, ready to answer: its threads, its bounded queue, and how requests are dealt out to them.
import { AppError, fromErrorReport } from '#shared/errors';
import type { ModelSignature } from '../protocol/InferRequest.ts';
import type { Schedule } from '../protocol/readSchedule.ts';
import type { ModelSettings } from '../repository/modelSettings.ts';
import { handOverBytes, nowNs, timedOut, type EngineAnswer, type EngineJob, type JobTimes, type RequestForm } from './EngineMessages.ts';
import { createFairQueue, type Client } from './FairQueue.ts';
import { createLedger } from './createLedger.ts';
import type { ProviderUse, ServingProvider } from '../ServingProvider.ts';
import { peekSchedule } from './requestCodecs.ts';
import { startEngineThread, type EngineThread, type ThreadEntry } from './startEngineThread.ts';

export interface EngineOptions {
  readonly name: string;
  readonly version: string;
  readonly path: string;
  readonly settings: ModelSettings;
  readonly instances: number;
  readonly threads: number;
  readonly maxBatch: number;
  readonly maxDelayMs: number;
  readonly maxQueue: number;
  readonly warmUp: boolean;
  readonly provider: ServingProvider;
}

export interface EngineRequest { readonly form: RequestForm; readonly body: Uint8Array; readonly jsonBytes: number; readonly arrivedNs: number; /** Clients take turns. */ readonly client?: Client; /** Takes the memory of a body that was handed over. */ readonly onSpent?: (memory: ArrayBuffer) => void; /** Asked for only when the request has to wait. */ readonly signal?: () => AbortSignal }
export type FailureReason = 'REJECTED' | 'CANCELED' | 'BACKEND' | 'OTHER';

/** Told of every request's end; the statistics and metrics follow from it. */
export interface EngineObserver {
  onAnswer(answer: EngineAnswer, totalNs: number): void;
  onFailure(reason: FailureReason, times: JobTimes | null, totalNs: number): void;
}

export interface ModelEngine {
  readonly signature: ModelSignature;
  readonly labels: readonly string[];
  readonly batching: { readonly on: boolean; readonly reason: string };
  readonly loadMs: number;
  readonly warmUp: string;
  readonly provider: ProviderUse;
  readonly options: EngineOptions;
  /** Requests that wait, and requests in the threads. */
  pending(): { readonly waiting: number; readonly running: number };
  /** @throws BUSY when the queue is full, BAD_INPUT for what does not fit, CANCELLED when the client has gone. */
  infer(request: EngineRequest): Promise<EngineAnswer>;
  /** Answers what is waiting, then releases the sessions. Refuses new requests at once. */
  close(): Promise<void>;
}

interface Waiting { readonly request: EngineRequest; readonly resolve: (answer: EngineAnswer) => void; readonly reject: (error: unknown) => void; /** Whole from here on: what its client took to send it is no wait in the queue. */ readonly queuedNs: number; /** 0: no end. */ readonly timeoutUs: number; forget: (() => void) | null }
interface Slot { readonly thread: EngineThread; running: number; messages: number }

const nobody: Client = ['', ''];
const timerMaxMs = 2 ** 31 - 1;

function scheduleOr(request: EngineRequest, refuse: (error: unknown) => void): Schedule | null {
  try { return peekSchedule(request); } catch (error) { refuse(error); return null; }
}

/** How many executions a thread may have before it: enough that a short one never waits for the next, and few enough that a long one holds nobody up. */
const windowOf = (serviceMs: number) => (serviceMs > 20 ? 1 : serviceMs > 2 ? 2 : 8);

export async function createModelEngine(options: EngineOptions, entry: ThreadEntry, observer: EngineObserver, onBroken: (reason: string) => void): Promise<ModelEngine> {
  const queue = createFairQueue<Waiting>(options.maxQueue);
  const running = createLedger<{ readonly waiting: Waiting; readonly slot: Slot }>();
  const slots: Slot[] = [];
  let serviceMs = 1;
  let closing = false;
  let idle = () => {};
  let timer: NodeJS.Timeout | null = null;

  const settle = (id: number) => {
    const one = running.take(id);
    one?.waiting.forget?.();
    return one;
  };
  const start = (): Promise<Slot> => new Promise((resolve, reject) => {
    let slot: Slot | null = null;
    const { name, version, path, threads, warmUp, maxBatch, settings, provider } = options;
    startEngineThread(entry, { name, version, path, threads, warmUp, maxBatch, settings, provider }, {
      onAnswers: ({ answers, failures, spent }) => {
        const endNs = nowNs();
        for (const { id, memory } of spent) running.get(id)?.waiting.request.onSpent?.(memory);
        if (slot) { slot.messages--; slot.running -= answers.length + failures.length; }
        for (const answer of answers) {
          const waiting = settle(answer.id)?.waiting;
          serviceMs += ((answer.inputNs + answer.inferNs + answer.outputNs) / 1e6 - serviceMs) * 0.1;
          observer.onAnswer(answer, waiting ? endNs - waiting.request.arrivedNs : 0);
          waiting?.resolve(answer);
        }
        for (const { id, error, times } of failures) {
          const waiting = settle(id)?.waiting;
          observer.onFailure(error.code === 'BAD_INPUT' || error.code === 'BAD_DATA' ? 'OTHER' : error.code === 'TIMEOUT' ? 'REJECTED' : 'BACKEND', times, waiting ? endNs - waiting.request.arrivedNs : 0);
          waiting?.reject(fromErrorReport(error));
        }
        deal();
        if (closing && queue.length === 0 && running.size === 0) idle();
      },
      onEnd: (reason) => {
        if (slot) slots.splice(slots.indexOf(slot), 1);
        const broken = new AppError('WORKER_CRASHED', `The thread of model "${name}" ended: ${reason}.`);
        for (const [id, { slot: home }] of running.all()) if (home === slot) settle(id)?.waiting.reject(broken);
        if (slots.length === 0) for (let waiting = queue.shift(); waiting; waiting = queue.shift()) { waiting.forget?.(); waiting.reject(broken); }
        idle();
        onBroken(reason);
      },
    }).then((thread) => { slot = { thread, running: 0, messages: 0 }; resolve(slot); }, reject);
  });

  const post = (slot: Slot, batch: readonly Waiting[]) => {
    const handOver: ArrayBuffer[] = [];
    const jobs = batch.map((waiting): EngineJob => {
      const id = running.add({ waiting, slot });
      const { form, body, jsonBytes } = waiting.request;
      if (body.byteLength >= handOverBytes && body.buffer instanceof ArrayBuffer) handOver.push(body.buffer);
      return { id, form, body, jsonBytes, queuedNs: waiting.queuedNs };
    });
    slot.messages++;
    slot.running += jobs.length;
    slot.thread.send({ type: 'run', jobs }, handOver);
  };

  const freest = (): Slot | null => {
    const window = first.ready.batching.on ? 1 : windowOf(serviceMs);
    let best: Slot | null = null;
    for (const slot of slots) if (slot.messages < window && (!best || slot.messages < best.messages)) best = slot;
    return best;
  };

  const deal = () => {
    const { on } = first.ready.batching;
    while (queue.length > 0) {
      const slot = freest();
      if (!slot) return;
      if (on && !closing && queue.length < options.maxBatch && options.maxDelayMs > 0) {
        const oldest = queue.oldest();
        const leftMs = oldest ? options.maxDelayMs - (nowNs() - oldest.queuedNs) / 1e6 : 0;
        if (leftMs > 0.05) {
          timer ??= setTimeout(() => { timer = null; deal(); }, leftMs);
          return;
        }
      }
      const batch: Waiting[] = [];
      for (let count = on ? options.maxBatch : together(); count > 0 && queue.length > 0; count--) {
        const waiting = queue.shift();
        if (waiting) batch.push(waiting);
      }
      post(slot, batch);
    }
  };

  /** Where messages between threads cost as much as executions, requests that came at the same moment share one. */
  const together = () => (serviceMs < 0.5 ? 8 : 1);
  /** Takes it out of the queue unless it runs already. */
  const leave = (waiting: Waiting, reason: FailureReason, error: AppError) => {
    if (!queue.remove(waiting)) return;
    waiting.forget?.();
    observer.onFailure(reason, null, nowNs() - waiting.request.arrivedNs);
    waiting.reject(error);
  };
  /** Only those that were not dealt out at once: a signal and its listener cost more than a small execution. */
  const watch = (waiting: Waiting) => {
    if (!queue.has(waiting)) return;
    const { request, timeoutUs, queuedNs } = waiting;
    const signal = request.signal?.();
    const onAbort = () => leave(waiting, 'CANCELED', new AppError('CANCELLED', 'The client has gone.'));
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const deadline = timeoutUs === 0 ? null : setTimeout(() => leave(waiting, 'REJECTED', timedOut()), Math.min(timerMaxMs, timeoutUs / 1000 - (nowNs() - queuedNs) / 1e6));
    waiting.forget = () => { signal?.removeEventListener('abort', onAbort); if (deadline) clearTimeout(deadline); };
  };
  let fresh: Waiting[] = [];
  const dealSoon = (waiting: Waiting) => {
    if (together() === 1 || running.size === 0) { deal(); return watch(waiting); }
    fresh.push(waiting);
    if (fresh.length > 1) return;
    setImmediate(() => { // after all sockets that are ready have been read
      const came = fresh;
      fresh = [];
      deal();
      came.forEach(watch);
    });
  };

  // the first alone, so that a model that does not load is refused once
  const firstSlot = await start();
  slots.push(firstSlot);
  const first = firstSlot.thread;
  try {
    slots.push(...await Promise.all(Array.from({ length: options.instances - 1 }, start)));
  } catch (error) {
    await Promise.all(slots.map(({ thread }) => thread.stop()));
    throw error;
  }

  return {
    signature: first.ready.signature, labels: first.ready.labels, batching: first.ready.batching, loadMs: first.ready.loadMs, warmUp: first.ready.warmUp, provider: first.ready.provider, options,
    pending: () => ({ waiting: queue.length, running: running.size }),
    infer: (request) => new Promise((resolve, reject) => {
      const refuse = (error: AppError) => { observer.onFailure('REJECTED', null, nowNs() - request.arrivedNs); reject(error); };
      if (closing || slots.length === 0) return refuse(new AppError('BUSY', `Version ${options.version} of model "${options.name}" is being unloaded.`));
      const schedule = scheduleOr(request, (error) => { observer.onFailure('OTHER', null, nowNs() - request.arrivedNs); reject(error); });
      if (!schedule) return;
      const waiting: Waiting = { request, resolve, reject, queuedNs: nowNs(), timeoutUs: schedule.timeoutUs, forget: null };
      const { accepted, evicted } = queue.push(waiting, { client: request.client ?? nobody, priority: schedule.priority });
      const full = () => new AppError('BUSY', `${options.maxQueue} requests wait for model "${options.name}" already.`, { hint: 'Send it again after a second, or send fewer at once.' });
      if (evicted) {
        evicted.forget?.();
        observer.onFailure('REJECTED', null, nowNs() - evicted.request.arrivedNs);
        evicted.reject(full());
      }
      if (!accepted) return refuse(full());
      dealSoon(waiting);
    }),
    async close() {
      closing = true;
      if (timer) clearTimeout(timer);
      timer = null;
      if (queue.length > 0 || running.size > 0) {
        const drained = new Promise<void>((resolve) => { idle = resolve; });
        deal();
        await drained;
      }
      await Promise.all(slots.map(({ thread }) => thread.stop()));
    },
  };
}
