// Gives an image archive to the container engine and makes sure that it arrived: the engine reports failures inside a successful answer, or not at all.
import type { Readable } from 'node:stream';
import { AppError } from '#shared/errors';
import type { Engine } from './Engine.ts';
import { followLines } from './followLines.ts';
import { translateDockerError } from './translateDockerError.ts';

export interface ImageIds {
  /** SHA-256 of the configuration: the id in Docker's classic store. */
  readonly configDigest: string;
  /** The id in stores of the newer kind, where it is known. */
  readonly manifestDigest: string | null;
}

export interface LoadOptions {
  /** Opened only when the engine is ready to take it. */
  readonly archive: () => Readable;
  readonly sizeBytes: number;
  readonly ids: ImageIds;
  readonly tag: string | null;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: (stage: string, done: number, total: number) => void;
}

/** So long may the engine be silent; a slow disk takes minutes for the whole, but says something all the time. */
const silenceMs = 120_000;

/** The id under which the engine has the image, or null. */
export async function findImage(engine: Engine, { configDigest, manifestDigest }: ImageIds, signal?: AbortSignal): Promise<string | null> {
  for (const digest of [configDigest, ...(manifestDigest === null ? [] : [manifestDigest])]) {
    const found = await engine.askMaybe('Looking for the image', async (docker, abortSignal) => docker.getImage(digest).inspect({ abortSignal } as object), { signal }); // the types know no options here, the library takes them
    if (found) return found.Id;
  }
  return null;
}

/** Answers the id in the engine. @throws BAD_INPUT (damaged), DISK_FULL, CONNECTION_LOST, TIMEOUT */
export async function loadImage(engine: Engine, options: LoadOptions): Promise<{ readonly id: string; readonly alreadyThere: boolean }> {
  const { ids, tag, signal } = options;
  const known = await findImage(engine, ids, signal);
  if (known === null) await send(engine, options);
  const id = known ?? await findImage(engine, ids, signal);
  if (id === null) throw new AppError('BAD_INPUT', 'The engine took the image file, but has no such image now: the file is damaged.', { hint: 'Copy the file again; `millwright image build` makes a new one.' });
  if (tag !== null) {
    const [repo, name] = splitTag(tag);
    await engine.ask('Naming the image', async (docker, abortSignal) => docker.getImage(id).tag({ repo, tag: name, abortSignal }), { signal });
  }
  return { id, alreadyThere: known !== null };
}

const splitTag = (tag: string): [string, string] => { const at = tag.lastIndexOf(':'); return at < 0 ? [tag, 'latest'] : [tag.slice(0, at), tag.slice(at + 1)]; };
const what = 'Loading the image';

async function send(engine: Engine, { archive, sizeBytes, signal, progress }: LoadOptions): Promise<void> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const source = archive();
  let timer: NodeJS.Timeout | undefined;
  let failure: unknown = null;
  const fail = (error: unknown) => { failure ??= error; controller.abort(error); source.destroy(); };
  const alive = () => { clearTimeout(timer); timer = setTimeout(() => fail(new AppError('TIMEOUT', `${what} stopped: the engine said nothing for ${silenceMs / 1000} seconds.`)), silenceMs); };
  const onAbort = () => fail(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  // A pipe does not pass on that its source failed: the request would wait for ever.
  source.on('error', fail);
  let sent = 0;
  source.on('data', (part: Uint8Array) => { sent += part.length; alive(); progress?.('Sending the image', sent, sizeBytes); });
  source.pause();
  const cut = new Promise<never>((_, reject) => { controller.signal.addEventListener('abort', () => reject(failure), { once: true }); });
  cut.catch(() => undefined);
  alive();
  try {
    const answer = await Promise.race([engine.docker.loadImage(source, { quiet: 0, abortSignal: controller.signal } as object), cut]); // as above
    await Promise.race([followLines(answer as Readable, (line) => { alive(); readEvent(line, engine.url); }), cut]); // the library's answer is the response of Node's http
  } catch (error) {
    throw failure === null ? translateDockerError(error, what, engine.url) : failure;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    controller.abort();
    source.destroy();
  }
}

function readEvent(line: string, url: string): void {
  let event: { readonly error?: unknown; readonly errorDetail?: { readonly message?: unknown }; readonly stream?: unknown };
  try { event = JSON.parse(line) as typeof event; } catch { return; } // not an event: the check of the id decides
  const text = typeof event.errorDetail?.message === 'string' ? event.errorDetail.message : typeof event.error === 'string' ? event.error : typeof event.stream === 'string' && event.stream.startsWith('Error unpacking') ? event.stream : null;
  if (text !== null) throw translateDockerError(Object.assign(new Error(text), { statusCode: 500 }), what, url);
}

