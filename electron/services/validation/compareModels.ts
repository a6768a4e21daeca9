// Runs two models on the same samples and tells how far their outputs and decisions differ; holds one batch at a time and can go on from any sample.
import { z } from 'zod';
import { flipSchema, type CompareOutput } from '#shared/contract/optimize';
import type { RuntimeOptions } from '#shared/contract/runtimeOptions';
import { AppError, isAppError } from '#shared/errors';
import type { Feeds, TensorValue } from '#shared/tensor';
import { addErrors, cosine, noErrors, sqnrDb } from '#core/statistics/tensorErrors';
import { decide, findScores, scoresPerSample, type ThresholdRule } from '#core/statistics/decision';
import { floatsOfTensor } from '#core/statistics/floatsOfTensor';
import { largestBatch, stackFeeds } from '#core/preprocess/stackFeeds';
import type { DatasetReader, Sample } from '../datasets/DatasetReader.ts';
import { openSession, sessionOf, type InferenceSession } from '../inference/openSession.ts';
import { rangesDependOnBatch } from '../inference/rangesDependOnBatch.ts';
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
  /** Of two classes, where a threshold decides. */
  readonly rule?: ThresholdRule | null;
  /** How the runtime is set for both; without it all threads, and batches of the largest size. */
  readonly runtime?: RuntimeOptions;
}

const sumsSchema = z.object({ signal: z.number(), noise: z.number(), other: z.number(), product: z.number(), maxAbs: z.number(), elements: z.number(), broken: z.boolean() });
const stateSchema = z.object({ next: z.number(), headline: sumsSchema, all: sumsSchema, flips: z.array(flipSchema), decided: z.number(), labelled: z.number(), correctA: z.number(), correctB: z.number(), exact: z.boolean(), /** Samples on which the two found different numbers of boxes. */ unlike: z.number().default(0) });
type State = z.infer<typeof stateSchema>;

/** Tasks whose output may look like a row of class scores and is none: their answers have no flips. */
const withoutDecision: readonly DatasetReader['task'][] = ['multilabel', 'regression', 'detection', 'segmentation', 'anomaly', 'embedding'];
const BATCH = 32;
/** Samples that are read together, and asked as one batch where the models take it. */
const READ_AHEAD = BATCH;
const CHECKPOINT_EVERY = 256;

const isFloat = ({ type }: TensorValue) => type === 'float32' || type === 'float64' || type === 'float16' || type === 'bfloat16';
const sameBytes = (a: TensorValue, b: TensorValue): boolean => a.type === b.type && a.data.length === b.data.length && a.data.every((value: unknown, index: number) => Object.is(value, b.data[index]));

/**
 * SQNR is that of the first floating-point output, as the Python reference reports it; cosine and the largest error are over all of them.
 * A model without floating-point outputs is measured by its whole numbers. Decisions are read from the output with one row of class scores a sample; without one there are no flips and no accuracy.
 */
