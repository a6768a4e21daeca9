// Our own decoders of PNG and JPEG against the image library that the console uses: the same pixels, so that a model sees in the container what it was validated with.
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isAppError } from '#shared/errors';
import { decodePng } from './decodePng.ts';
import { decodeJpeg } from './jpeg/decodeJpeg.ts';

const pixelsMax = 1e7;
const inflate = (bytes: Uint8Array, bytesMax: number) => inflateSync(bytes, { maxOutputLength: bytesMax + 1 });

/** Edges, slopes and noise, the same each time. */
function picture(width: number, height: number, channels: number): Buffer {
  let state = width * 7919 + height;
  const noise = () => { state = (state * 1_103_515_245 + 12_345) % 2_147_483_648; return state / 2_147_483_648; };
  return Buffer.from(Array.from({ length: width * height * channels }, (_, index) => {
    const channel = index % channels, x = Math.floor(index / channels) % width, y = Math.floor(index / channels / width);
    return (x * 5 + y * 3 * channel + ((x >> 3) + (y >> 3)) % 2 * 90 + noise() * 60) % 256;
  }));
}
const from = (width: number, height: number, channels: 1 | 2 | 3 | 4) => sharp(picture(width, height, channels), { raw: { width, height, channels } });
async function reference(bytes: Buffer, channels: number) {
  const { data, info } = await sharp(bytes, { ignoreIcc: true }).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const step = info.channels / channels; // the library may widen gray to three equal channels
  return { width: info.width, height: info.height, channels, data: Uint8Array.from({ length: data.length / step }, (_, index) => data[index * step]!) };
}
const refusal = (work: () => unknown) => { try { work(); return 'accepted'; } catch (error) { return isAppError(error) ? error.code : `threw ${String(error)}`; } };

describe('JPEG', () => {
  const sizes = [[1, 1], [3, 2], [8, 8], [17, 9], [33, 50], [64, 48], [101, 67]] as const;
  it.each([['4:4:4', false, 92], ['4:2:0', false, 75], ['4:2:0', true, 90], ['4:4:4', true, 40], ['4:2:0', false, 100]] as const)('gives the same pixels: sampling %s, progressive %s, quality %s', async (chromaSubsampling, progressive, quality) => {
    for (const [width, height] of sizes) {
      const bytes = await from(width, height, 3).jpeg({ chromaSubsampling, progressive, quality }).toBuffer();
      expect([width, height, decodeJpeg(bytes, 'x', pixelsMax)]).toEqual([width, height, await reference(bytes, 3)]);
    }
  });
  it('gives the same pixels for gray', async () => {
    for (const progressive of [false, true]) {
      const bytes = await from(45, 31, 1).toColourspace('b-w').jpeg({ progressive }).toBuffer();
      expect(decodeJpeg(bytes, 'x', pixelsMax)).toEqual(await reference(bytes, 1));
    }
  });
  it('refuses damaged files with one sentence, whatever is damaged', async () => {
    for (const progressive of [false, true]) {
      const bytes = await from(40, 40, 3).jpeg({ progressive }).toBuffer();
      for (let length = 0; length < bytes.length - 2; length += 7) expect(refusal(() => decodeJpeg(bytes.subarray(0, length), 'x', pixelsMax))).toBe('BAD_DATA');
      for (let at = 0; at < bytes.length; at += 3) {
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at]! + 101) % 256;
        expect(refusal(() => decodeJpeg(damaged, 'x', pixelsMax))).toMatch(/^(accepted|BAD_DATA)$/);
      }
    }
    expect(refusal(() => decodeJpeg(Buffer.from('ffd8ffc0001108fffffffe03011100021100031100ffd9', 'hex'), 'x', pixelsMax))).toBe('BAD_DATA');
  });
});

describe('PNG', () => {
  it.each([['colour', 3, {}], ['colour with alpha', 4, {}], ['gray', 1, {}], ['interlaced', 3, { progressive: true }], ['a palette', 3, { palette: true, colours: 16 }], ['a palette of two', 3, { palette: true, colours: 2 }], ['filters', 3, { adaptiveFiltering: true, compressionLevel: 9 }]] as const)('gives the same pixels: %s', async (_what, channels, options) => {
    for (const [width, height] of [[1, 1], [3, 2], [17, 9], [64, 33]] as const) {
      const source = from(width, height, channels);
      const bytes = await (channels === 1 ? source.toColourspace('b-w') : source).png(options).toBuffer();
      const decoded = decodePng(bytes, 'x', pixelsMax, inflate);
      expect([width, height, decoded]).toEqual([width, height, await reference(bytes, decoded.channels)]);
    }
  });
  it('takes the upper half of 16 bits', async () => {
    const bytes = await from(20, 10, 3).toColourspace('rgb16').png().toBuffer();
    expect(bytes[24]).toBe(16);
    expect(decodePng(bytes, 'x', pixelsMax, inflate)).toEqual(await reference(bytes, 3));
  });
  it('refuses damaged files and too large ones with one sentence', async () => {
    const bytes = await from(40, 40, 3).png().toBuffer();
    for (let length = 0; length < bytes.length; length += 11) expect(refusal(() => decodePng(bytes.subarray(0, length), 'x', pixelsMax, inflate))).toBe('BAD_DATA');
    for (let at = 0; at < bytes.length; at += 5) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at]! + 101) % 256;
      expect(refusal(() => decodePng(damaged, 'x', pixelsMax, inflate))).toMatch(/^(accepted|BAD_DATA)$/);
    }
    expect(refusal(() => decodePng(bytes, 'x', 100, inflate))).toBe('BAD_DATA');
  });
});
