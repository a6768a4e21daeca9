// Runs models over a data set in batches and keeps only what they answered; can stop after any batch and go on from there.
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import type { Feeds } from '#shared/tensor';
import { answersOf, type Answer, type AnswerOptions } from '#core/statistics/answers';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openSession, sessionOf, type InferenceSession } from '../inference/openSession.ts';
import type { JobContext, Services } from '../Services.ts';
import { batchRunner, runBatch, type BatchRunner } from './runBatch.ts';

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
    const runners: { readonly model: PredictedModel; readonly runner: BatchRunner }[] = [];
    for (const model of models) {
      const session = await openSession(services, { path: model.path, ...sessionOf(model.runtime) }, context.killSignal);
      sessions.push(session);
      runners.push({ model, runner: batchRunner(session, model) });
    }
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
      const results = await Promise.all(runners.map(async ({ model, runner }) => runBatch(runner, batch, (outputs, n) => answersOf(outputs, n, model.answers))));
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
