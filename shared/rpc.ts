// Five frames carry every operation over any channel: call and cancel one way, event, done and fail the other.
import { AppError, fromErrorReport, toErrorReport, type ErrorReport } from './errors.ts';

export type Frame =
  | { readonly t: 'call'; readonly id: number; readonly op: string; readonly input: unknown }
  | { readonly t: 'cancel'; readonly id: number }
  | { readonly t: 'event'; readonly id: number; readonly event: unknown }
  | { readonly t: 'done'; readonly id: number; readonly output: unknown }
  | { readonly t: 'fail'; readonly id: number; readonly error: ErrorReport };

/** A two-way pipe of frames: a MessagePort, a WebSocket, a child process, or two queues in one process. */
export interface Channel {
  send(frame: Frame): void;
  onFrame(listener: (frame: Frame) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: unknown) => void) | undefined;
}
export type RawCall = (op: string, input: unknown, options?: CallOptions) => Promise<unknown>;

/** So many calls may be in flight on one channel. */
export const callsInFlightMax = 1000;

/** What came over the wire as a frame, or null when it is none. The other side may be of another version, or no friend. */
export function parseFrame(value: unknown): Frame | null {
  if (typeof value !== 'object' || value === null) return null;
  const { t, id, op, error } = value as Readonly<Record<string, unknown>>; // every field is looked at below
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return null;
  if (t === 'call') return typeof op === 'string' ? (value as Frame) : null;
  if (t === 'fail') return typeof error === 'object' && error !== null ? (value as Frame) : null;
  return t === 'cancel' || t === 'event' || t === 'done' ? (value as Frame) : null;
}

/** Answers calls that arrive on the channel. When the channel closes, every call in flight is aborted. */
export function serveChannel(channel: Channel, answer: (op: string, input: unknown, context: { signal: AbortSignal; emit: (event: unknown) => void }) => Promise<unknown>): void {
  const inFlight = new Map<number, AbortController>();
  channel.onClose(() => inFlight.forEach((controller) => controller.abort(new AppError('CONNECTION_LOST', 'The connection ended.'))));
  channel.onFrame((received) => {
    const frame = parseFrame(received);
    if (!frame) {
      const id: unknown = typeof received === 'object' && received !== null ? Reflect.get(received, 'id') : null;
      if (typeof id === 'number') channel.send({ t: 'fail', id, error: toErrorReport(new AppError('BAD_USAGE', 'The request is not a frame that Millwright knows.')) });
      return;
    }
    if (frame.t === 'cancel') return inFlight.get(frame.id)?.abort(new AppError('CANCELLED', 'Cancelled.'));
    if (frame.t !== 'call') return;
    const refused = inFlight.has(frame.id) ? 'This call number is in use.' : inFlight.size >= callsInFlightMax ? 'Too many calls are in flight on this connection.' : null;
    if (refused !== null) return channel.send({ t: 'fail', id: frame.id, error: toErrorReport(new AppError('BUSY', refused)) });
    const controller = new AbortController();
    inFlight.set(frame.id, controller);
    const emit = (event: unknown) => { if (!controller.signal.aborted && inFlight.get(frame.id) === controller) channel.send({ t: 'event', id: frame.id, event }); };
    void Promise.resolve()
      .then(() => answer(frame.op, frame.input, { signal: controller.signal, emit }))
      .then((output) => channel.send({ t: 'done', id: frame.id, output }), (error: unknown) => channel.send({ t: 'fail', id: frame.id, error: toErrorReport(error) }))
      .catch(() => undefined) // the channel is gone: nobody is left to tell
      .finally(() => inFlight.delete(frame.id));
  });
}

/** The caller's side. A cancelled call rejects at once with CANCELLED; a closed channel rejects all with CONNECTION_LOST. */
export function connectChannel(channel: Channel): RawCall {
  interface Pending { resolve(output: unknown): void; reject(error: unknown): void; onEvent: ((event: unknown) => void) | undefined }
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closed = false;
  channel.onClose(() => {
    closed = true;
    for (const call of pending.values()) call.reject(new AppError('CONNECTION_LOST', 'The connection to the host ended.'));
    pending.clear();
  });
  channel.onFrame((received) => {
    const frame = parseFrame(received);
    if (!frame) return;
    const call = pending.get(frame.id);
    if (!call) return;
    if (frame.t === 'event') return call.onEvent?.(frame.event);
    if (frame.t !== 'done' && frame.t !== 'fail') return;
    pending.delete(frame.id);
    if (frame.t === 'done') call.resolve(frame.output);
    else call.reject(fromErrorReport(frame.error));
  });
  return (op, input, { signal, onEvent } = {}) => new Promise((resolve, reject) => {
    const cancelled = () => new AppError('CANCELLED', 'Cancelled.');
    if (closed) return reject(new AppError('CONNECTION_LOST', 'The connection to the host ended.'));
    if (signal?.aborted) return reject(cancelled());
    const id = nextId++;
    const onAbort = () => {
      if (!pending.delete(id)) return;
      channel.send({ t: 'cancel', id });
      reject(cancelled());
    };
    const settle = <T>(end: (value: T) => void) => (value: T) => { signal?.removeEventListener('abort', onAbort); end(value); };
    pending.set(id, { resolve: settle(resolve), reject: settle(reject), onEvent });
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      channel.send({ t: 'call', id, op, input });
    } catch (cause) {
      pending.delete(id);
      settle(reject)(new AppError('BAD_INPUT', `The input of ${op} cannot be sent.`, { cause }));
    }
  });
}
