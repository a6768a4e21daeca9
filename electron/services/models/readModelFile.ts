// Reads a model file: its bytes, its hash, the decoded model, and a reader for its external data.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '#shared/errors';
import { decodeModel } from '#core/onnx/decodeModel';
import { maxModelBytes } from '#core/onnx/encodeModel';
import { externalRefs } from '#core/onnx/externalRefs';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { translateFileError } from '../files/translateFileError.ts';
import { openExternalFiles, type ExternalReader } from './externalFiles.ts';

export interface ModelFile {
  readonly path: string;
  /** The file's bytes; the model's tensors are views on them. */
  readonly bytes: Uint8Array;
  /** Of the model file alone. */
  readonly sha256: string;
  readonly model: ModelProto;
  /** Reads external tensors; call `close` when done with the model. */
  readonly external: ExternalReader;
  /** Distinct external locations, as the model writes them. */
  readonly locations: readonly string[];
  /** The model file and its external files, in bytes; missing external files count nothing. */
  readonly totalBytes: number;
}

/** Throws NOT_FOUND, PERMISSION_DENIED, BAD_INPUT (a folder) and BAD_MODEL. Close `external` when done. */
export async function readModelFile(path: string, signal?: AbortSignal): Promise<ModelFile> {
  const absolute = resolve(path);
  const bytes = await readWhole(absolute, signal);
  const model = decodeModel(bytes);
  const external = openExternalFiles(absolute);
  const locations = [...new Set(externalRefsOf(model))];
  const sizes = locations.map((location) => external.sizeOf(location));
  return {
    path: absolute, bytes, model, external, locations,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    totalBytes: sizes.reduce<number>((sum, size) => sum + (typeof size === 'number' ? size : 0), bytes.length),
  };
}

async function readWhole(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const { size } = await stat(path).then((info) => { if (info.isDirectory()) throw new AppError('BAD_INPUT', `${path} is a folder, and a model file is needed.`, { hint: 'Name the .onnx file in it.' }); return info; });
    if (size > maxModelBytes) throw new AppError('BAD_MODEL', `The file has ${size} bytes, and an ONNX file holds at most ${maxModelBytes}.`, { hint: 'Export the model with its weights as external data.' });
    return await readFile(path, signal ? { signal } : {});
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw translateFileError(error, path, 'read');
  }
}

/** Malformed entries are the checker's to name. */
function externalRefsOf(model: ModelProto): string[] {
  try {
    return externalRefs(model).map((ref) => ref.location);
  } catch (error) {
    if (error instanceof AppError) return [];
    throw error;
  }
}
