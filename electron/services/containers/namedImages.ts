// Images that the container engine has, by name or id, and what a station has to know of one.
import type { Engine } from './Engine.ts';

export interface ImageDetail {
  readonly id: string;
  readonly tag: string | null;
  readonly architecture: string;
  /** Empty where the image names none, which is root. */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** As the engine allows them; another text would become another address of its interface. */
const nameForm = /^[a-z0-9][\w.:@-]*(?:\/[a-z0-9][\w.:@-]*)*$/i;

export async function inspectImage(engine: Engine, name: string, signal?: AbortSignal): Promise<ImageDetail | null> {
  if (!nameForm.test(name)) return null;
  const found = await engine.askMaybe('Looking for the image', async (docker, abortSignal) => docker.getImage(name).inspect({ abortSignal } as object), { signal }); // the types know no options here, the library takes them
  return found && { id: found.Id, tag: found.RepoTags.includes(name) ? name : found.RepoTags[0] ?? null, architecture: found.Architecture, user: found.Config.User, labels: found.Config.Labels ?? {} };
}

/** The newest under this name, from whatever registry it came. `name` may carry a tag. */
export async function findNamedImage(engine: Engine, name: string, signal?: AbortSignal): Promise<ImageDetail | null> {
  const images = await engine.ask('Listing the images', async (docker, abortSignal) => docker.listImages({ abortSignal }), { signal });
  const fits = (tag: string) => { const bare = name.includes(':') ? tag : tag.replace(/:[^:/]*$/, ''); return bare === name || bare.endsWith(`/${name}`); };
  const newest = images.filter(({ RepoTags }) => RepoTags?.some(fits)).sort((a, b) => b.Created - a.Created)[0];
  return newest ? inspectImage(engine, newest.Id, signal) : null;
}
