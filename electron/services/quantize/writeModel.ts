// Writes a model of the job's scratch folder piece by piece, so that its weights are not copied to be written.
import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { encodeModelParts } from '#core/onnx/encodeModel';
import type { ModelProto } from '#core/onnx/schema/onnx_pb';
import { translateFileError } from '../files/translateFileError.ts';
import { writeAll } from './externalTensor.ts';

/** Smaller pieces are gathered, so that each does not cost a call to the system. */
const gatherBytes = 256 * 1024;

/** @returns what was written: its size and SHA-256 @throws AppError DISK_FULL, BAD_MODEL above 2 GiB */
export function writeModel(path: string, model: ModelProto): { readonly sizeBytes: number; readonly sha256: string } {
  const parts = encodeModelParts(model);
  const hash = createHash('sha256');
  const gathered = new Uint8Array(gatherBytes);
  let [used, sizeBytes] = [0, 0];
  try {
    const file = openSync(path, 'w');
    try {
      const flush = () => { writeAll(file, gathered.subarray(0, used)); used = 0; };
      for (const part of parts) {
        sizeBytes += part.length;
        hash.update(part);
        if (used + part.length > gatherBytes) flush();
        if (part.length > gatherBytes) writeAll(file, part);
        else { gathered.set(part, used); used += part.length; }
      }
      flush();
    } finally { closeSync(file); }
  } catch (error) { throw translateFileError(error, path, 'write'); }
  return { sizeBytes, sha256: hash.digest('hex') };
}
