// Runs some samples through a session: as one batch where the model takes it, else one by one.
import { isAppError } from '#shared/errors';
import type { Feeds, TensorValue } from '#shared/tensor';
import { largestBatch, stackFeeds } from '#core/preprocess/stackFeeds';
import type { InferenceSession } from '../inference/openSession.ts';

type Outputs = Readonly<Record<string, TensorValue>>;

/** A model that declares an open batch but does not take one is remembered in `limit`. */
export interface BatchRunner { readonly session: InferenceSession; readonly fetches: readonly string[] | null; limit: number }

/** `batches` false: one sample's answer depends on the others of its batch. */
export const batchRunner = (session: InferenceSession, { batches, fetches }: { readonly batches: boolean; readonly fetches: readonly string[] | null }): BatchRunner => ({ session, fetches, limit: batches ? largestBatch(session.inputs.map(({ name, shape }) => ({ name, type: '', shape: [...shape] }))) : 1 });

/** @param read takes from the outputs of `n` samples one value for each */
export async function runBatch<T>(runner: BatchRunner, samples: readonly Feeds[], read: (outputs: Outputs, n: number) => readonly T[]): Promise<T[]> {
  const { session, fetches } = runner;
  const asked = fetches === null ? {} : { fetches };
  if (runner.limit > 1 && samples.length > 1) {
    const stacked = stackFeeds(samples);
    if (stacked) {
      try {
        return [...read((await session.run(stacked, asked)).outputs, samples.length)];
      } catch (error) {
        if (!isAppError(error) || (error.code !== 'BAD_INPUT' && error.code !== 'MODEL_UNSUPPORTED')) throw error;
        runner.limit = 1;
      }
    }
  }
  const values: T[] = [];
  for (const sample of samples) values.push(...read((await session.run(sample, asked)).outputs, 1));
  return values;
}
