// Puts the data files of a model below another folder, where a copy of its file looks for them.
import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ModelFile } from './readModelFile.ts';

/** As the model names them, subfolders included. Answers where they are. @throws BAD_MODEL for what leaves the model's folder, and what copying throws */
export async function copyDataFiles({ external }: Pick<ModelFile, 'external'>, locations: readonly string[], folder: string): Promise<string[]> {
  const copies: string[] = [];
  for (const location of locations) {
    const copy = join(folder, location);
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(external.pathOf(location), copy);
    copies.push(copy);
  }
  return copies;
}
