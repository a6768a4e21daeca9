// Runs some samples through a session: as one batch where the model takes it, else one by one.
import { isAppError } from '#shared/errors';
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import type { Feeds, TensorValue } from '#shared/tensor';
import { largestBatch, stackFeeds } from '#core/preprocess/stackFeeds';
import type { InferenceSession } from '../inference/openSession.ts';

type Outputs = Readonly<Record<string, TensorValue>>;

/** A model that declares an open batch but does not take one is remembered in `limit`. */
export interface BatchRunner { readonly session: InferenceSession; readonly fetches: readonly string[] | null; limit: number }

/** `batches` false: one sample's answer depends on the others of its batch. `runtime`: as many in one execution as its batch says. */
export const batchRunner = (session: InferenceSession, { batches, fetches, runtime }: { readonly batches: boolean; readonly fetches: readonly string[] | null; readonly runtime?: RuntimeOptions | undefined }): BatchRunner => ({
  session, fetches, limit: batches ? Math.min(runtime?.batch ?? Infinity, largestBatch(session.inputs.map(({ name, shape }) => ({ name, type: '', shape: [...shape] })))) : 1,
});

/** @param read takes from the outputs of `n` samples one value for each */
export async function runBatch<T>(runner: BatchRunner, samples: readonly Feeds[], read: (outputs: Outputs, n: number) => readonly T[]): Promise<T[]> {
  const { session, fetches } = runner;
  const asked = fetches === null ? {} : { fetches };
  const values: T[] = [];
  while (values.length < samples.length) {
    const group = samples.slice(values.length, values.length + runner.limit);
    const stacked = group.length > 1 ? stackFeeds(group) : null;
    if (stacked) {
      try {
        values.push(...read((await session.run(stacked, asked)).outputs, group.length));
        continue;
      } catch (error) {
        if (!isAppError(error) || (error.code !== 'BAD_INPUT' && error.code !== 'MODEL_UNSUPPORTED')) throw error;
        runner.limit = 1;
      }
    }
    for (const sample of group) values.push(...read((await session.run(sample, asked)).outputs, 1));
  }
  return values;
}
