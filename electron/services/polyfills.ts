// What Node 16, inside the oldest Electron that tests run on, lacks of what the host uses. Loaded first by every entry; does nothing on newer runtimes.
import { deserialize, serialize } from 'node:v8';

interface Gaps {
  structuredClone?: (value: unknown) => unknown;
  AbortSignal: typeof AbortSignal & { any?: (signals: Iterable<AbortSignal>) => AbortSignal; timeout?: (milliseconds: number) => AbortSignal };
}
// A view of globalThis in which the gaps are optional: that is what this file is about.
const runtime = globalThis as unknown as Gaps;

runtime.structuredClone ??= (value) => deserialize(serialize(value)) as unknown;

runtime.AbortSignal.timeout ??= (milliseconds) => {
  const controller = new AbortController();
  const error = new Error('The operation was aborted due to timeout');
  error.name = 'TimeoutError';
  setTimeout(() => controller.abort(error), milliseconds).unref();
  return controller.signal;
};

runtime.AbortSignal.any ??= (signals) => {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) { controller.abort(signal.reason); break; }
    signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  }
  return controller.signal;
};

if (!('throwIfAborted' in AbortSignal.prototype)) {
  Object.defineProperty(AbortSignal.prototype, 'throwIfAborted', { value(this: AbortSignal) { if (this.aborted) throw this.reason; } });
}
if (!('at' in Array.prototype)) Object.defineProperty(Array.prototype, 'at', { value(this: unknown[], index: number) { return this[index < 0 ? this.length + index : index]; } });
if (!('findLast' in Array.prototype)) {
  Object.defineProperty(Array.prototype, 'findLast', { value(this: unknown[], test: (value: unknown, index: number, all: unknown[]) => boolean) {
    for (let index = this.length - 1; index >= 0; index--) if (test(this[index], index, this)) return this[index];
    return undefined;
  } });
}
if (typeof (Object as { hasOwn?: unknown }).hasOwn !== 'function') Object.defineProperty(Object, 'hasOwn', { value: (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key) });

process.env.ORT_DISABLE_TELEMETRY = '1';
