// Decodes an image file to raw 8-bit pixels; the only place that calls the image library for data.
import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { AppError } from '#shared/errors';
import { decodeBmp } from '#core/preprocess/decodeBmp';
import type { RawImage } from '#core/preprocess/resize';

export const imageExtensions = ['.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff'] as const;
const largestFileBytes = 512 * 1024 * 1024;
const largestPixels = 268_402_689;

/** The library, loaded by its first use. One image at a time and no cache: memory stays bounded over any number of images. */
let library: typeof sharp | null = null;
export function imageLibrary(): typeof sharp {
  if (!library) {
    library = sharp;
    library.cache(false);
    library.concurrency(1);
  }
  return library;
}

export interface DecodedImage {
  readonly image: RawImage;
  /** SHA-256 is taken of these. */
  readonly bytes: Uint8Array;
  /** EXIF orientation other than 1 was present; pixels are as stored, as training code that does not rotate sees them. */
  readonly rotated: boolean;
}

/** Reads and decodes; throws BAD_DATA naming `name`. Colour profiles are ignored and alpha is dropped, as Pillow's convert does. */
export async function decodeImageFile(path: string, name: string): Promise<DecodedImage> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size === 0) throw new AppError('BAD_DATA', `${name} is empty.`, { hint: 'Copy the image again, or remove it.' });
    if (size > largestFileBytes) throw new AppError('BAD_DATA', `${name} is larger than an image can be here (512 MB).`);
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('BAD_DATA', `${name} cannot be read.`, { cause: error, hint: 'Check the permissions of the file.' });
  }
  return { ...(await decodeImage(bytes, name)), bytes };
}

export async function decodeImage(bytes: Uint8Array, name: string): Promise<{ image: RawImage; rotated: boolean }> {
  if (bytes[0] === 0x42 && bytes[1] === 0x4d) return { image: decodeBmp(bytes, name), rotated: false };
  try {
    const source = imageLibrary()(bytes, { failOn: 'error', limitInputPixels: largestPixels, ignoreIcc: true, pages: 1 });
    const { orientation, format } = await source.metadata();
    if (format !== 'png' && format !== 'jpeg' && format !== 'tiff') throw new Error(`the format is ${format}`);
    const { data, info } = await source.removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const channels = info.channels === 1 ? 1 : 3;
    if (info.channels !== channels) throw new Error(`it has ${info.channels} channels`);
    return { image: { width: info.width, height: info.height, channels, data: new Uint8Array(data.buffer, data.byteOffset, data.length) }, rotated: (orientation ?? 1) !== 1 };
  } catch (error) {
    throw new AppError('BAD_DATA', `${name} cannot be decoded as a PNG, JPEG, BMP or TIFF image.`, { cause: error, hint: 'Open it in an image viewer; if it is damaged, save it again or remove it.' });
  }
}

/** Pixels as stored, from the header alone where there is one that the library reads. @throws BAD_DATA naming `name` */
export async function imageSize(path: string, name: string): Promise<{ width: number; height: number }> {
  if (/\.bmp$/i.test(path)) { const { image } = await decodeImageFile(path, name); return { width: image.width, height: image.height }; }
  try {
    const { width, height } = await imageLibrary()(path, { limitInputPixels: largestPixels }).metadata();
    return { width, height };
  } catch (error) {
    throw new AppError('BAD_DATA', `${name} cannot be decoded as a PNG, JPEG, BMP or TIFF image.`, { cause: error, hint: 'Open it in an image viewer; if it is damaged, save it again or remove it.' });
  }
}

/**
 * A PNG data URL of at most 96 pixels a side, for the page; null where the file cannot be decoded.
 * @param mark draws the labels into the small picture; the scale is from pixels of the file
 */
export async function makeThumbnail(path: string, name: string, mark: (small: RawImage, scale: readonly [number, number]) => Promise<RawImage> = (small) => Promise.resolve(small)): Promise<string | null> {
  try {
    const { image } = await decodeImageFile(path, name);
    const side = 96;
    const upscale = Math.max(image.width, image.height) <= side / 2;
    const { data, info } = await imageLibrary()(image.data, { raw: { width: image.width, height: image.height, channels: image.channels } })
      .resize(side, side, { fit: 'inside', kernel: upscale ? 'nearest' : 'lanczos3' }).raw().toBuffer({ resolveWithObject: true });
    const small = await mark({ width: info.width, height: info.height, channels: info.channels === 1 ? 1 : 3, data }, [info.width / image.width, info.height / image.height]);
    const png = await imageLibrary()(small.data, { raw: { width: small.width, height: small.height, channels: small.channels } }).png({ compressionLevel: 9 }).toBuffer();
    return `data:image/png;base64,${png.toString('base64')}`;
  } catch { return null; }
}
