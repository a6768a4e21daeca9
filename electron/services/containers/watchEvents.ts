// Tells when something happens to containers that carry a mark, until the caller stops or the engine is gone.
import type { Readable } from 'node:stream';
import type { Engine } from './Engine.ts';
import { followLines } from './followLines.ts';
import { labelOf } from './stationSpecs.ts';
import { translateDockerError } from './translateDockerError.ts';

/** What a reconciliation may have to answer; the engine's own housekeeping (exec, attach …) is left out. */
const actions = ['create', 'start', 'die', 'oom', 'kill', 'stop', 'pause', 'unpause', 'destroy', 'rename'];

/** Resolves when the signal is aborted. @throws CONNECTION_LOST when the engine ends the stream */
export async function watchEvents(engine: Engine, owner: string, onEvent: () => void, signal: AbortSignal): Promise<void> {
  const controller = new AbortController();
  const onAbort = () => controller.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) return;
  try {
    const stream = await engine.docker.getEvents({ filters: { type: ['container'], event: actions, label: [`${labelOf.owner}=${owner}`] }, abortSignal: controller.signal }) as Readable; // the library's answer is the response of Node's http
    await followLines(stream, () => onEvent());
    // Events have no end of their own.
    if (!signal.aborted) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  } catch (error) {
    if (!signal.aborted) throw translateDockerError(error, 'Watching the containers', engine.url);
  } finally {
    signal.removeEventListener('abort', onAbort);
    controller.abort();
  }
}
