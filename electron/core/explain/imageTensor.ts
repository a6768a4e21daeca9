// Where the axes of a picture lie in a tensor of a model's input, and the picture as people see it.
import type { TensorValue } from '#shared/tensor';

type Numbers = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Int32Array | Uint32Array;

/** One picture in a tensor: steps between neighbours of each axis, in elements. */
export interface PictureAxes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly rowStep: number;
  readonly columnStep: number;
  readonly channelStep: number;
}

const isChannels = (size: number | undefined): size is number => size === 1 || size === 3 || size === 4;

/**
 * The axes of one picture: [1, C, H, W], [1, H, W, C], [1, H, W] or the same without the first axis; C is 1, 3 or 4. Where both ends could be channels,
 * the first is taken (NCHW, as ONNX models have it). Null for what is no picture, or too small to be covered in parts.
 */
export function pictureAxes(dims: readonly number[]): PictureAxes | null {
  const [a, b, c] = dims.length === 4 && dims[0] === 1 ? dims.slice(1) : dims.length === 3 ? dims : [];
  const found = a === undefined || b === undefined || c === undefined ? null
    : isChannels(a) ? { height: b, width: c, channels: a, rowStep: c, columnStep: 1, channelStep: b * c }
      : isChannels(c) ? { height: a, width: b, channels: c, rowStep: b * c, columnStep: c, channelStep: 1 } : null;
  return found && found.height >= 4 && found.width >= 4 ? found : null;
}

/** The numbers of a tensor that can be averaged and written back; null for text, 16-bit patterns, packed and 64-bit integers. */
export function writableNumbers({ type, data }: TensorValue): Numbers | null {
  if (Array.isArray(data) || data instanceof BigInt64Array || data instanceof BigUint64Array || type === 'float16' || type === 'bfloat16' || type === 'bool' || type === 'int4' || type === 'uint4') return null;
  return data as Numbers; // what is left of the union, which Array.isArray does not narrow for readonly arrays
}

/** 8-bit gray, row by row: the mean of the channels, spread so that the darkest is 0 and the brightest 255. Values that are no number are black. */
export function grayPicture(data: ArrayLike<number>, { height, width, channels, rowStep, columnStep, channelStep }: PictureAxes): Uint8Array<ArrayBuffer> {
  const means = new Float64Array(height * width);
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < means.length; at++) {
    const from = Math.floor(at / width) * rowStep + (at % width) * columnStep;
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += data[from + channel * channelStep] ?? 0;
    means[at] = sum / channels;
    if (sum / channels < low) low = sum / channels;
    if (sum / channels > high) high = sum / channels;
  }
  const scale = high > low ? 255 / (high - low) : 0;
  return Uint8Array.from(means, (mean) => Math.round((mean - low) * scale) || 0);
}
