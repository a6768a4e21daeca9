// The serving image is for Linux on x86-64: says so before it is sent to an engine that cannot run it.
import { AppError } from '#shared/errors';
import type { Engine } from './Engine.ts';

/** @throws DOCKER_REFUSED */
export async function refuseOtherPlatform(engine: Engine, signal?: AbortSignal): Promise<void> {
  const { Architecture, OSType } = await engine.ask('Asking the engine for its platform', async (docker) => docker.info() as Promise<{ readonly Architecture?: string; readonly OSType?: string }>, { signal }); // the types know no shape here
  if (OSType === 'windows') throw new AppError('DOCKER_REFUSED', 'The container engine runs Windows containers, and serving needs Linux ones.', { hint: 'Switch Docker Desktop to Linux containers.' });
  if (Architecture !== undefined && !/^(?:x86_64|amd64|x86-64)$/i.test(Architecture)) throw new AppError('DOCKER_REFUSED', `The container engine runs on ${Architecture.slice(0, 40)}, and the serving image is for x86-64.`, { hint: 'Use an engine on a machine with an x86-64 processor.' });
}
