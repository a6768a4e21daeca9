// Runs the same samples again and again, in one process and in fresh ones: the answers must not depend on the run.
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import type { Repeatability } from '#shared/contract/validation';
import type { TensorValue } from '#shared/tensor';
import { floatsOfTensor } from '#core/statistics/floatsOfTensor';
import { addErrors, noErrors } from '#core/statistics/tensorErrors';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openSession, sessionOf } from '../inference/openSession.ts';
import type { JobContext, Services } from '../Services.ts';

const samples = 16;

/** Outputs of every run against those of the first one, bit for bit; the largest difference is over all numbers. */
export async function measureRepeatability(services: Services, model: { readonly path: string; readonly runtime?: RuntimeOptions; readonly fetches: readonly string[] | null }, reader: DatasetReader, repeat: { readonly runs: number; readonly restarts: number } | undefined, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress'>): Promise<Repeatability> {
  const { runs, restarts } = repeat ?? { runs: 3, restarts: 1 };
  const count = Math.min(samples, reader.length);
  const chosen = Array.from({ length: count }, (_, at) => Math.floor((at * reader.length) / count));
  const feeds = await Promise.all(chosen.map(async (index) => (await reader.read(index)).feeds));
  const first: Readonly<Record<string, TensorValue>>[] = [];
  let bitExact = true;
  let maxAbsError = 0;
  for (let start = 0; start <= restarts; start++) {
    context.progress({ stage: 'Repeat in a fresh process', done: start, total: restarts + 1 });
    const session = await openSession(services, { path: model.path, ...sessionOf(model.runtime) }, context.killSignal);
    try {
      for (let run = 0; run < runs; run++) {
        for (const [index, feed] of feeds.entries()) {
          context.signal.throwIfAborted();
          const { outputs } = await session.run(feed, model.fetches === null ? {} : { fetches: model.fetches });
          const before = first[index];
          if (!before) { first[index] = outputs; continue; }
          for (const [name, value] of Object.entries(before)) {
            const now = outputs[name];
            if (now && sameBits(value, now)) continue;
            bitExact = false;
            if (now && value.type !== 'string' && now.type !== 'string') maxAbsError = Math.max(maxAbsError, addErrors(noErrors, floatsOfTensor(value), floatsOfTensor(now)).maxAbs);
          }
        }
      }
    } finally { await session.close(); }
  }
  return { runs, restarts, samples: count, bitExact, maxAbsError };
}

function sameBits(a: TensorValue, b: TensorValue): boolean {
  if (a.type !== b.type || a.dims.join() !== b.dims.join()) return false;
  if (!ArrayBuffer.isView(a.data) || !ArrayBuffer.isView(b.data)) return JSON.stringify(a.data) === JSON.stringify(b.data);
  return Buffer.from(a.data.buffer, a.data.byteOffset, a.data.byteLength).equals(Buffer.from(b.data.buffer, b.data.byteOffset, b.data.byteLength));
}
