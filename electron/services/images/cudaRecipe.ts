// Writes the folder from which a connected builder makes the serving image with CUDA: NVIDIA's libraries are not ours to carry, so they are brought by `docker build`.
import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cudaRecipeFiles } from '#core/images/cudaRecipeFiles';
import { AppError } from '#shared/errors';
import { translateFileError } from '../files/translateFileError.ts';
import { writeFileAtomic } from '../files/writeFileAtomic.ts';
import type { JobContext, Services } from '../Services.ts';
import { findParts, readServingBundle } from './findParts.ts';

export interface WrittenRecipe { readonly path: string; readonly tag: string; readonly files: { name: string; sizeBytes: number }[] }

/** Versions are those of the parts that this installation was tested with. */
export async function writeCudaRecipe(services: Pick<Services, 'resourcesDir' | 'version'>, { outputPath, force }: { readonly outputPath: string; readonly force: boolean }, { signal }: Pick<JobContext, 'signal'>): Promise<WrittenRecipe> {
  const folder = resolve(outputPath);
  const { code, packages } = await readServingBundle(services);
  const { components } = await findParts(services);
  const versionOf = (name: string) => {
    const found = components.find((one) => one.name === name)?.version;
    if (found === undefined) throw new AppError('PARTS_MISSING', `The parts of the serving image do not say which ${name} they hold.`);
    return found;
  };
  const tag = `millwright/serving-cuda:${services.version.replace(/[^\w.-]/g, '-')}`;
  const texts = cudaRecipeFiles({ version: services.version, tag, nodeVersion: versionOf('node'), onnxruntimeVersion: versionOf('onnxruntime-node'), packages });
  const files: { readonly name: string; readonly content: string | Uint8Array }[] = [...texts, { name: 'serving.cjs', content: code }];
  const sums = files.map(({ name, content }) => `${createHash('sha256').update(content).digest('hex')}  ${name}\n`).sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('');
  const all = [...files, { name: 'SHA256SUMS', content: sums }];
  try {
    await mkdir(folder, { recursive: true });
    if (!force && (await readdir(folder)).length > 0) throw new AppError('ALREADY_EXISTS', `The folder ${folder} is not empty.`, { hint: 'Choose another folder with -o, or write over it with --force.' });
    for (const { name, content } of all) {
      signal.throwIfAborted();
      await writeFileAtomic(join(folder, name), content, { force: true });
    }
  } catch (error) {
    signal.throwIfAborted();
    throw translateFileError(error, folder, 'write');
  }
  return { path: folder, tag, files: all.map(({ name, content }) => ({ name, sizeBytes: typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength })) };
}
