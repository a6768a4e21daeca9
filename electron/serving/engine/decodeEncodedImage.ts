// Decodes an image file of a request by our own decoders: the container holds no image library.
import { inflateSync } from 'node:zlib';
import { AppError } from '#shared/errors';
import { decodeBmp } from '#core/preprocess/decodeBmp';
import { decodePng } from '#core/preprocess/decodePng';
import { decodeJpeg } from '#core/preprocess/jpeg/decodeJpeg';
import type { RawImage } from '#core/preprocess/resize';

/** What a caller may ask to be decoded: enough for any camera, and not enough to fill the memory. */
const pixelsMax = 64 * 1024 * 1024;

const inflate = (bytes: Uint8Array, bytesMax: number) => inflateSync(bytes, { maxOutputLength: bytesMax + 1 });
const startsWith = (bytes: Uint8Array, ...start: readonly number[]) => start.every((byte, index) => bytes[index] === byte);

/** @throws BAD_INPUT or BAD_DATA, naming `what`. Pixels are as stored; alpha and colour profiles are dropped, as in validation. */
export function decodeEncodedImage(bytes: Uint8Array, what: string): RawImage {
  if (startsWith(bytes, 0x42, 0x4d)) return decodeBmp(bytes, what);
  if (startsWith(bytes, 0x89, 0x50, 0x4e, 0x47)) return decodePng(bytes, what, pixelsMax, inflate);
  if (startsWith(bytes, 0xff, 0xd8, 0xff)) return decodeJpeg(bytes, what, pixelsMax);
  throw new AppError('BAD_INPUT', `${what} is not a PNG, JPEG or BMP file.`);
}
