// From decoded pixels to a model's input: the one pipeline shared by calibration, validation, batch and serving.
import type { TensorInfo } from '#shared/contract/references';
import { AppError } from '#shared/errors';
import type { TensorValue } from '#shared/tensor';
import type { PreprocessSpec } from '../datasets/datasetYaml.ts';
import { elementTypeOf, encodeFloat16 } from './fitTensor.ts';
import { imageGeometry, placePixels, type ResizeRule } from './imageGeometry.ts';
import { resizeImage, type RawImage, type ResizeFilter } from './resize.ts';

/** A specification with nothing left open; made once for a model and a data set. */
export interface ResolvedPreprocess {
  readonly resize: ResizeRule | null;
  readonly crop: { readonly width: number; readonly height: number } | null;
  readonly filter: ResizeFilter;
  readonly layout: 'NCHW' | 'NHWC';
  readonly color: 'rgb' | 'bgr' | 'gray';
  readonly type: 'float32' | 'float16' | 'uint8';
  readonly scale: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** False for inputs without batch axis. */
  readonly batch: boolean;
  /** plane: no channel axis; flat: one axis of all values. */
  readonly form: 'image' | 'plane' | 'flat';
}

const pair = (size: number | readonly [number, number]) => (typeof size === 'number' ? { width: size, height: size } : { width: size[0], height: size[1] });
const fixed = (size: number | string | null | undefined): number | null => (typeof size === 'number' && size > 0 ? size : null);

/**
 * Fills what the specification leaves open from the model's input: size, layout, channels and type. Without a scale, floating inputs get
 * 1/255, or 1 where mean or std are themselves in 0 to 255. Throws BAD_DATA where the specification contradicts the input.
 */
export function resolvePreprocess(spec: PreprocessSpec | null, input: TensorInfo | null): ResolvedPreprocess {
  const shape = input?.shape ?? [];
  if (input && (shape.length < 2 || shape.length > 4)) throw misfit(input, `takes ${shape.length} axes`);
  const type = input ? elementTypeOf(input.type) : 'float32';
  if (type !== 'float32' && type !== 'float16' && type !== 'uint8') throw misfit(input, `takes ${type}`);
  const sides = shape.map(fixed);
  // [C, H, W] and [H, W, C] have no batch axis; [N, H, W] and [H, W] are gray images; [N, F] takes all values in one row.
  const batch = shape.length === 0 || shape.length === 4 || (shape.length === 3 ? !isChannelCount(shape[0]) && !isChannelCount(shape[2]) : sides[0] === null || sides[0] === 1);
  const image = batch ? shape.slice(1) : shape;
  const form = input === null || image.length === 3 ? 'image' : image.length === 2 ? 'plane' : 'flat';
  const isChannelsLast = image.length === 3 && isChannelCount(image[2]) && !isChannelCount(image[0]);
  const layout = spec?.layout ?? (isChannelsLast ? 'NHWC' : 'NCHW');
  const [channelSize, heightSize, widthSize] = image.length === 3 ? (layout === 'NCHW' ? [image[0], image[1], image[2]] : [image[2], image[0], image[1]]) : form === 'plane' ? [1, image[0], image[1]] : [null, null, null];
  const channels = fixed(channelSize);
  const color = spec?.color ?? (channels === 1 || form !== 'image' ? 'gray' : 'rgb');
  const wanted = color === 'gray' ? 1 : 3;
  if (channels !== null && channels !== wanted) throw misfit(input, `takes ${channels} channel${channels === 1 ? '' : 's'}, but the images are prepared as ${color} with ${wanted}`);
  const height = fixed(heightSize), width = fixed(widthSize);
  const crop = spec?.crop === undefined ? null : pair(spec.crop);
  const given = spec?.resize === undefined ? null : ruleOf(spec.resize);
  if (given && 'letterbox' in given && crop) throw new AppError('BAD_DATA', 'preprocess has both resize.letterbox and crop, but a letterbox already has the size of the input.', { hint: 'Remove crop.' });
  const resize = given ?? (height !== null && width !== null && !crop ? { width, height } : null);
  const final = crop ?? (resize && 'letterbox' in resize ? resize.letterbox : resize && 'width' in resize ? resize : null);
  if (final && ((width !== null && final.width !== width) || (height !== null && final.height !== height))) {
    throw misfit(input, `takes images of ${width ?? '?'} x ${height ?? '?'} pixels, but they are prepared as ${final.width} x ${final.height}`);
  }
  const list = (values: number | readonly number[] | undefined, fallback: number, name: string) => {
    const all = values === undefined ? [fallback] : typeof values === 'number' ? [values] : values;
    if (all.length !== 1 && all.length !== wanted) throw new AppError('BAD_DATA', `preprocess.${name} has ${all.length} values, but the images have ${wanted} channel${wanted === 1 ? '' : 's'}.`);
    return all.length === 1 ? new Array<number>(wanted).fill(all[0] ?? fallback) : [...all];
  };
  const mean = list(spec?.mean, 0, 'mean'), std = list(spec?.std, 1, 'std');
  if (std.some((value) => value === 0)) throw new AppError('BAD_DATA', 'preprocess.std has a 0, by which values cannot be divided.');
  const inPixels = [...mean, ...std].some((value) => Math.abs(value) > 2);
  if (type === 'uint8' && (spec?.scale !== undefined && spec.scale !== 1 || spec?.mean !== undefined || spec?.std !== undefined)) throw misfit(input, 'takes whole pixel values, so that scale, mean and std cannot apply');
  return { resize, crop, filter: spec?.filter ?? 'bilinear', layout, color, type, scale: type === 'uint8' ? 1 : spec?.scale ?? (inPixels ? 1 : 1 / 255), mean, std, batch, form };
}

