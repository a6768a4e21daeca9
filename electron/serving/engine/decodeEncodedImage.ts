// Decodes an image file of a request; the image library is used where it is there, as in the console, and need not be in the container.
import { AppError } from '#shared/errors';
import { decodeBmp } from '#core/preprocess/decodeBmp';
import type { RawImage } from '#core/preprocess/resize';

/** What an attacker may ask to be decoded: enough for any camera, and not enough to fill the memory. */
const pixelsMax = 64 * 1024 * 1024;

type Sharp = typeof import('sharp').default;
let loading: Promise<Sharp | null> | null = null;
const loadSharp = (): Promise<Sharp | null> => (loading ??= import('sharp').then((module) => {
  const sharp = module.default;
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}, () => null));

const startsWith = (bytes: Uint8Array, ...start: readonly number[]) => start.every((byte, index) => bytes[index] === byte);

/** @throws BAD_INPUT, naming `what`. Pixels are as stored; alpha and colour profiles are dropped, as in validation. */
export async function decodeEncodedImage(bytes: Uint8Array, what: string): Promise<RawImage> {
  if (startsWith(bytes, 0x42, 0x4d)) return decodeBmp(bytes, what);
  const known = startsWith(bytes, 0x89, 0x50, 0x4e, 0x47) || startsWith(bytes, 0xff, 0xd8, 0xff) || startsWith(bytes, 0x49, 0x49, 0x2a, 0) || startsWith(bytes, 0x4d, 0x4d, 0, 0x2a);
  if (!known) throw new AppError('BAD_INPUT', `${what} is not a PNG, JPEG, BMP or TIFF file.`);
  const sharp = await loadSharp();
  if (!sharp) throw new AppError('MODEL_UNSUPPORTED', `${what} cannot be decoded here: this installation has no image library.`, { hint: 'Send the prepared tensor, or a BMP file.' });
  try {
    const { data, info } = await sharp(bytes, { failOn: 'error', limitInputPixels: pixelsMax, ignoreIcc: true, pages: 1 }).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (info.channels !== 1 && info.channels !== 3) throw new Error(`it has ${info.channels} channels`);
    return { width: info.width, height: info.height, channels: info.channels, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  } catch (error) {
    throw new AppError('BAD_INPUT', `${what} cannot be decoded; it is damaged or too large.`, { cause: error });
  }
}
