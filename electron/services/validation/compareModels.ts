// Runs two models on the same samples and tells how far their outputs and decisions differ; holds one batch at a time and can go on from any sample.
import { z } from 'zod';
import { flipSchema, type CompareOutput } from '#shared/contract/optimize';
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import { addErrors, cosine, noErrors, sqnrDb, type ErrorSums } from '#core/statistics/tensorErrors';
import { decide, findScores, scoresPerSample } from '#core/statistics/decision';
import { largestBatch, stackFeeds } from '#core/preprocess/stackFeeds';
import type { DatasetReader, Sample } from '../datasets/DatasetReader.ts';
import { openSession, type InferenceSession } from '../inference/openSession.ts';
import { tensorInfos } from '../inference/tensorInfos.ts';
import type { JobContext, Services } from '../Services.ts';

export interface CompareInput {
  /** The original. */
  readonly aPath: string;
  /** What was made from it. */
  readonly bPath: string;
  /** Opened for the inputs of A. */
  readonly reader: DatasetReader;
  /** At most so many samples, from the first; all without it. */
  readonly samples?: number | undefined;
  /** Class names in output order; without them the reader's, else the index. */
  readonly classes?: readonly string[] | null;
  readonly threads?: number;
}

const sumsSchema = z.object({ signal: z.number(), noise: z.number(), other: z.number(), product: z.number(), maxAbs: z.number(), elements: z.number(), broken: z.boolean() });
const stateSchema = z.object({ next: z.number(), headline: sumsSchema, all: sumsSchema, flips: z.array(flipSchema), labelled: z.number(), correctA: z.number(), correctB: z.number(), exact: z.boolean() });
type State = z.infer<typeof stateSchema>;

const BATCH = 32;
const CHECKPOINT_EVERY = 256;

const isNumeric = (value: TensorValue) => value.type === 'float32' || value.type === 'float64';
const sameBytes = (a: TensorValue, b: TensorValue): boolean => a.data.length === b.data.length && a.data.every((value: unknown, index: number) => Object.is(value, b.data[index]));

/**
 * SQNR is that of the first floating-point output, as the Python reference reports it; cosine and the largest error are over all of them.
 * Decisions are read from the output with one row of class scores a sample; without one there are no flips and no accuracy.
 */
export async function compareModels(services: Pick<Services, 'workers'>, { aPath, bPath, reader, samples, classes, threads = 0 }: CompareInput, context: JobContext): Promise<CompareOutput> {
  const total = Math.min(samples ?? reader.length, reader.length);
  if (total === 0) throw new AppError('BAD_DATA', 'The data set has no samples to compare on.');
  const names = classes ?? (reader.classes.length > 0 ? reader.classes : null);
  const resumed = stateSchema.safeParse(context.resumeState);
  const state: State = resumed.success ? resumed.data : { next: 0, headline: { ...noErrors }, all: { ...noErrors }, flips: [], labelled: 0, correctA: 0, correctB: 0, exact: true };

  let a: InferenceSession | null = null;
  let b: InferenceSession | null = null;
  try {
    a = await openSession(services, { path: aPath, threads }, context.killSignal);
    b = await openSession(services, { path: bPath, threads }, context.killSignal);
    const missing = b.inputs.find(({ name }) => !a!.inputs.some((input) => input.name === name));
    if (missing) throw new AppError('BAD_INPUT', `The models do not take the same inputs: only the second has "${missing.name}".`, { hint: 'Compare a model with one that was made from it.' });
    const batchSize = Math.min(BATCH, largestBatch(tensorInfos(a.inputs)), largestBatch(tensorInfos(b.inputs)));
    let sinceCheckpoint = 0;
    while (state.next < total) {
      if (context.signal.aborted) {
        context.checkpoint(state);
        context.signal.throwIfAborted();
      }
      const read: Sample[] = [];
      for (let index = state.next; index < Math.min(total, state.next + batchSize); index++) read.push(await reader.read(index));
      const stacked = stackFeeds(read.map(({ feeds }) => feeds));
      // Samples of different sizes run one by one.
      for (const group of stacked ? [{ feeds: stacked, samples: read }] : read.map((sample) => ({ feeds: sample.feeds, samples: [sample] }))) {
        const [before, after] = await Promise.all([a.run(group.feeds, { signal: context.killSignal }), b.run(group.feeds, { signal: context.killSignal })]);
        addGroup(state, before.outputs, after.outputs, group.samples, names);
      }
      state.next += read.length;
      sinceCheckpoint += read.length;
      context.progress({ stage: 'Comparing', done: state.next, total });
      if (sinceCheckpoint >= CHECKPOINT_EVERY) { context.checkpoint(state); sinceCheckpoint = 0; }
    }
  } finally {
    await Promise.all([a?.close(), b?.close()]);
  }
  return {
    samples: total, flips: state.flips, sqnrDb: sqnrDb(state.headline), cosine: cosine(state.all), maxAbsError: state.all.broken ? Number.MAX_VALUE : state.all.maxAbs,
    accuracy: state.labelled > 0 ? { a: state.correctA / state.labelled, b: state.correctB / state.labelled } : null, bitExact: state.exact,
  };
}

function addGroup(state: State, before: Readonly<Record<string, TensorValue>>, after: Readonly<Record<string, TensorValue>>, samples: readonly Sample[], classes: readonly string[] | null): void {
  let first = true;
  for (const [name, value] of Object.entries(before)) {
    const other = after[name];
    if (!other || other.data.length !== value.data.length) throw new AppError('BAD_INPUT', `The models do not give the same output "${name}".`, { hint: 'Compare a model with one that was made from it.' });
    state.exact &&= sameBytes(value, other);
    if (!isNumeric(value)) continue;
    const [x, y] = [value.data as Float32Array, other.data as Float32Array]; // float32 or float64, by isNumeric
    const add = (sums: ErrorSums) => addErrors(sums, x, y);
    if (first) state.headline = { ...add(state.headline) };
    state.all = { ...add(state.all) };
    first = false;
  }
  const scores = findScores(before, samples.length);
  if (scores === null) return;
  const [x, y] = [before[scores]!, after[scores]!];
  const width = scoresPerSample(x, samples.length)!;
  const nameOf = (index: number) => classes?.[index] ?? String(index);
  for (const [row, sample] of samples.entries()) {
    const was = decide(x.data as Float32Array, row * width, width); // scoresPerSample accepts floats only
    const is = decide(y.data as Float32Array, row * width, width);
    if (was.index !== is.index) state.flips.push({ sample: sample.name, label: sample.label, before: nameOf(was.index), after: nameOf(is.index), margin: was.margin });
    if (sample.label === null) continue;
    state.labelled += 1;
    if (nameOf(was.index) === sample.label) state.correctA += 1;
    if (nameOf(is.index) === sample.label) state.correctB += 1;
  }
}
