// Writes a file whole or not at all, replacing what is there, without letting anything else of this process come in between.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { tempPathFor } from './tempFiles.ts';

export function replaceFileSync(path: string, text: string, mode: number): void {
  const temp = tempPathFor(path);
  try {
    const file = openSync(temp, 'wx', mode);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temp, path);
  } catch (error) {
    rmSync(temp, { force: true });
    throw error;
  }
}
