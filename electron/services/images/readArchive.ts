// Looks into an image archive on disk without unpacking it: is it whole, what is its id, which names does it carry.
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { readTarHeader, tarBlock, tarPadding } from '#core/images/tarHeader';
import { translateFileError } from '../files/translateFileError.ts';

export interface ArchiveFacts {
  readonly sizeBytes: number;
  readonly configDigest: string;
  readonly manifestDigest: string | null;
  readonly tags: readonly string[];
}

const dockerManifestSchema = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullable().optional() })).min(1);
const indexSchema = z.object({ manifests: z.array(z.object({ digest: z.string() })).min(1) });
/** Documents are small; a larger one is none of ours. */
const documentBytesMax = 4 * 1024 ** 2;

/** @throws NOT_FOUND, PERMISSION_DENIED; BAD_INPUT where it is no image, cut off, or holds several images */
export async function readArchive(path: string): Promise<ArchiveFacts> {
  const file = await open(path, 'r').catch((error: unknown) => { throw translateFileError(error, path, 'read'); });
  try {
    const sizeBytes = (await file.stat()).size;
    const found = new Map<string, { readonly at: number; readonly sizeBytes: number }>();
    for (let at = 0; ;) {
      const block = await readAt(file, at, tarBlock);
      if (block.length < tarBlock) throw damaged(path, sizeBytes === 0 ? 'it is empty' : 'it ends in the middle: it was not copied whole');
      if (block.every((byte) => byte === 0)) break;
      const header = readTarHeader(block);
      if (!header) throw damaged(path, at === 0 ? 'it is no image archive (tar)' : 'it is damaged');
      if (header.kind === 'file') found.set(header.path.replace(/^\.\//, ''), { at: at + tarBlock, sizeBytes: header.sizeBytes });
      at += tarBlock + header.sizeBytes + tarPadding(header.sizeBytes);
    }
    const documentAt = async (name: string): Promise<string | null> => { const place = found.get(name); return place && place.sizeBytes <= documentBytesMax ? (await readAt(file, place.at, place.sizeBytes)).toString('utf8') : null; };
    const listed = dockerManifestSchema.safeParse(jsonOrNull(await documentAt('manifest.json') ?? ''));
    if (!listed.success) throw damaged(path, found.has('index.json') ? 'it has no manifest.json, which older engines need' : 'it holds no image');
    const [first, ...others] = listed.data;
    if (!first || others.length > 0) throw damaged(path, 'it holds several images, and one is needed');
    const config = await documentAt(first.Config);
    if (config === null) throw damaged(path, 'the configuration of the image is missing');
    const index = indexSchema.safeParse(jsonOrNull(await documentAt('index.json') ?? ''));
    return { sizeBytes, configDigest: `sha256:${createHash('sha256').update(config).digest('hex')}`, manifestDigest: index.success ? index.data.manifests[0]?.digest ?? null : null, tags: first.RepoTags ?? [] };
  } finally {
    await file.close();
  }
}

const damaged = (path: string, why: string) => new AppError('BAD_INPUT', `${path} cannot be loaded: ${why}.`, { hint: 'Copy the file again; `millwright image build` makes a new one.' });

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}
