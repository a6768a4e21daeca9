// What the model's decisions depend on: maps for pictures, importance of columns for rows; by default where it takes seconds.
import { isAppError } from '#shared/errors';
import type { Explained } from '#shared/contract/validation';
import type { Answer } from '#core/statistics/answers';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { openSession, sessionOf } from '../inference/openSession.ts';
import type { JobContext, Services } from '../Services.ts';
import { columnPlaces, explainColumns, runsForColumns } from './explainColumns.ts';
import { explainedSamples, explainPictures, pictureIn, runsForPicture } from './explainPictures.ts';
import type { PredictedModel } from './predictSamples.ts';
import { batchRunner } from './runBatch.ts';

const seed = 20250101;
/** As long as it may take without having been asked for. */
const cheapS = 30;

export interface ExplainRun {
  /** Undefined: where it is cheap. */
  readonly asked: boolean | undefined;
  /** Of the model on the whole set; null where its labels are no classes or numbers. */
  readonly answers: readonly Answer[] | null;
  /** Of one run on this machine, in ms. */
  readonly latencyMs: number;
}

export interface ExplainedRun { readonly explained: Explained | null; /** Why there is none. */ readonly reason: string | null }

export async function explainModel(services: Services, model: PredictedModel, reader: DatasetReader, { asked, answers, latencyMs }: ExplainRun, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress'>): Promise<ExplainedRun> {
  const none = (reason: string): ExplainedRun => ({ explained: null, reason });
  if (asked === false) return none('The explanations were left out on request.');
  if (answers === null || reader.length === 0) return none(reader.task === 'classification' || reader.task === 'regression' ? `The data has no labels that a ${reader.task} is judged by.` : `Decisions of the task ${reader.task} are not explained: it is done for classification and regression.`);
  const { feeds } = await reader.read(0);
  const tooLong = (runs: number) => asked !== true && (runs * latencyMs) / 1000 > cheapS;
  const waits = (runs: number) => none(`They take about ${Math.ceil((runs * latencyMs) / 1000)} s on this machine and were not asked for: validate with --explain.`);
  const picture = pictureIn(feeds);
  if (picture) {
    const chosen = explainedSamples(reader, answers, seed);
    const runs = chosen.length * runsForPicture(picture.axes);
    if (tooLong(runs)) return waits(runs);
    const session = await openSession(services, { path: model.path, ...sessionOf(model.runtime) }, context.killSignal);
    try {
      return { explained: { seed, maps: await explainPictures(batchRunner(session, model), model, reader, chosen, context), importance: null }, reason: null };
    } catch (error) {
      if (isAppError(error) && error.code === 'MODEL_UNSUPPORTED') return none(error.message);
      throw error;
    } finally { await session.close(); }
  }
  const places = columnPlaces(feeds, reader.row?.(0) ?? null);
  if (places === null) return none('The input of the model is neither a picture nor a row of up to 200 values.');
  const runs = runsForColumns(places.length, reader.length);
  if (tooLong(runs)) return waits(runs);
  const importance = await explainColumns(services, model, reader, places, answers, seed, context);
  return importance === null ? none(`The data has no labels that a ${reader.task} is judged by.`) : { explained: { seed, maps: [], importance }, reason: null };
}