export async function compareModels(services: Pick<Services, 'workers'>, { aPath, bPath, reader, samples, classes, runtime, rule = null }: CompareInput, context: JobContext): Promise<CompareOutput> {
  const total = Math.min(samples ?? reader.length, reader.length);
  if (total === 0) throw new AppError('BAD_DATA', 'The data set has no samples to compare on.');
  const names = classes ?? (reader.classes.length > 0 ? reader.classes : null);
  const resumed = stateSchema.safeParse(context.resumeState);
  const state: State = resumed.success ? resumed.data : { next: 0, headline: { ...noErrors }, all: { ...noErrors }, flips: [], decided: 0, labelled: 0, correctA: 0, correctB: 0, exact: true, unlike: 0 };

  let a: InferenceSession | null = null;
  let b: InferenceSession | null = null;
  try {
    a = await openSession(services, { path: aPath, ...sessionOf(runtime) }, context.killSignal);
    b = await openSession(services, { path: bPath, ...sessionOf(runtime) }, context.killSignal);
    const missing = b.inputs.find(({ name }) => !a!.inputs.some((input) => input.name === name));
    if (missing) throw new AppError('BAD_INPUT', `The models do not take the same inputs: only the second has "${missing.name}".`, { hint: 'Compare a model with one that was made from it.' });
    // Ranges taken at run time span the whole batch: such a model is asked one sample at a time, as it will be on the line.
    let batchSize = (await rangesDependOnBatch(aPath)) || (await rangesDependOnBatch(bPath)) ? 1 : Math.min(runtime?.batch ?? BATCH, BATCH, largestBatch(tensorInfos(a.inputs)), largestBatch(tensorInfos(b.inputs)));
    const fetches = [tensorNames(a), tensorNames(b)] as const;
    const ask = async (feeds: Feeds, group: readonly Sample[]) => {
      const [before, after] = await Promise.all([a!.run(feeds, fetches[0]), b!.run(feeds, fetches[1])]);
      addGroup(state, before.outputs, after.outputs, group, names, reader.task, rule);
    };
    const readBatch = (from: number) => Promise.all(Array.from({ length: Math.max(0, Math.min(total - from, READ_AHEAD)) }, (_value, at) => reader.read(from + at)));
    let sinceCheckpoint = 0;
    // The next samples are read while these are computed.
    let next = readBatch(state.next);
    next.catch(() => undefined); // awaited below; this only keeps an early abort from counting as unhandled
    while (state.next < total) {
      if (context.signal.aborted) {
        context.checkpoint(state);
        context.signal.throwIfAborted();
      }
      const read = await next;
      next = readBatch(state.next + read.length);
      next.catch(() => undefined); // as above
      for (let at = 0; at < read.length;) {
        const group = read.slice(at, at + batchSize);
        const stacked = group.length > 1 ? stackFeeds(group.map(({ feeds }) => feeds)) : null;
        let done = false;
        if (stacked) {
          try {
            await ask(stacked, group);
            done = true;
          } catch (error) {
            // Some models declare an open batch and then take only one sample.
            if (!isAppError(error) || (error.code !== 'BAD_INPUT' && error.code !== 'MODEL_UNSUPPORTED')) throw error;
            batchSize = 1;
          }
        }
        if (!done) for (const sample of group) await ask(sample.feeds, [sample]);
        at += group.length;
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
    accuracy: state.labelled > 0 ? { a: state.correctA / state.labelled, b: state.correctB / state.labelled } : null, bitExact: state.exact, remarks: remarksOf(state, total),
  };
}

function remarksOf(state: State, total: number): string[] {
  return [
    ...(state.decided === 0 ? ['The models have no output with one row of class scores a sample: no decisions were compared.'] : []),
    ...(state.decided > 0 && state.labelled === 0 ? ['The data has no labels: no accuracy was measured.'] : []),
    ...(state.labelled > 0 && state.labelled < total ? [`${total - state.labelled} samples have no label and do not count in the accuracy.`] : []),
    ...(state.all.elements === 0 ? ['The models have no output of numbers: signal-to-noise ratio, cosine and largest difference say nothing.'] : []),
    ...(state.unlike > 0 ? [`On ${state.unlike} of ${total} samples the two models find different numbers of boxes; signal-to-noise ratio, cosine and largest difference count that as wholly different.`] : []),
    ...(state.all.broken && state.unlike === 0 ? ['Some answers of one model are not finite (NaN or infinity) where the other\'s are.'] : []),
  ];
}

/** Sequences and maps cannot be handed over; the tensors beside them can. */
function tensorNames({ outputs }: InferenceSession): { readonly fetches?: readonly string[] } {
  const tensors = outputs.filter(({ type }) => type !== null);
  return tensors.length === 0 || tensors.length === outputs.length ? {} : { fetches: tensors.map(({ name }) => name) };
}

function addGroup(state: State, before: Readonly<Record<string, TensorValue>>, after: Readonly<Record<string, TensorValue>>, samples: readonly Sample[], classes: readonly string[] | null, task: DatasetReader['task'], rule: ThresholdRule | null): void {
  const decides = !withoutDecision.includes(task);
  const outputs = Object.entries(before);
  const floats = outputs.some(([, value]) => isFloat(value));
  let first = true;
  for (const [name, value] of outputs) {
    const other = after[name];
    // A detector with its selection inside gives as many boxes as it finds; another number of them is a difference that no ratio measures.
    if (task === 'detection' && other && other.type === value.type && other.data.length !== value.data.length && other.dims.length === value.dims.length) {
      state.unlike += samples.length;
      state.exact = false;
      state.headline = { ...state.headline, broken: true };
      state.all = { ...state.all, broken: true };
      return;
    }
    if (!other || other.data.length !== value.data.length || (other.type === 'string') !== (value.type === 'string')) throw new AppError('BAD_INPUT', `The models do not give the same output "${name}".`, { hint: 'Compare a model with one that was made from it.' });
    state.exact &&= sameBytes(value, other);
    if (floats ? !isFloat(value) : value.type === 'string') continue;
    const [x, y] = [floatsOfTensor(value), floatsOfTensor(other)];
    if (first) state.headline = { ...addErrors(state.headline, x, y) };
    state.all = { ...addErrors(state.all, x, y) };
    first = false;
  }
  // Half-precision scores decide as well as float32 ones.
  const wide = (value: TensorValue): TensorValue => (value.type === 'float16' || value.type === 'bfloat16' ? { ...value, type: 'float32', data: floatsOfTensor(value) as Float32Array } : value); // floatsOfTensor widens both to float32
  const widened = Object.fromEntries(outputs.map(([name, value]) => [name, wide(value)]));
  const scores = findScores(widened, samples.length);
  if (scores === null || !decides) return;
  state.decided += samples.length;
  const [x, y] = [widened[scores]!, wide(after[scores]!)];
  const width = scoresPerSample(x, samples.length)!;
  const nameOf = (index: number) => classes?.[index] ?? String(index);
  for (const [row, sample] of samples.entries()) {
    const was = decide(x.data as Float32Array, row * width, width, rule); // scoresPerSample accepts floats only
    const is = decide(y.data as Float32Array, row * width, width, rule);
    if (was.index !== is.index) state.flips.push({ sample: sample.name, label: sample.label, before: nameOf(was.index), after: nameOf(is.index), margin: was.margin });
    if (sample.label === null) continue;
    state.labelled += 1;
    if (nameOf(was.index) === sample.label) state.correctA += 1;
    if (nameOf(is.index) === sample.label) state.correctB += 1;
  }
}
