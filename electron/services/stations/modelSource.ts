// What a deployment is to serve: a registered ONNX model, or a file or folder in the format of another engine, which is not registered.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, posix, resolve } from 'node:path';
import type { ModelRef } from '#shared/contract/references';
import type { ModelFormat } from '#shared/engines';
import { AppError } from '#shared/errors';
import { sha256OfFile } from '../files/sha256OfFile.ts';
import { translateFileError } from '../files/translateFileError.ts';
import { fileOfPath, type TarFile } from '../images/tarStream.ts';

export type ForeignFormat = Exclude<ModelFormat, 'onnx'>;

/** Its tensors are not known here: the engine reads them itself. */
export interface ForeignModel { readonly id: null; readonly inputs: readonly []; readonly outputs: readonly []; readonly path: string; readonly format: ForeignFormat; readonly name: string; readonly sha256: string; readonly sizeBytes: number }

const formatsByExtension: Readonly<Record<string, ForeignFormat>> = { '.mar': 'mar', '.plan': 'tensorrt', '.xml': 'openvino' };

/** By its name alone; what is no file of another engine is taken for an ONNX model. */
export async function formatOf(model: ModelRef): Promise<ModelFormat> {
  if ('id' in model) return 'onnx';
  const byName = formatsByExtension[extname(model.path).toLowerCase()];
  if (byName) return byName;
  return await stat(join(model.path, 'saved_model.pb')).then((info) => info.isFile(), () => false) ? 'savedmodel' : 'onnx';
}

/** @throws NOT_FOUND, PERMISSION_DENIED, BAD_INPUT */
export async function readForeign(path: string, format: ForeignFormat): Promise<ForeignModel> {
  const whole = resolve(path);
  const files = await foreignFiles(whole, format, 'model');
  const single = files.length === 1 ? files[0] : undefined;
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { id: null, inputs: [], outputs: [], path: whole, format, name: basename(whole, extname(whole)), sizeBytes, sha256: single ? await sha256OfFile(whole) : await hashOfFiles(files) };
}

/** The hash of several files is that of the list of their paths and hashes. */
async function hashOfFiles(files: readonly TarFile[]): Promise<string> {
  const hash = createHash('sha256');
  for (const { path, content } of files) hash.update(`${await sha256OfFile(content as string)}  ${path}\n`); // made by fileOfPath: content is a path
  return hash.digest('hex');
}

/** Its files as they go into the repository, at `modelAt` or beside it. */
export async function foreignFiles(path: string, format: ForeignFormat, modelAt: string): Promise<readonly TarFile[]> {
  const info = await stat(path).catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
  if (format === 'savedmodel') return folderFiles(path, modelAt);
  if (info.isDirectory()) throw new AppError('BAD_INPUT', `${path} is a folder, and a model file is needed.`);
  const main = await fileOfPath(modelAt, path);
  if (format !== 'openvino') return [main];
  const weights = join(dirname(path), `${basename(path, extname(path))}.bin`);
  return [main, await fileOfPath(modelAt.replace(/(?:\.xml)?$/, '.bin'), weights)];
}

async function folderFiles(folder: string, at: string): Promise<readonly TarFile[]> {
  const names = await readdir(folder, { recursive: true }).catch((error: unknown) => { throw translateFileError(error, folder, 'read'); });
  const files: TarFile[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) files.push(await fileOfPath(posix.join(at, name.replaceAll('\\', '/')), path));
  }
  return files;
}
