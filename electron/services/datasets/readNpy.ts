// Reads a whole .npy file as one tensor.
import { basename } from 'node:path';
import { AppError } from '#shared/errors';
import type { TensorData, TensorValue } from '#shared/tensor';
import { translateFileError } from '../files/translateFileError.ts';
import { fileSource, openNpy } from './npyFile.ts';

/** @throws BAD_DATA, NOT_FOUND, PERMISSION_DENIED */
export async function readNpy(path: string): Promise<TensorValue> {
  const source = await fileSource(path, basename(path)).catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
  try {
    const array = await openNpy(source);
    const rows: TensorValue[] = [];
    for (let index = 0; index < (array.shape[0] ?? 0); index++) rows.push(await array.row(index));
    if (rows.length === 0) throw new AppError('BAD_DATA', `${basename(path)} holds no samples.`);
    return { type: array.type, dims: array.shape, data: joinRows(rows) };
  } finally {
    await source.close();
  }
}

function joinRows(rows: readonly TensorValue[]): TensorData {
  const first = rows[0]!.data;
  if (Array.isArray(first)) return rows.flatMap(({ data }) => [...(data as readonly string[])]); // all rows are of one array
  const numbers = first as Float32Array; // any typed array; all rows are of one class
  const joined = new (numbers.constructor as new (length: number) => Float32Array)(rows.length * numbers.length);
  rows.forEach(({ data }, index) => joined.set(data as Float32Array, index * numbers.length));
  return joined;
}
