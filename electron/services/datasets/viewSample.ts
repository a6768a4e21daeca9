// One sample as a person sees it: the picture, or the values of the row; never its name or label, which could give the answer away.
import type { InputView } from '#shared/contract/inputView';
import type { DataRef } from '#shared/contract/references';
import type { TensorValue } from '#shared/tensor';
import { AppError } from '#shared/errors';
import type { RawImage } from '#core/preprocess/resize';
import { floatsOfTensor } from '#core/statistics/floatsOfTensor';
import { decodeImageFile, imageLibrary } from './decodeImage.ts';
import type { Services } from '../Services.ts';
import type { DatasetReader } from './DatasetReader.ts';
import { openDataset } from './openDataset.ts';

const longestSide = 640;
const valuesShown = 200;

/**
 * The sample whose place and name were written down. BAD_DATA where another one is there now, or where it cannot be read.
 * @param when in words: the data set "that was compared"
 */
export async function viewSample(services: Pick<Services, 'store'>, data: DataRef, { index, sample }: { readonly index: number; readonly sample: string }, when: string): Promise<InputView> {
  const reader = await openDataset(services, data, null);
  try {
    if (reader.names[index] !== sample) throw new AppError('BAD_DATA', `The data set is not the one that ${when}: its samples moved.`, { hint: 'Put it back as it was.' });
    return await viewInput(reader, index);
  } finally { await reader.close(); }
}

async function viewInput(reader: DatasetReader, index: number): Promise<InputView> {
  const path = reader.imagePath(index);
  if (path !== null) return toPng((await decodeImageFile(path, `sample ${index}`)).image);
  const row = reader.row?.(index);
  if (row) return { kind: 'row', values: row.slice(0, valuesShown), left: Math.max(0, row.length - valuesShown) };
  const { feeds } = await reader.read(index);
  const [first] = Object.values(feeds);
  if (!first) throw new AppError('BAD_DATA', `Sample ${index} has no input.`);
  return pictureOf(first) ?? valuesOf(feeds);
}

async function toPng({ width, height, channels, data: pixels }: RawImage): Promise<InputView> {
  const { data, info } = await imageLibrary()(pixels, { raw: { width, height, channels } }).resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true }).png().toBuffer({ resolveWithObject: true });
  return { kind: 'image', dataUrl: `data:image/png;base64,${data.toString('base64')}`, width: info.width, height: info.height };
}

/** An array of one or three planes is drawn from its least to its largest value. */
function pictureOf(value: TensorValue): Promise<InputView> | null {
  if (value.type === 'string') return null;
  const dims = value.dims.filter((size, axis) => !(axis === 0 && size === 1 && value.dims.length > 2));
  const shape = dims.length === 2 ? [1, ...dims] : dims;
  const [a = 0, b = 0, c = 0] = shape;
  if (shape.length !== 3) return null;
  const planar = a === 1 || a === 3, packed = !planar && (c === 1 || c === 3);
  const [channels, height, width] = planar ? [a, b, c] : [c, a, b];
  if (!(planar || packed) || height < 8 || width < 8) return null;
  const floats = Float64Array.from(floatsOfTensor(value), Number);
  let low = Number.POSITIVE_INFINITY, high = Number.NEGATIVE_INFINITY;
  for (const each of floats) { if (each < low) low = each; if (each > high) high = each; }
  const scale = high > low ? 255 / (high - low) : 0;
  const bytes = new Uint8Array(height * width * channels);
  for (let pixel = 0; pixel < height * width; pixel++) for (let channel = 0; channel < channels; channel++) {
    const at = planar ? channel * height * width + pixel : pixel * channels + channel;
    bytes[pixel * channels + channel] = Math.round(((floats[at] ?? low) - low) * scale);
  }
  return toPng({ width, height, channels: channels === 1 ? 1 : 3, data: bytes });
}

function valuesOf(feeds: Readonly<Record<string, TensorValue>>): InputView {
  const values = Object.entries(feeds).flatMap(([name, value]) => Array.from({ length: value.data.length }, (_, at) => ({ name: value.data.length === 1 ? name : `${name}[${at}]`, value: String(value.data[at]) })));
  return { kind: 'row', values: values.slice(0, valuesShown), left: Math.max(0, values.length - valuesShown) };
}
