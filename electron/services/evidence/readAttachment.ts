// One file that is to be attached to a report: what it is by its content, its hash, and for a picture how it is printed.
import { stat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { attachmentLimits, type AttachmentKind } from '#shared/contract/attachments';
import { AppError } from '#shared/errors';
import type { ValidationReceipt } from '#core/report/receipt';
import { formatBytes, safeLine } from '#core/report/text';
import { imageLibrary } from '../datasets/decodeImage.ts';
import { withFileErrors } from '../files/translateFileError.ts';
import { sha256Hex } from './signatures.ts';
import type { ZipEntry } from './zipContainer.ts';

export interface ReadAttachment { readonly attachment: ValidationReceipt['attachments'][number]; readonly entry: ZipEntry }

const extensions: Readonly<Record<AttachmentKind, string>> = { png: 'png', jpeg: 'jpg', webp: 'webp', pdf: 'pdf', text: 'txt' };
const pictures: readonly AttachmentKind[] = ['png', 'jpeg', 'webp'];
/** On paper 500 points wide at 160 dots an inch. */
const previewPixels = 1100;
const picturePixels = 100_000_000;

/** NOT_FOUND, PERMISSION_DENIED; BAD_INPUT for what is too large or of no kind that can be attached. */
export async function readAttachment({ path, name, caption }: { readonly path: string; readonly name?: string | undefined; readonly caption: string }, added: { readonly at: string; readonly by: string }): Promise<ReadAttachment> {
  const shown = safeLine(name ?? basename(path), 200);
  const info = await withFileErrors(path, 'read', () => stat(path));
  if (!info.isFile()) throw new AppError('BAD_INPUT', `${shown} is no file.`, { hint: 'Attach single files.' });
  if (info.size === 0) throw new AppError('BAD_INPUT', `${shown} is empty.`, { hint: 'Copy it again, or leave it out.' });
  if (info.size > attachmentLimits.fileBytes) throw new AppError('BAD_INPUT', `${shown} has ${formatBytes(info.size)}; an attached file has at most ${formatBytes(attachmentLimits.fileBytes)}.`, { hint: 'Make the picture smaller, or attach an extract.' });
  const bytes = await withFileErrors(path, 'read', () => readFile(path));
  const kind = kindOf(bytes);
  if (kind === null) throw new AppError('BAD_INPUT', `${shown} is neither a picture (PNG, JPEG, WebP) nor PDF nor text in UTF-8.`, { hint: 'Save it as one of these.' });
  const sha256 = sha256Hex(bytes);
  const file = `attachments/${sha256.slice(0, 32)}.${extensions[kind]}`;
  const preview = pictures.includes(kind) ? await previewOf(bytes, shown) : null;
  return { attachment: { file, name: shown, caption: safeLine(caption, 300), kind, sizeBytes: bytes.length, sha256, addedAt: added.at, addedBy: added.by, preview }, entry: { name: file, bytes } };
}

/** By the first bytes, never by the name. */
function kindOf(bytes: Buffer): AttachmentKind | null {
  const starts = (...values: number[]) => values.every((value, at) => bytes[at] === value);
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'png';
  if (starts(0xff, 0xd8, 0xff)) return 'jpeg';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'webp';
  if (bytes.toString('latin1', 0, 5) === '%PDF-') return 'pdf';
  return isText(bytes) ? 'text' : null;
}

function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false;
  try { new TextDecoder('utf-8', { fatal: true }).decode(bytes); return true; } catch { return false; }
}

/** Upright, as the camera's orientation says, and without its other data. */
async function previewOf(bytes: Buffer, name: string): Promise<{ type: 'jpeg'; base64: string }> {
  try {
    const small = await imageLibrary()(bytes, { failOn: 'error', limitInputPixels: picturePixels, pages: 1 }).rotate().resize({ width: previewPixels, height: previewPixels, fit: 'inside', withoutEnlargement: true }).flatten({ background: '#ffffff' }).jpeg({ quality: 82 }).toBuffer();
    return { type: 'jpeg', base64: small.toString('base64') };
  } catch (error) {
    throw new AppError('BAD_INPUT', `${name} is a damaged picture, or has more than ${picturePixels / 1_000_000} million pixels.`, { cause: error, hint: 'Save the picture anew, or smaller.' });
  }
}
