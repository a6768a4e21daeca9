// Importance of the columns of a table: shuffles one after the other among samples and runs the model on them, all in one long set.
import type { ColumnImportance } from '#shared/contract/validation';
import { importanceOf, shuffledOrder } from '#core/explain/permutation';
import { regressionMetrics } from '#core/statistics/regression';
import type { Feeds, TensorData, TensorValue } from '#shared/tensor';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import type { JobContext, Services } from '../Services.ts';
import { noPredictions, predictSamples, type PredictedModel } from './predictSamples.ts';

export const repeats = 5;
/** Enough to tell an importance of a few points; spread evenly over the set. */
export const mostRows = 300;
const mostColumns = 200;

/** One value of a sample: the input, and the place in it. */
interface Place { readonly input: string; readonly at: number; readonly name: string }

/** Where the columns of a table stand in the model's inputs; null for what is no row of values, or has more than 200. */
export function columnPlaces(feeds: Feeds, row: readonly { readonly name: string }[] | null): Place[] | null {
  const inputs = Object.entries(feeds);
  if (inputs.some(([, { dims }]) => dims.filter((size) => size > 1).length > 1)) return null;
  const places = inputs.flatMap(([input, { data }]) => Array.from({ length: data.length }, (_, at): Place => ({ input, at, name: inputs.length === 1 ? row?.[at]?.name ?? `${input}[${at}]` : data.length === 1 ? input : `${input}[${at}]` })));
  return places.length === 0 || places.length > mostColumns || (row !== null && inputs.length === 1 && row.length !== places.length) ? null : places;
}

export const runsForColumns = (places: number, rows: number): number => places * repeats * Math.min(rows, mostRows);

/** The sample with the value of another one in one place. */
function withValue(feeds: Feeds, { input, at }: Place, from: Feeds): Feeds {
  const [tensor, other] = [feeds[input], from[input]];
  return tensor && other ? { ...feeds, [input]: { ...tensor, data: replaced(tensor, at, other.data) } } : feeds;
}

function replaced({ data }: TensorValue, at: number, other: TensorData): TensorData {
  if (Array.isArray(data)) return (data as readonly string[]).map((text, index) => (index === at ? String(other[at]) : text));
  const copy = (data as Float32Array).slice(); // one of the typed arrays, all of which can be copied and set alike
  const value = other[at];
  if (value !== undefined) copy[at] = value as number; // of the same type, since both samples feed the same input
  return copy;
}

/** @param known answers for the whole set, in its order */
export async function explainColumns(services: Services, model: PredictedModel, reader: DatasetReader, places: readonly Place[], known: readonly { readonly predicted: string }[], seed: number, context: Pick<JobContext, 'signal' | 'killSignal' | 'progress'>): Promise<ColumnImportance | null> {
  const judged = known.flatMap((_, index) => ((reader.labels?.[index] ?? '') === '' ? [] : [index]));
  const n = Math.min(judged.length, mostRows);
  if (n < 2) return null;
  const rows = Array.from({ length: n }, (_, at) => judged[Math.floor((at * judged.length) / n)] ?? 0);
  const feeds: Feeds[] = [];
  for (const row of rows) feeds.push((await reader.read(row)).feeds);
  const labels = rows.map((row) => reader.labels?.[row] ?? '');
  const metric = reader.task === 'regression' ? 'mae' as const : 'accuracy' as const;
  const figure = (answers: readonly { readonly predicted: string }[]) => (metric === 'mae' ? regressionMetrics(labels.map(Number), answers.map(({ predicted }) => Number(predicted))).mae : answers.filter(({ predicted }, at) => predicted === labels[at]).length / n);
  const undisturbed = figure(rows.map((row) => known[row] ?? { predicted: '' }));
  const orders = places.map((_, column) => Array.from({ length: repeats }, (_value, repeat) => shuffledOrder(n, seed, column, repeat)));
  const all: DatasetReader = {
    ...reader, length: places.length * repeats * n,
    read: (index) => {
      const [column, repeat, at] = [Math.floor(index / (repeats * n)), Math.floor(index / n) % repeats, index % n];
      const [own, place, from] = [feeds[at], places[column], feeds[orders[column]?.[repeat]?.[at] ?? 0]];
      if (!own || !place || !from) throw new RangeError(`there is no shuffled sample ${index}`);
      return Promise.resolve({ feeds: withValue(own, place, from), label: labels[at] ?? null, name: '' });
    },
  };
  const { answers: [answers = []] } = await predictSamples(services, [model], all, Array.from({ length: all.length }, (_, index) => index), noPredictions(1), () => undefined, { ...context, progress: ({ done, total }) => context.progress({ stage: 'Explain decisions', done, total }) });
  return {
    metric, undisturbed, samples: n, repeats,
    columns: places.map(({ name }, column) => ({ name, ...importanceOf(Array.from({ length: repeats }, (_, repeat) => { const now = figure(answers.slice((column * repeats + repeat) * n, (column * repeats + repeat + 1) * n)); return metric === 'mae' ? now - undisturbed : undisturbed - now; })) })),
  };
}
