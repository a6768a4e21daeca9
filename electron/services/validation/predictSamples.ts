// Runs models over a data set in batches and keeps only what they answered; can stop after any batch and go on from there.
import { isAppError } from '#shared/errors';
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import type { Feeds } from '#shared/tensor';
import { largestBatch, stackFeeds } from '#core/preprocess/stackFeeds';
import { answersOf, type Answer, type AnswerOptions } from '#core/statistics/answers';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openSession, sessionOf, type InferenceSession } from '../inference/openSession.ts';
import type { JobContext, Services } from '../Services.ts';

export interface PredictedModel {
  readonly path: string;
  /** How the runtime is set; as many samples in one execution as its batch says. Without it all threads, and batches of the largest size. */
  readonly runtime?: RuntimeOptions | undefined;
  /** False where one sample's answer depends on the others of its batch (ranges taken at run time). */
  readonly batches: boolean;
  /** Outputs to ask for; null for all. */
  readonly fetches: readonly string[] | null;
  readonly answers: AnswerOptions;
}
/** Answers so far, one list per model; plain JSON, so that a job can checkpoint it. */
export interface Predictions { readonly done: number; readonly answers: readonly (readonly Answer[])[] }
export const noPredictions = (models: number): Predictions => ({ done: 0, answers: Array.from({ length: models }, () => []) });

const batchSize = 32;
const checkpointEvery = 512;

/**
 * Answers of each model for the samples at `indices`, from `state` on. On abort the state so far is handed to `save`, then signal.reason is
 * thrown. Memory holds two batches and the answers.
 */
export async function predictSamples(services: Services, models: readonly PredictedModel[], reader: DatasetReader, indices: readonly number[], state: Predictions, save: (state: Predictions) => void, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress'>): Promise<Predictions> {
  const answers = models.map((_, model) => [...state.answers[model] ?? []]);
  let { done } = state;
  if (done >= indices.length) return state;
  const sessions: InferenceSession[] = [];
  try {
    for (const model of models) sessions.push(await openSession(services, { path: model.path, ...sessionOf(model.runtime) }, context.killSignal));
    const limits = sessions.map((session, model) => (models[model]?.batches === false ? 1 : Math.min(batchSize, models[model]?.runtime?.batch ?? batchSize, largestBatch(session.inputs.map(({ name, shape }) => ({ name, type: '', shape: [...shape] }))))));
    const readBatch = (from: number): Promise<Feeds[]> => Promise.all(indices.slice(from, from + batchSize).map(async (index) => (await reader.read(index)).feeds));
    // The next batch is read while this one is computed.
    let next = readBatch(done);
    next.catch(() => undefined); // awaited below; this only keeps an early abort from counting as unhandled
    let saved = done;
    while (done < indices.length) {
      if (context.signal.aborted) {
        save({ done, answers });
        context.signal.throwIfAborted();
      }
      const batch = await next;
      if (done + batchSize < indices.length) {
        next = readBatch(done + batchSize);
        next.catch(() => undefined); // as above
      }
      const results = await Promise.all(models.map((model, at) => runBatch(sessions[at], limits, at, batch, model)));
      results.forEach((result, at) => { for (const answer of result) answers[at]?.push(answer); });
      done += batch.length;
      context.progress({ stage: 'Judge samples', done, total: indices.length });
      if (done - saved >= checkpointEvery) { save({ done, answers }); saved = done; }
    }
    save({ done, answers });
    return { done, answers };
  } finally {
    await Promise.all(sessions.map((session) => session.close().catch(() => undefined)));
  }
}

/** In batches of the size in `limits` where the model takes them, else one by one; a model that declares an open batch but does not take one is remembered in `limits`. */
async function runBatch(session: InferenceSession | undefined, limits: number[], at: number, samples: readonly Feeds[], { answers: options, fetches }: PredictedModel): Promise<Answer[]> {
  const asked = fetches === null ? {} : { fetches };
  if (!session) return [];
  const answers: Answer[] = [];
  while (answers.length < samples.length) {
    const group = samples.slice(answers.length, answers.length + (limits[at] ?? 1));
    const stacked = group.length > 1 ? stackFeeds(group) : null;
    if (stacked) {
      try {
        const { outputs } = await session.run(stacked, asked);
        answers.push(...answersOf(outputs, group.length, options));
        continue;
      } catch (error) {
        if (!isAppError(error) || (error.code !== 'BAD_INPUT' && error.code !== 'MODEL_UNSUPPORTED')) throw error;
        limits[at] = 1;
      }
    }
    for (const sample of group) answers.push(...answersOf((await session.run(sample, asked)).outputs, 1, options));
  }
  return answers;
}
