// Decodes Windows bitmaps (BMP), which the image library does not read: 1, 4, 8, 16, 24 and 32 bits, uncompressed and with bit masks.
import { AppError } from '#shared/errors';
import type { RawImage } from './resize.ts';

const largestPixels = 268_402_689; // the limit of the image library for other formats

/** Throws BAD_DATA, naming `where`, for damaged files and for run-length compression. Alpha is dropped. */
export function decodeBmp(bytes: Uint8Array, where: string): RawImage {
  const bad = (why: string) => new AppError('BAD_DATA', `${where} cannot be decoded: ${why}.`, { hint: 'Save the image again, as PNG if possible.' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 26 || bytes[0] !== 0x42 || bytes[1] !== 0x4d) throw bad('it is not a BMP file');
  const pixelsAt = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const old = headerBytes === 12;
  if (!old && (headerBytes < 40 || 14 + headerBytes > bytes.length)) throw bad('its header is damaged');
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true);
  const bits = view.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : view.getUint32(30, true);
  const height = Math.abs(signedHeight);
  if (width < 1 || height < 1 || width * height > largestPixels) throw bad(`its size is ${width} x ${height} pixels`);
  if (compression === 1 || compression === 2) throw bad('it is run-length compressed');
  if (compression !== 0 && compression !== 3 && compression !== 6) throw bad(`it uses the compression ${compression}`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw bad(`it has ${bits} bits a pixel`);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (pixelsAt + stride * height > bytes.length) throw bad('it is cut');
  const rowAt = (y: number) => pixelsAt + (signedHeight < 0 ? y : height - 1 - y) * stride;
  if (bits <= 8) {
    const entryBytes = old ? 3 : 4;
    const paletteAt = 14 + headerBytes + (headerBytes === 40 && compression === 3 ? 12 : 0);
    const declared = old ? 0 : view.getUint32(46, true);
    const colors = Math.min(declared || 1 << bits, 1 << bits, Math.floor((pixelsAt - paletteAt) / entryBytes));
    const color = (index: number, part: number) => (index < colors ? bytes[paletteAt + index * entryBytes + 2 - part] ?? 0 : 0);
    const gray = Array.from({ length: colors }, (_, index) => color(index, 0) === color(index, 1) && color(index, 1) === color(index, 2)).every(Boolean);
    const channels = gray ? 1 : 3;
    const data = new Uint8Array(width * height * channels);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
      const bit = x * bits;
      const index = ((bytes[rowAt(y) + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
      for (let part = 0; part < channels; part++) data[(y * width + x) * channels + part] = color(index, part);
    }
    return { width, height, channels, data };
  }
  const data = new Uint8Array(width * height * 3);
  const masks = compression === 0 ? (bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]) : [54, 58, 62].map((at) => (at + 4 <= bytes.length ? view.getUint32(at, true) : 0));
  const scales = masks.map((mask) => { if (mask === 0) return { shift: 0, top: 1 }; const shift = 31 - Math.clz32(mask & -mask); return { shift, top: mask >>> shift }; });
  const pixelBytes = bits / 8;
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    const at = rowAt(y) + x * pixelBytes;
    const word = bits === 16 ? view.getUint16(at, true) : bits === 32 ? view.getUint32(at, true) : (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    for (let part = 0; part < 3; part++) {
      const { shift, top } = scales[part] ?? { shift: 0, top: 1 };
      data[(y * width + x) * 3 + part] = Math.round(((((word & (masks[part] ?? 0)) >>> 0) >>> shift) * 255) / top);
    }
  }
  return { width, height, channels: 3, data };
}