const ruleOf = (resize: NonNullable<PreprocessSpec['resize']>): ResizeRule =>
  (typeof resize !== 'object' || !('letterbox' in resize || 'shorter' in resize) ? pair(resize) : 'shorter' in resize ? resize : { letterbox: pair(resize.letterbox), fill: resize.fill });
const isChannelCount = (size: number | string | null | undefined): boolean => size === 1 || size === 3;
const misfit = (input: TensorInfo | null, why: string) => new AppError('BAD_DATA', `The model's input "${input?.name ?? 'input'}" ${why}.`, { hint: 'Set preprocess (resize, crop, color, layout) in dataset.yaml to what the model was trained with.' });

/**
 * Color, resize, centre crop or letterbox, scale, mean and std, layout; in this order. Pixel values go through one table per channel, computed in
 * double precision and rounded once, so that the result does not depend on the machine.
 */
export function preprocessImage(source: RawImage, spec: ResolvedPreprocess): TensorValue {
  const channels = spec.color === 'gray' ? 1 : 3;
  let image = toChannels(source, channels);
  const geometry = imageGeometry(source, spec);
  image = resizeImage(image, geometry.resized.width, geometry.resized.height, spec.filter);
  const { canvas: { width, height }, resized, left, top } = geometry;
  const data = left === 0 && top === 0 && resized.width === width && resized.height === height ? image.data : placePixels(image.data, channels, geometry);
  const pixels = width * height;
  const out = spec.type === 'uint8' ? new Uint8Array(pixels * channels) : new Float32Array(pixels * channels);
  for (let channel = 0; channel < channels; channel++) {
    const sourceChannel = spec.color === 'bgr' ? 2 - channel : channel;
    // mean and std are given in the order of the model's channels
    const table = Float64Array.from({ length: 256 }, (_, value) => (value * spec.scale - (spec.mean[channel] ?? 0)) / (spec.std[channel] ?? 1));
    for (let pixel = 0; pixel < pixels; pixel++) {
      out[spec.layout === 'NCHW' ? channel * pixels + pixel : pixel * channels + channel] = table[data[pixel * channels + sourceChannel] ?? 0] ?? 0;
    }
  }
  const imageDims = spec.layout === 'NCHW' ? [channels, height, width] : [height, width, channels];
  const dims = spec.form === 'image' ? imageDims : spec.form === 'plane' ? [height, width] : [pixels * channels];
  const shaped = spec.batch ? [1, ...dims] : dims;
  if (out instanceof Uint8Array) return { type: 'uint8', dims: shaped, data: out };
  return spec.type === 'float16' ? { type: 'float16', dims: shaped, data: encodeFloat16(out) } : { type: 'float32', dims: shaped, data: out };
}

/** Gray as Pillow's convert('L'): ITU-R 601 weights in 16-bit fixed point. */
export function toChannels(image: RawImage, channels: 1 | 3): RawImage {
  if (image.channels === channels) return image;
  const pixels = image.width * image.height;
  const data = new Uint8Array(pixels * channels);
  for (let pixel = 0; pixel < pixels; pixel++) {
    if (channels === 3) data.fill(image.data[pixel] ?? 0, pixel * 3, pixel * 3 + 3);
    else data[pixel] = ((image.data[pixel * 3] ?? 0) * 19595 + (image.data[pixel * 3 + 1] ?? 0) * 38470 + (image.data[pixel * 3 + 2] ?? 0) * 7471 + 0x8000) >> 16;
  }
  return { width: image.width, height: image.height, channels, data };
}
