// Random access to the rows of a .npy array, in a file or in memory, without holding the whole array.
import { open, type FileHandle } from 'node:fs/promises';
import { AppError } from '#shared/errors';
import type { ElementType, TensorData, TensorValue } from '#shared/tensor';

/** Bytes at an offset, wherever they are kept. */
export interface ByteSource {
  readonly sizeBytes: number;
  readonly name: string;
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface NpyArray {
  readonly name: string;
  readonly type: ElementType;
  /** First axis is the sample. */
  readonly shape: readonly number[];
  row(index: number): Promise<TensorValue>;
  close(): Promise<void>;
}

interface NpyType { readonly type: ElementType; readonly bytes: number; readonly view: (buffer: ArrayBuffer) => TensorData }
const npyTypes: Readonly<Record<string, NpyType>> = {
  f2: { type: 'float16', bytes: 2, view: (buffer) => new Uint16Array(buffer) },
  f4: { type: 'float32', bytes: 4, view: (buffer) => new Float32Array(buffer) },
  f8: { type: 'float64', bytes: 8, view: (buffer) => new Float64Array(buffer) },
  i1: { type: 'int8', bytes: 1, view: (buffer) => new Int8Array(buffer) },
  i2: { type: 'int16', bytes: 2, view: (buffer) => new Int16Array(buffer) },
  i4: { type: 'int32', bytes: 4, view: (buffer) => new Int32Array(buffer) },
  i8: { type: 'int64', bytes: 8, view: (buffer) => new BigInt64Array(buffer) },
  u1: { type: 'uint8', bytes: 1, view: (buffer) => new Uint8Array(buffer) },
  u2: { type: 'uint16', bytes: 2, view: (buffer) => new Uint16Array(buffer) },
  u4: { type: 'uint32', bytes: 4, view: (buffer) => new Uint32Array(buffer) },
  u8: { type: 'uint64', bytes: 8, view: (buffer) => new BigUint64Array(buffer) },
  b1: { type: 'bool', bytes: 1, view: (buffer) => new Uint8Array(buffer) },
};

/** A source over a file that stays open until closed. */
export async function fileSource(path: string, name: string, offset = 0, length?: number): Promise<ByteSource> {
  const handle: FileHandle = await open(path, 'r');
  const sizeBytes = length ?? (await handle.stat()).size - offset;
  return {
    sizeBytes, name,
    read: async (at, count) => {
      const bytes = new Uint8Array(count);
      for (let done = 0; done < count;) {
        const { bytesRead } = await handle.read(bytes, done, count - done, offset + at + done);
        if (bytesRead === 0) throw new AppError('BAD_DATA', `${name} ends early, at byte ${at + done}.`, { hint: 'Copy or export the file again; it was probably cut.' });
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}

export function memorySource(bytes: Uint8Array, name: string): ByteSource {
  return { sizeBytes: bytes.length, name, read: (at, count) => Promise.resolve(bytes.slice(at, at + count)), close: () => Promise.resolve() };
}

/**
 * Opens a .npy array (format versions 1 to 3, numpy.lib.format). Row-major and column-major arrays, all numeric types, bool and text (U, S).
 * Throws BAD_DATA for arrays of Python objects, which would run code when read, and for files that are cut.
 */
export async function openNpy(source: ByteSource): Promise<NpyArray> {
  const { name } = source;
  const bad = (why: string, hint = 'Save it with numpy.save() from a plain numeric array.') => new AppError('BAD_DATA', `${name} ${why}.`, { hint });
  if (source.sizeBytes < 12) throw bad('is too short to be a .npy array');
  const head = await source.read(0, 12);
  const headView = new DataView(head.buffer, head.byteOffset, head.length);
  if (Buffer.from(head.subarray(0, 6)).toString('latin1') !== '\x93NUMPY') throw bad('is not a .npy array');
  const version = head[6] ?? 0;
  const start = version === 1 ? 10 : 12;
  const headerLength = version === 1 ? headView.getUint16(8, true) : headView.getUint32(8, true);
  if (version < 1 || version > 3 || headerLength > 1 << 20 || start + headerLength > source.sizeBytes) throw bad('has a damaged .npy header');
  const header = Buffer.from(await source.read(start, headerLength)).toString(version === 3 ? 'utf8' : 'latin1');
  const descr = /'descr':\s*'([<>|=])?([a-zA-Z])(\d*)'/.exec(header);
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (!descr || shapeText === undefined) throw bad('holds a structured array, which is not read here');
  const [, order = '=', letter = '', digits = ''] = descr;
  if (letter === 'O') throw bad('holds Python objects, which are not read here because reading them runs code', 'Convert it with .astype("float32") or .astype(str), and save it again.');
  const shape = shapeText.split(',').map((part) => part.trim()).filter((part) => part !== '').map(Number);
  if (shape.length === 0) throw bad('holds a single value; its first axis must be the sample');
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) throw bad('has a damaged .npy header');
  const rows = shape[0] ?? 0;
  const rest = shape.slice(1);
  const rowElements = rest.reduce((product, size) => product * size, 1);
  const text = letter === 'U' || letter === 'S';
  const numeric = npyTypes[letter + digits];
  if (!text && !numeric) throw bad(`has the type ${letter}${digits}, which is not read here`);
  const elementBytes = text ? Number(digits) * (letter === 'U' ? 4 : 1) : numeric?.bytes ?? 0;
  const dataStart = start + headerLength;
  if (dataStart + rows * rowElements * elementBytes > source.sizeBytes) throw bad(`is cut: its header promises ${rows} samples, the file is too short`, 'Copy or export the file again.');
  const swap = order === '>' && elementBytes > 1;
  const fortran = /'fortran_order':\s*True/.test(header) && shape.length > 1;

  // Column-major rows are scattered over the whole file; such arrays are read once and gathered from memory.
  let columnMajor: Uint8Array | null = null;
  const readRow = async (index: number): Promise<Uint8Array> => {
    const rowBytes = rowElements * elementBytes;
    if (!fortran) return source.read(dataStart + index * rowBytes, rowBytes);
    columnMajor ??= await source.read(dataStart, rows * rowBytes);
    return gatherFortranRow(columnMajor, index, rows, rest, elementBytes);
  };
  return {
    name, type: numeric?.type ?? 'string', shape,
    row: async (index) => {
      if (!Number.isInteger(index) || index < 0 || index >= rows) throw new AppError('BAD_INPUT', `${name} has ${rows} samples; there is no sample ${index}.`);
      const bytes = await readRow(index);
      if (text) return { type: 'string', dims: rest, data: decodeTexts(bytes, letter, elementBytes, order === '>') };
      if (!numeric) throw bad('has a type that is not read here');
      const own = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
      if (swap) swapBytes(own, elementBytes);
      return { type: numeric.type, dims: rest, data: numeric.view(own.buffer as ArrayBuffer) }; // a fresh array of this size has a plain ArrayBuffer
    },
    close: () => source.close(),
  };
}

function gatherFortranRow(all: Uint8Array, index: number, rows: number, rest: readonly number[], elementBytes: number): Uint8Array {
  const count = rest.reduce((product, size) => product * size, 1);
  const row = new Uint8Array(count * elementBytes);
  const position = rest.map(() => 0);
  const strides: number[] = [];
  rest.reduce((stride, size) => { strides.push(stride); return stride * size; }, rows);
  for (let element = 0; element < count; element++) {
    let at = index;
    for (let axis = 0; axis < rest.length; axis++) at += (position[axis] ?? 0) * (strides[axis] ?? 0);
    row.set(all.subarray(at * elementBytes, (at + 1) * elementBytes), element * elementBytes);
    for (let axis = rest.length - 1; axis >= 0; axis--) {
      const next = (position[axis] ?? 0) + 1;
      position[axis] = next === rest[axis] ? 0 : next;
      if (next !== rest[axis]) break;
    }
  }
  return row;
}

function decodeTexts(bytes: Uint8Array, letter: string, elementBytes: number, bigEndian: boolean): string[] {
  const texts: string[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = elementBytes === 0 ? 0 : bytes.length / elementBytes;
  for (let element = 0; element < count; element++) {
    const start = element * elementBytes;
    let text = '';
    if (letter === 'S') text = Buffer.from(bytes.subarray(start, start + elementBytes)).toString('utf8');
    else for (let at = start; at < start + elementBytes; at += 4) {
      const code = view.getUint32(at, !bigEndian);
      if (code > 0 && code <= 0x10ffff) text += String.fromCodePoint(code);
    }
    texts.push(text.replace(/\0+$/, ''));
  }
  return texts;
}

function swapBytes(bytes: Uint8Array, elementBytes: number): void {
  for (let at = 0; at < bytes.length; at += elementBytes) bytes.subarray(at, at + elementBytes).reverse();
}
