// Finds what the serving image is put together from: the gathered parts and the bundle of the serving runtime.
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { translateFileError } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';

const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const partsSchema = z.object({
  format: z.literal(1), platform: z.literal('linux/amd64'), createdAt: z.string(),
  layers: z.array(z.object({ name: z.string(), file: z.string().regex(/^[\w.-]+$/), diffId: digestSchema, digest: digestSchema, sizeBytes: z.number(), uncompressedBytes: z.number() })).min(1),
  components: z.array(z.object({ name: z.string(), version: z.string(), licence: z.string(), purl: z.string(), sha256: z.string().nullable() })),
});
export type Parts = z.infer<typeof partsSchema> & { readonly folder: string };

const missing = (what: string, cause?: unknown) => new AppError('PARTS_MISSING', what, { cause });

/** In the order: where MILLWRIGHT_PARTS says, in an installation, in a checkout. @throws PARTS_MISSING */
export async function findParts({ resourcesDir }: Pick<Services, 'resourcesDir'>, env: Readonly<Record<string, string | undefined>> = process.env): Promise<Parts> {
  const named = env['MILLWRIGHT_PARTS'];
  const folders = named ? [named] : [join(resourcesDir, 'parts'), join(resourcesDir, '..', '.cache', 'parts')];
  for (const folder of folders) {
    const text = await readFile(join(folder, 'parts.json'), 'utf8').catch(() => null);
    if (text === null) continue;
    const parsed = partsSchema.safeParse(jsonOrNull(text));
    if (!parsed.success) throw missing(`${join(folder, 'parts.json')} is damaged.`, parsed.error);
    for (const { file, sizeBytes } of parsed.data.layers) {
      const info = await stat(join(folder, file)).catch(() => null);
      if (info?.size !== sizeBytes) throw missing(`The part ${join(folder, file)} of the serving image is missing or not whole.`);
    }
    return { ...parsed.data, folder };
  }
  throw missing(named ? `${named} holds no parts of the serving image.` : 'This installation has no parts of the serving image.');
}

/** @throws PARTS_MISSING */
export async function readServingBundle({ resourcesDir }: Pick<Services, 'resourcesDir'>): Promise<{ readonly code: Uint8Array; readonly packages: readonly BundledPackage[] }> {
  for (const folder of [resourcesDir, join(resourcesDir, '..', 'dist')]) {
    const path = join(folder, 'serving.cjs');
    if (!(await stat(path).then((info) => info.isFile(), () => false))) continue;
    const code = await readFile(path).catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
    const packages = await readFile(join(folder, 'serving.packages.json'), 'utf8').then((text) => packagesSchema.parse(JSON.parse(text)), () => []);
    return { code, packages };
  }
  throw missing('The serving runtime is missing from this installation.');
}

const packagesSchema = z.array(z.object({ name: z.string(), version: z.string(), licence: z.string(), text: z.string() }));
export type BundledPackage = z.infer<typeof packagesSchema>[number];
