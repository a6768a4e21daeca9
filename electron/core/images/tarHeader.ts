// Headers of a tar archive (POSIX ustar), so that the same files always give the same bytes: no clock, no user names, no device numbers.
import { AppError } from '#shared/errors';

export interface TarEntry {
  /** Relative, with forward slashes; a folder ends in one. */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly sizeBytes: number;
  readonly mode: number;
  readonly uid?: number;
}

export const tarBlock = 512;
/** Eleven octal digits. */
const sizeMax = 8 ** 11 - 1;
const encoder = new TextEncoder();

/** Zero bytes that fill the last block of a file. */
export const tarPadding = (sizeBytes: number): number => (tarBlock - (sizeBytes % tarBlock)) % tarBlock;
/** Two empty blocks end an archive. */
export const tarEnd = (): Uint8Array<ArrayBuffer> => new Uint8Array(2 * tarBlock);
export const tarSize = (entries: readonly TarEntry[]): number => entries.reduce((sum, { sizeBytes }) => sum + tarBlock + sizeBytes + tarPadding(sizeBytes), 2 * tarBlock);

/** @throws BAD_INPUT where the path is too long or the file too large for the format. */
export function tarHeader({ path, kind, sizeBytes, mode, uid = 0 }: TarEntry): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(tarBlock);
  const text = (value: string, at: number) => header.set(encoder.encode(value), at);
  const octal = (value: number, at: number, digits: number) => text(`${value.toString(8).padStart(digits, '0')}\0`, at);
  if (sizeBytes > sizeMax) throw new AppError('BAD_INPUT', `${path} is larger than 8 GiB and does not fit into an image layer.`, { hint: 'Mount the model instead of putting it into the image.' });
  const { name, prefix } = splitPath(path);
  text(name, 0);
  octal(mode, 100, 7);
  octal(uid, 108, 7);
  octal(uid, 116, 7);
  octal(sizeBytes, 124, 11);
  octal(0, 136, 11);
  text('        ', 148);
  text(kind === 'folder' ? '5' : '0', 156);
  text('ustar\u000000', 257);
  octal(0, 329, 7);
  octal(0, 337, 7);
  text(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  text(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** ustar keeps 100 bytes of name and 155 of the folders before it. */
function splitPath(path: string): { readonly name: string; readonly prefix: string } {
  const length = (text: string) => encoder.encode(text).length;
  if (length(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0 && at < path.length - 1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (length(prefix) <= 155 && length(name) <= 100) return { name, prefix };
  }
  throw new AppError('BAD_INPUT', `The path ${path.slice(0, 60)}… is too long for an image layer.`, { hint: 'Give the model a shorter name.' });
}

/** What a header says, or null where the block is none (its checksum is wrong). For finding files in an archive, links are told apart only by kind. */
export function readTarHeader(block: Uint8Array): { readonly path: string; readonly sizeBytes: number; readonly kind: 'file' | 'folder' | 'other' } | null {
  const decoder = new TextDecoder();
  const field = (at: number, length: number) => { const bytes = block.subarray(at, at + length); const end = bytes.indexOf(0); return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end)); };
  const number = (at: number, length: number) => Number.parseInt(field(at, length).trim() || '0', 8);
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  if (block.length < tarBlock || number(148, 8) !== sum) return null;
  const prefix = field(257, 5) === 'ustar' ? field(345, 155) : '';
  // GNU tar writes sizes above 8 GiB as a big-endian number, marked by the top bit.
  const sizeBytes = ((block[124] ?? 0) & 0x80) === 0 ? number(124, 12) : block.subarray(125, 136).reduce((value, byte) => value * 256 + byte, 0);
  const flag = String.fromCharCode(block[156] ?? 0);
  return { path: prefix === '' ? field(0, 100) : `${prefix}/${field(0, 100)}`, sizeBytes, kind: flag === '0' || flag === '\0' ? 'file' : flag === '5' ? 'folder' : 'other' };
}
