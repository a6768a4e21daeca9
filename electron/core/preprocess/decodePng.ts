// Decodes PNG files to raw 8-bit pixels; decompression is given, so that this stays pure. For places where no image library can be.
import { AppError } from '#shared/errors';
import type { RawImage } from './resize.ts';

export type Inflate = (bytes: Uint8Array, bytesMax: number) => Uint8Array;

/** Samples a pixel, by colour type: gray, colour, palette, gray with alpha, colour with alpha. */
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depthsOf: Readonly<Record<number, readonly number[]>> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };
/** Offsets and steps of the seven passes of interlacing (Adam7). */
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]] as const;

/** Throws BAD_DATA, naming `where`. Alpha is dropped; of 16 bits the upper 8 are kept. As `index` a palette gives its numbers and gray its plain value, as masks mean them. */
export function decodePng(bytes: Uint8Array, where: string, pixelsMax: number, inflate: Inflate, form: 'picture' | 'index' = 'picture'): RawImage {
  const bad = (why: string) => new AppError('BAD_DATA', `${where} cannot be decoded as PNG: ${why}.`, { hint: 'Save the image again.' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 33 || view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a || view.getUint32(12) !== 0x49484452) throw bad('it is not a PNG file');
  const width = view.getUint32(16), height = view.getUint32(20);
  const [depth, colour, compression, filter, interlace] = bytes.subarray(24, 29) as unknown as [number, number, number, number, number]; // 33 bytes are there
  const samples = samplesOf[colour];
  if (samples === undefined || !depthsOf[colour]?.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1) throw bad('its header is damaged');
  if (width < 1 || height < 1 || width * height > pixelsMax) throw bad(`its size is ${width} x ${height} pixels`);
  if (form === 'index' && depth === 16) throw bad('a mask has at most 8 bits a value');
  const parts: Uint8Array[] = [];
  let palette: Uint8Array | null = null;
  let ended = false;
  for (let at = 8; !ended;) {
    if (at + 12 > bytes.length) throw bad('it is cut');
    const length = view.getUint32(at), kind = view.getUint32(at + 4);
    if (at + 12 + length > bytes.length) throw bad('it is cut');
    const body = bytes.subarray(at + 8, at + 8 + length);
    if (kind === 0x49444154) parts.push(body);
    else if (kind === 0x504c5445) palette = body;
    else if (kind === 0x49454e44) ended = true;
    at += 12 + length;
  }
  if (colour === 3 && !palette) throw bad('its palette is missing');
  const bitsPerPixel = samples * depth;
  const areas = (interlace === 1 ? passes : [[0, 0, 1, 1] as const]).map(([left, top, stepX, stepY]) => ({ left, top, stepX, stepY, wide: Math.max(0, Math.ceil((width - left) / stepX)), high: Math.max(0, Math.ceil((height - top) / stepY)) })).filter(({ wide, high }) => wide > 0 && high > 0);
  const rowBytes = (wide: number) => Math.ceil((wide * bitsPerPixel) / 8);
  const wanted = areas.reduce((sum, { wide, high }) => sum + (rowBytes(wide) + 1) * high, 0);
  const packed = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => { packed.set(part, at); return at + part.length; }, 0);
  let raw: Uint8Array;
  try {
    raw = inflate(packed, wanted);
  } catch (error) {
    throw new AppError('BAD_DATA', `${where} cannot be decoded as PNG: its data is damaged.`, { cause: error, hint: 'Save the image again.' });
  }
  if (raw.length < wanted) throw bad('it is cut');

  const isPalette = colour === 3 && form === 'picture';
  const channels = isPalette || colour === 2 || colour === 6 ? 3 : 1;
  const data = new Uint8Array(width * height * channels);
  const back = Math.max(1, bitsPerPixel >> 3);
  const scale = form === 'index' ? 1 : 255 / ((1 << Math.min(depth, 8)) - 1);
  let at = 0;
  for (const { left, top, stepX, stepY, wide, high } of areas) {
    const length = rowBytes(wide);
    let before = new Uint8Array(length);
    for (let y = 0; y < high; y++) {
      const kind = raw[at]!;
      const row = raw.subarray(at + 1, at + 1 + length);
      at += 1 + length;
      unfilter(kind, row, before, back, bad);
      before = row as Uint8Array<ArrayBuffer>; // of the same buffer kind
      for (let x = 0; x < wide; x++) {
        const to = ((top + y * stepY) * width + left + x * stepX) * channels;
        if (depth >= 8) {
          const from = (x * bitsPerPixel) >> 3, step = depth >> 3;
          if (isPalette) for (let channel = 0; channel < 3; channel++) data[to + channel] = palette![row[from]! * 3 + channel] ?? 0;
          else for (let channel = 0; channel < channels; channel++) data[to + channel] = row[from + channel * step]!;
        } else {
          const bit = x * depth;
          const value = (row[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
          if (isPalette) for (let channel = 0; channel < 3; channel++) data[to + channel] = palette![value * 3 + channel] ?? 0;
          else data[to] = value * scale;
        }
      }
    }
  }
  return { width, height, channels, data };
}

/** In place; filters are bytewise (PNG specification, chapter 9). */
function unfilter(kind: number, row: Uint8Array, before: Uint8Array, back: number, bad: (why: string) => Error): void {
  const { length } = row;
  switch (kind) {
    case 0: return;
    case 1: for (let x = back; x < length; x++) row[x]! += row[x - back]!; return;
    case 2: for (let x = 0; x < length; x++) row[x]! += before[x]!; return;
    case 3: for (let x = 0; x < length; x++) row[x]! += ((x >= back ? row[x - back]! : 0) + before[x]!) >> 1; return;
    case 4:
      for (let x = 0; x < length; x++) {
        const a = x >= back ? row[x - back]! : 0, b = before[x]!, c = x >= back ? before[x - back]! : 0;
        const p = a + b - c, pa = Math.abs(p - a), pb = Math.abs(p - b), pc = Math.abs(p - c);
        row[x]! += pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      }
      return;
    default: throw bad('its data is damaged');
  }
}
