// Finds the image of another engine: a file that the plant brought, a name that the container engine knows, or what it has under the engine's usual name.
import { stat } from 'node:fs/promises';
import { AppError } from '#shared/errors';
import type { Engine } from '../containers/Engine.ts';
import { findNamedImage, inspectImage, type ImageDetail } from '../containers/namedImages.ts';
import type { JobContext } from '../Services.ts';
import { loadArchive } from './loadImageFile.ts';
import { readArchive } from './readArchive.ts';

export interface EngineImageWish {
  readonly title: string;
  /** A path or a name; undefined leaves the choice. */
  readonly wanted: string | undefined;
  /** The id that the version before was made from, where it was of the same engine. */
  readonly before: string | null;
  readonly usualNames: readonly string[];
}

/** @throws NOT_FOUND, BAD_INPUT (damaged file), DOCKER_REFUSED (other architecture) */
export async function findEngineImage(engine: Engine, wish: EngineImageWish, context: Pick<JobContext, 'signal' | 'progress'>): Promise<ImageDetail> {
  const found = wish.wanted === undefined ? await usual(engine, wish, context.signal) : await named(engine, wish.wanted, context);
  if (!found) throw new AppError('NOT_FOUND', wish.wanted === undefined ? `The container engine has no image of ${wish.title}.` : `${wish.wanted} is neither an image file here nor an image that the container engine has.`, { hint: `Bring the image of ${wish.title} as a file (docker save) and name it: --engine-image FILE.tar` });
  if (found.architecture !== 'amd64') throw new AppError('DOCKER_REFUSED', `The image ${found.tag ?? found.id} is for ${found.architecture}, and stations run on amd64.`, { hint: 'Bring the image for linux/amd64.' });
  return found;
}

async function named(engine: Engine, wanted: string, context: Pick<JobContext, 'signal' | 'progress'>): Promise<ImageDetail | null> {
  const isFile = await stat(wanted).then((info) => info.isFile(), () => false);
  if (!isFile) return inspectImage(engine, wanted, context.signal);
  const { imageId, tag } = await loadArchive(engine, { path: wanted, ...(await readArchive(wanted)) }, context);
  const found = await inspectImage(engine, imageId, context.signal);
  return found && { ...found, tag };
}

async function usual(engine: Engine, { before, usualNames }: EngineImageWish, signal: AbortSignal): Promise<ImageDetail | null> {
  const same = before === null ? null : await inspectImage(engine, before, signal);
  if (same) return same;
  for (const name of usualNames) {
    const found = await findNamedImage(engine, name, signal);
    if (found) return found;
  }
  return null;
}
