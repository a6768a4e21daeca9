// Decodes JPEG files, baseline and progressive, to the same pixels as the reference library: for places where no image library can be.
import { AppError } from '#shared/errors';
import type { RawImage } from '../resize.ts';
import { decodeScan } from './decodeScan.ts';
import { inverseDct, zigzag } from './inverseDct.ts';
import { buildHuffman, type HuffmanTable, type JpegComponent, type JpegFrame } from './JpegFrame.ts';
import { upsample, type Plane } from './upsample.ts';

const fix = (value: number) => Math.floor(value * 65_536 + 0.5);
const redOfCr = fix(1.402), blueOfCb = fix(1.772), greenOfCr = -fix(0.71414), greenOfCb = -fix(0.34414);
const clamp = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : value);
const scansMax = 1000;

/** Throws BAD_DATA, naming `where`. Colour profiles and orientation are not heeded. */
export function decodeJpeg(bytes: Uint8Array, where: string, pixelsMax: number): RawImage {
  const bad = (why: string) => new AppError('BAD_DATA', `${where} cannot be decoded as JPEG: ${why}.`, { hint: 'Save the image again, as baseline JPEG or PNG.' });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const quantization: Uint16Array[] = [];
  const dcTables: HuffmanTable[] = [], acTables: HuffmanTable[] = [];
  let frame: JpegFrame | null = null;
  let restartInterval = 0, scans = 0, adobeTransform = -1, hasJfif = false;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw bad('it is not a JPEG file');

  function readFrame(at: number, end: number, progressive: boolean): JpegFrame {
    if (end - at < 6) throw bad('its header is damaged');
    const height = view.getUint16(at + 1), width = view.getUint16(at + 3), count = bytes[at + 5]!;
    if (bytes[at] !== 8) throw bad(`it has ${bytes[at]} bits a sample`);
    if (count !== 1 && count !== 3) throw bad(`it has ${count} colour components`);
    if (width < 1 || height < 1 || width * height > pixelsMax || at + 6 + count * 3 > end) throw bad(`its size is ${width} x ${height} pixels`);
    const heads = Array.from({ length: count }, (_, index) => { const head = at + 6 + index * 3; return { id: bytes[head]!, horizontal: bytes[head + 1]! >> 4, vertical: bytes[head + 1]! & 15, quantizationId: bytes[head + 2]! }; });
    if (heads.some(({ horizontal, vertical }) => horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4)) throw bad('its header is damaged');
    const maxHorizontal = Math.max(...heads.map(({ horizontal }) => horizontal)), maxVertical = Math.max(...heads.map(({ vertical }) => vertical));
    const unitsWide = Math.ceil(width / (8 * maxHorizontal)), unitsHigh = Math.ceil(height / (8 * maxVertical));
    const components = heads.map((head): JpegComponent => {
      const storedWide = unitsWide * head.horizontal, storedHigh = unitsHigh * head.vertical;
      return { ...head, storedWide, storedHigh, blocksWide: Math.ceil(Math.ceil((width * head.horizontal) / maxHorizontal) / 8), blocksHigh: Math.ceil(Math.ceil((height * head.vertical) / maxVertical) / 8), coefficients: new Int16Array(storedWide * storedHigh * 64), dcPredictor: 0 };
    });
    return { width, height, progressive, maxHorizontal, maxVertical, unitsWide, unitsHigh, components };
  }

  function readTables(at: number, end: number, marker: number): void {
    while (at < end) {
      const head = bytes[at++]!;
      const id = head & 15;
      if (id > 3) throw bad('its tables are damaged');
      if (marker === 0xdb) {
        const wide = head >> 4 !== 0;
        if (at + (wide ? 128 : 64) > end) throw bad('its tables are damaged');
        const table = new Uint16Array(64);
        for (let index = 0; index < 64; index++) table[zigzag[index]!] = wide ? view.getUint16(at + index * 2) : bytes[at + index]!;
        quantization[id] = table;
        at += wide ? 128 : 64;
      } else {
        const counts = bytes.subarray(at, at + 16);
        const total = counts.reduce((sum, count) => sum + count, 0);
        if (at + 16 + total > end || total > 256) throw bad('its tables are damaged');
        const table = buildHuffman(counts, bytes.subarray(at + 16, at + 16 + total));
        if (!table) throw bad('its tables are damaged');
        (head >> 4 === 0 ? dcTables : acTables)[id] = table;
        at += 16 + total;
      }
    }
  }

  function readScan(at: number, end: number, current: JpegFrame): number {
    const count = bytes[at]!;
    if (count < 1 || count > 4 || at + 1 + count * 2 + 3 > end || ++scans > scansMax) throw bad('its scans are damaged');
    const components = Array.from({ length: count }, (_, index) => {
      const id = bytes[at + 1 + index * 2]!, tables = bytes[at + 2 + index * 2]!;
      const component = current.components.find((one) => one.id === id);
      if (!component) throw bad('its scans are damaged');
      return { component, dc: dcTables[tables >> 4] ?? null, ac: acTables[tables & 15] ?? null };
    });
    const tail = at + 1 + count * 2;
    const from = bytes[tail]!, to = bytes[tail + 1]!, high = bytes[tail + 2]! >> 4, low = bytes[tail + 2]! & 15;
    if (current.progressive && (to > 63 || from > to || low > 13 || (from > 0 && count > 1))) throw bad('its scans are damaged');
    return decodeScan(current, { components, from, to, high, low, restartInterval }, bytes, end, bad);
  }

  let at = 2;
  for (;;) {
    while (at < bytes.length && bytes[at] !== 0xff) at++; // fill bytes between segments
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) throw bad('it is cut');
    if (marker === 0xd9) break;
    if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    if (at + 2 > bytes.length) throw bad('it is cut');
    const end = at + view.getUint16(at);
    const body = at + 2;
    if (end > bytes.length || end < body) throw bad('it is cut');
    if (marker === 0xdb || marker === 0xc4) readTables(body, end, marker);
    else if (marker === 0xdd) restartInterval = end - body >= 2 ? view.getUint16(body) : 0;
    else if (marker === 0xe0) hasJfif = true;
    else if (marker === 0xee && end - body >= 12 && view.getUint32(body) === 0x41646f62) adobeTransform = bytes[body + 11]!;
    else if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) {
      if (frame) throw bad('it has two frames');
      frame = readFrame(body, end, marker === 0xc2);
    } else if (marker >= 0xc3 && marker <= 0xcf && marker !== 0xcc) throw bad('it is of a rare kind (lossless, hierarchical or arithmetic)');
    else if (marker === 0xda) {
      if (!frame) throw bad('its header is missing');
      at = readScan(body, end, frame);
      continue;
    }
    at = end;
  }
  if (!frame || scans === 0) throw bad('it holds no image');
  const { width, height, maxHorizontal, maxVertical, components } = frame;
  const planes = components.map((component): Plane => {
    const table = quantization[component.quantizationId];
    if (!table) throw bad('a table is missing');
    const stride = component.storedWide * 8;
    const data = new Uint8Array(stride * component.storedHigh * 8);
    for (let row = 0; row < component.storedHigh; row++) for (let column = 0; column < component.storedWide; column++) inverseDct(component.coefficients, (row * component.storedWide + column) * 64, table, data, row * 8 * stride + column * 8, stride);
    const plane = { data, stride, width: Math.ceil((width * component.horizontal) / maxHorizontal), height: Math.ceil((height * component.vertical) / maxVertical) };
    if (maxHorizontal % component.horizontal !== 0 || maxVertical % component.vertical !== 0) throw bad('its colours are sampled in a rare way');
    return components.length === 1 ? plane : upsample(plane, maxHorizontal / component.horizontal, maxVertical / component.vertical);
  });
  const [first, second, third] = planes;
  const channels = second && third ? 3 : 1;
  const data = new Uint8Array(width * height * channels);
  // three components are luma and colour differences, unless Adobe's marker or the component names say otherwise
  const isRgb = adobeTransform === 0 || (adobeTransform === -1 && !hasJfif && components.map(({ id }) => String.fromCharCode(id)).join('') === 'RGB');
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    const luma = first!.data[y * first!.stride + x]!;
    const to = (y * width + x) * channels;
    if (!second || !third) { data[to] = luma; continue; }
    const b = second.data[y * second.stride + x]!, r = third.data[y * third.stride + x]!;
    if (isRgb) { data[to] = luma; data[to + 1] = b; data[to + 2] = r; continue; }
    const cb = b - 128, cr = r - 128;
    data[to] = clamp(luma + ((redOfCr * cr + 32_768) >> 16));
    data[to + 1] = clamp(luma + ((greenOfCb * cb + 32_768 + greenOfCr * cr) >> 16));
    data[to + 2] = clamp(luma + ((blueOfCb * cb + 32_768) >> 16));
  }
  return { width, height, channels, data };
}
