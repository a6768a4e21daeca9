// Runs long computing in slices, so that the host answers others meanwhile and a cancel comes through.
import { setImmediate } from 'node:timers/promises';
import type { JobContext } from '../Services.ts';

/** Milliseconds after which others get their turn. */
const sliceMs = 50;

/** To the end of the steps; each of them should be short against a slice. Throws signal.reason on abort. */
export async function inSlices<T>(steps: Generator<void, T>, stage: string, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<T> {
  for (let begun = performance.now(), done = 0; ; done++) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - begun < sliceMs) continue;
    progress({ stage, done, total: 0 });
    await setImmediate();
    signal.throwIfAborted();
    begun = performance.now();
  }
}
