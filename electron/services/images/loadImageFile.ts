// Loads an image into the container engine: from a file, or the serving image of this installation straight from its parts.
import { createReadStream } from 'node:fs';
import type { LoadedImage } from '#shared/contract/images';
import { loadImage } from '../containers/loadImage.ts';
import { openEngine, type Engine } from '../containers/Engine.ts';
import { engineSources } from '../containers/engineSources.ts';
import { refuseOtherPlatform } from '../containers/refuseOtherPlatform.ts';
import type { JobContext, Services } from '../Services.ts';
import { planImage } from './planImage.ts';
import { readArchive, type ArchiveFacts } from './readArchive.ts';
import { tarStream } from './tarStream.ts';

export async function loadImageFile(services: Services, { path }: { readonly path?: string | undefined }, context: Pick<JobContext, 'signal' | 'progress'>): Promise<LoadedImage> {
  const startedMs = performance.now();
  // A file that is no image is told before an engine that does not answer.
  context.progress({ stage: path === undefined ? 'Planning the layers' : 'Reading the file', done: 0, total: 0 });
  const facts = path === undefined ? null : { path, ...(await readArchive(path)) };
  const engine = await openEngine(engineSources(services));
  const loaded = facts === null ? await loadServingImage(services, engine, context) : await loadArchive(engine, facts, context);
  return { ...loaded, engine: engine.facts.reason, durationMs: performance.now() - startedMs };
}

type Loaded = Pick<LoadedImage, 'imageId' | 'tag' | 'alreadyThere'>;

/** Asks the engine first: an image that is there is not sent again. */
export async function loadServingImage(services: Pick<Services, 'resourcesDir' | 'version'>, engine: Engine, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<Loaded> {
  progress({ stage: 'Planning the layers', done: 0, total: 0 });
  await refuseOtherPlatform(engine, signal);
  const plan = await planImage(services, { signal });
  const { id, alreadyThere } = await loadImage(engine, {
    archive: () => tarStream(plan.files, signal), sizeBytes: plan.sizeBytes, ids: plan, tag: plan.tag, signal,
    progress: (stage, done, total) => progress({ stage, done, total }),
  });
  return { imageId: id, tag: plan.tag, alreadyThere };
}

export async function loadArchive(engine: Engine, { path, ...facts }: ArchiveFacts & { readonly path: string }, { signal, progress }: Pick<JobContext, 'signal' | 'progress'>): Promise<Loaded> {
  const { id, alreadyThere } = await loadImage(engine, {
    archive: () => createReadStream(path, { highWaterMark: 1 << 20 }), sizeBytes: facts.sizeBytes, ids: facts, tag: null, signal,
    progress: (stage, done, total) => progress({ stage, done, total }),
  });
  return { imageId: id, tag: facts.tags[0] ?? null, alreadyThere };
}
