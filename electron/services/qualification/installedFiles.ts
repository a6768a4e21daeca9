// Installation qualification: the files of the program against the list that was made when it was built.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { InstalledFile } from '#shared/contract/validation';
import { jsonOrNull } from '#shared/jsonOrNull';

const manifestSchema = z.object({ files: z.record(z.string(), z.object({ sizeBytes: z.number(), sha256: z.string() })) });

/** Null where the program runs from its sources and there is no list. A file that is gone fails with the hash that it should have. */
export async function installedFiles(programDir: string | null): Promise<InstalledFile[] | null> {
  if (programDir === null) return null;
  const text = await readFile(join(programDir, 'build.json'), 'utf8').catch(() => null);
  const manifest = manifestSchema.safeParse(text === null ? null : jsonOrNull(text));
  if (!manifest.success) return null;
  return Promise.all(Object.entries(manifest.data.files).map(async ([path, wanted]): Promise<InstalledFile> => {
    const bytes = await readFile(join(programDir, path)).catch(() => null);
    if (bytes === null) return { path, ...wanted, status: 'fail' };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { path, sha256, sizeBytes: bytes.length, status: sha256 === wanted.sha256 ? 'pass' : 'fail' };
  }));
}
