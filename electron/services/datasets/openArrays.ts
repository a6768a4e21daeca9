// The arrays layout: a folder of .npy files, or a .npz: `inputs` or one array per model input, and `labels`; first axis = sample.
import { createHash } from 'node:crypto';
import type { TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import { truthBoxes } from '#core/statistics/taskAnswers';
import { fitTensor } from '#core/preprocess/fitTensor';
import type { ColumnValues, DatasetReader, Sample, SampleFault, SampleIdentity, Task } from './DatasetReader.ts';
import type { NpyArray } from './npyFile.ts';

export interface ArraySource {
  /** Arrays by name without `.npy`. */
  readonly arrays: ReadonlyMap<string, NpyArray>;
  readonly manifest: DatasetReader['manifest'];
  close(): Promise<void>;
}
export interface ArrayOptions {
  readonly inputs: readonly TensorInfo[] | null;
  readonly task: Task | null;
  /** Class names in the order of the model's outputs. */
  readonly classes: readonly string[] | null;
  readonly dataName: string;
}

/** Masks of an anomaly lie beside the labels. */
const maskNames = ['masks', 'mask'];
/** Tasks whose label is an array of its own, not one value. */
const arrayTasks: readonly (Task | null)[] = ['multilabel', 'segmentation', 'detection'];
const labelNames = ['labels', 'label', 'y', 'targets', 'target'];

/** Throws BAD_DATA where arrays are missing for an input, or differ in their number of samples. */
export async function openArrays(source: ArraySource, options: ArrayOptions): Promise<DatasetReader> {
  const { arrays } = source;
  const { dataName } = options;
  const labelArray = labelNames.map((name) => arrays.get(name)).find((array) => array !== undefined);
  const maskArray = options.task === 'anomaly' ? maskNames.map((name) => arrays.get(name)).find((array) => array !== undefined) : undefined;
  const targetArray = arrayTasks.includes(options.task) ? labelArray : maskArray;
  const valueNames = [...arrays.keys()].filter((name) => !labelNames.includes(name) && arrays.get(name) !== maskArray);
  const inputs = chooseArrays(options.inputs, arrays, valueNames, dataName);
  const length = inputs[0]?.array.shape[0] ?? 0;
  for (const { array } of [...inputs, ...(labelArray ? [{ array: labelArray }] : []), ...(maskArray ? [{ array: maskArray }] : [])]) {
    if (array.shape[0] !== length) throw new AppError('BAD_DATA', `${array.name} has ${array.shape[0]} samples, but ${inputs[0]?.array.name} has ${length}.`, { hint: 'The first axis of every array must be the sample.' });
  }
  if (length === 0) throw new AppError('BAD_DATA', `The arrays in ${dataName} hold no sample.`);
  const read = labelArray && targetArray !== labelArray ? await readLabels(labelArray, length, options) : { labels: null, classes: options.classes ?? [], task: options.task ?? 'classification' as const };
  const names = Array.from({ length }, (_, index) => `sample ${index}`);
  const readValues = (index: number) => Promise.all(inputs.map(async ({ array, input }) => {
    const row = await array.row(index);
    const where = `${array.name}, sample ${index}`;
    return [input?.name ?? array.name.replace(/\.npy$/, ''), input ? fitTensor(row, input, where) : { ...row, dims: [1, ...row.dims] }] as const;
  }));
  return {
    layout: 'arrays', task: read.task, length, labels: read.labels, classes: read.classes, names, subgroups: [],
    read: async (index): Promise<Sample> => ({ feeds: Object.fromEntries(await readValues(index)), label: read.labels?.[index] ?? null, name: names[index] ?? `sample ${index}` }),
    readChanged: null,
    manifest: source.manifest,
    identities: async function* (signal, only): AsyncGenerator<SampleIdentity | SampleFault> {
      for (let index = 0; index < length; index++) {
        if (only?.has(index) === false) continue;
        signal?.throwIfAborted();
        const hash = createHash('sha256');
        for (const { array } of inputs) hashValue(hash, await array.row(index));
        yield { index, name: names[index] ?? '', sha256: hash.digest('hex'), perceptualHash: null };
      }
    },
    imagePath: () => null,
    labelKind: kindOf(read.task, labelArray !== undefined, maskArray !== undefined),
    ...(targetArray && options.task !== 'detection' ? { target: (index: number) => targetArray.row(index) } : {}),
    ...(targetArray && options.task === 'detection' ? { boxes: async (index: number) => ({ truths: truthBoxes(await targetArray.row(index)), areaOfPixel: 1 }) } : {}),
    columns: () => summarise(inputs.map(({ array }) => array), length),
    close: () => source.close(),
  };
}

function kindOf(task: Task, labelled: boolean, masked: boolean): DatasetReader['labelKind'] {
  if (!labelled) return null;
  switch (task) {
    case 'multilabel': return 'label set';
    case 'segmentation': return 'mask';
    case 'detection': return 'boxes';
    case 'regression': return 'number';
    case 'anomaly': return masked ? 'class and mask' : 'class';
    default: return 'class';
  }
}

interface ChosenArray { readonly array: NpyArray; readonly input: TensorInfo | null }

function chooseArrays(inputs: readonly TensorInfo[] | null, arrays: ReadonlyMap<string, NpyArray>, valueNames: readonly string[], dataName: string): ChosenArray[] {
  if (!inputs) {
    const chosen = valueNames.flatMap((name) => { const array = arrays.get(name); return array ? [{ array, input: null }] : []; });
    if (chosen.length === 0) throw new AppError('BAD_DATA', `${dataName} has no array of inputs.`, { hint: 'Name the array inputs.npy, or after the model\'s input.' });
    return chosen;
  }
  const chosen: ChosenArray[] = [];
  const missing: string[] = [];
  for (const input of inputs) {
    const plain = input.name.replace(/[\\/:]/g, '_'); // names such as "x:0" cannot be file names everywhere
    const array = arrays.get(input.name) ?? arrays.get(plain) ?? (inputs.length === 1 ? arrays.get('inputs') ?? (valueNames.length === 1 ? arrays.get(valueNames[0] ?? '') : undefined) : undefined);
    if (array) chosen.push({ array, input });
    else missing.push(input.name);
  }
  if (missing.length > 0) {
    throw new AppError('BAD_DATA', `${dataName} has no array for the model's input ${missing.map((name) => `"${name}"`).join(', ')}; it has ${valueNames.join(', ') || 'none'}.`, {
      hint: inputs.length === 1 ? 'Name the array inputs.npy, or after the model\'s input.' : 'Give one .npy file per model input, named after it.',
    });
  }
  return chosen;
}

async function readLabels(array: NpyArray, length: number, options: ArrayOptions): Promise<{ labels: (string | null)[]; classes: readonly string[]; task: Task }> {
  const perSample = array.shape.slice(1).reduce((product, size) => product * size, 1);
  if (perSample !== 1) throw new AppError('BAD_DATA', `${array.name} has ${perSample} values a sample; labels are one value a sample here.`, { hint: 'Give the class number or name of each sample.' });
  const floating = array.type === 'float32' || array.type === 'float64' || array.type === 'float16';
  const values: (string | number)[] = [];
  for (let index = 0; index < length; index++) {
    const { data } = await array.row(index);
    const value = data[0];
    values.push(typeof value === 'string' ? value : Number(value));
  }
  const whole = values.every((value) => typeof value === 'number' && Number.isInteger(value));
  const task = options.task ?? (floating && !whole ? 'regression' : 'classification');
  if (task === 'regression') return { labels: values.map(String), classes: [], task };
  const named = options.classes;
  const labels = values.map((value) => (named && typeof value === 'number' && named[value] !== undefined ? named[value] : String(value)));
  if (named) return { labels, classes: named, task };
  if (!whole) return { labels, classes: [...new Set(labels)].sort(), task };
  const highest = values.reduce<number>((most, value) => Math.max(most, Number(value)), -1);
  const lowest = values.reduce<number>((least, value) => Math.min(least, Number(value)), 0);
  const dense = lowest >= 0 && highest < 100_000;
  return { labels, classes: dense ? Array.from({ length: highest + 1 }, (_, index) => String(index)) : [...new Set(labels)].sort((a, b) => Number(a) - Number(b)), task };
}

function hashValue(hash: ReturnType<typeof createHash>, value: TensorValue): void {
  hash.update(`${value.type}:${value.dims.join(',')};`);
  if (Array.isArray(value.data)) for (const text of value.data as readonly string[]) hash.update(`${Buffer.byteLength(text)}:${text}`);
  else { const { buffer, byteOffset, byteLength } = value.data as Float32Array; hash.update(new Uint8Array(buffer, byteOffset, byteLength)); }
}

/** One row per array: its range over all samples; the values themselves stay on disk. */
async function summarise(arrays: readonly NpyArray[], length: number): Promise<ColumnValues[]> {
  const columns: ColumnValues[] = [];
  for (const array of arrays) {
    if (array.type === 'string') { columns.push({ name: array.name, type: 'text', numbers: null, missing: 0, misfits: [], misfitCount: 0 }); continue; }
    // Minimum and maximum of each sample are enough for the range, constancy and NaN checks.
    const extremes = new Float64Array(length * 2);
    let missing = 0;
    for (let index = 0; index < length; index++) {
      const { data } = await array.row(index);
      let low = Number.POSITIVE_INFINITY, high = Number.NEGATIVE_INFINITY;
      for (const element of data) {
        const number = Number(element);
        if (Number.isNaN(number)) { missing++; continue; }
        if (number < low) low = number;
        if (number > high) high = number;
      }
      extremes[index * 2] = low === Number.POSITIVE_INFINITY ? Number.NaN : low;
      extremes[index * 2 + 1] = high === Number.NEGATIVE_INFINITY ? Number.NaN : high;
    }
    columns.push({ name: array.name, type: array.type, numbers: extremes, missing, misfits: [], misfitCount: 0 });
  }
  return columns;
}
