// Our own runtime from another image than the one of this installation: told by its label, so that nothing else is taken for it.
import type { Deployment } from '#shared/contract/serving';
import type { EngineId } from '#shared/engines';
import { AppError } from '#shared/errors';
import type { Finding } from '#shared/finding';
import { liveVersion } from '#shared/liveVersion';
import { variantLabel } from '#core/images/cudaRecipeFiles';
import type { Engine } from '../containers/Engine.ts';
import { inspectImage, type ImageDetail } from '../containers/namedImages.ts';
import type { JobContext } from '../Services.ts';
import { findEngineImage } from './engineImage.ts';

export interface VariantImage { readonly id: string; readonly tag: string | null; readonly notes: readonly Finding[] }

interface Wish { readonly wanted: string; readonly engine: EngineId; readonly forSwarm: boolean; readonly programVersion: string }

/** @throws BAD_INPUT where it is no image of ours, and what loading throws */
export async function findVariantImage(engine: Engine, { wanted, engine: engineId, forSwarm, programVersion }: Wish, context: Pick<JobContext, 'signal' | 'progress'>): Promise<VariantImage> {
  if (engineId !== 'millwright') throw new AppError('BAD_INPUT', '--image names an image of Millwright\'s own runtime, and another engine is to serve.', { hint: 'Name the image of another engine with --engine-image.' });
  if (forSwarm) throw new AppError('BAD_INPUT', 'On a Swarm the image is the one of this installation.', { hint: 'Leave out --image.' });
  const found = await findEngineImage(engine, { title: 'Millwright serving', wanted, before: null, usualNames: [] }, context);
  if (found.labels[variantLabel] !== 'cuda') throw new AppError('BAD_INPUT', `The image ${found.tag ?? found.id} is not a serving image of Millwright with CUDA: it lacks the label ${variantLabel}=cuda.`, { hint: 'Write the recipe with `millwright image recipe --cuda`, and build it where there is a network.' });
  return described(found, programVersion);
}

/** A further version of a station that uses GPUs keeps the image of the one before. */
export async function previousVariant(engine: Engine, { gpus }: { readonly gpus: boolean }, known: Deployment | null, ownImageId: string, { signal }: Pick<JobContext, 'signal'>): Promise<VariantImage | null> {
  const live = known && known.swarm === null ? liveVersion(known) : null;
  if (!gpus || !live || live.engine !== 'millwright' || live.imageId === ownImageId) return null;
  const found = await inspectImage(engine, live.imageId, signal);
  return found && found.labels[variantLabel] === 'cuda' ? { id: found.id, tag: found.tag, notes: [] } : null;
}

function described({ id, tag, labels }: ImageDetail, programVersion: string): VariantImage {
  const version = labels['org.opencontainers.image.version'] ?? '';
  return { id, tag, notes: version === programVersion ? [] : [{ id: 'IMAGE_OTHER_VERSION', severity: 'warning', place: tag ?? id, message: `The image was made for Millwright ${version === '' ? 'of an unknown version' : version}, and this is ${programVersion}.`, remedy: 'Write the recipe anew with `millwright image recipe --cuda`, and build it again.' }] };
}
