// What Electron 22's Node 16 lacks of the globals that this code and its libraries use; imported first by every entry.
import { deserialize, serialize } from 'node:v8';

const globals = globalThis as unknown as { structuredClone?: (value: unknown) => unknown }; // the types promise what an old runtime has not

globals.structuredClone ??= (value) => deserialize(serialize(value)) as unknown;

if (!('any' in AbortSignal)) {
  Object.defineProperty(AbortSignal, 'any', {
    configurable: true, writable: true,
    value: (signals: Iterable<AbortSignal>) => {
      const controller = new AbortController();
      for (const signal of signals) {
        if (signal.aborted) { controller.abort(signal.reason); break; }
        signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
      }
      return controller.signal;
    },
  });
}

if (!('timeout' in AbortSignal)) {
  Object.defineProperty(AbortSignal, 'timeout', {
    configurable: true, writable: true,
    value: (ms: number) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(Object.assign(new Error('The operation timed out.'), { name: 'TimeoutError' })), ms).unref();
      return controller.signal;
    },
  });
}

if (!('throwIfAborted' in AbortSignal.prototype)) {
  Object.defineProperty(AbortSignal.prototype, 'throwIfAborted', { value(this: AbortSignal) { if (this.aborted) throw this.reason; } });
}

for (const Kind of [Array, Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array]) {
  if ('findLast' in Kind.prototype) continue;
  Object.defineProperty(Kind.prototype, 'findLast', {
    value(this: ArrayLike<unknown>, test: (value: unknown, index: number, all: unknown) => boolean) {
      for (let index = this.length - 1; index >= 0; index--) if (test(this[index], index, this)) return this[index];
      return undefined;
    },
  });
}

// ONNX Runtime reports use to its maker unless told not to before it loads.
process.env.ORT_DISABLE_TELEMETRY = '1';
