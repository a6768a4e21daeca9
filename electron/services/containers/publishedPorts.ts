// Ports of the engine's machine that its containers hold.
import type { Engine } from './Engine.ts';

export async function publishedPorts(engine: Engine, signal?: AbortSignal): Promise<number[]> {
  const containers = await engine.ask('Listing the containers', async (docker, abortSignal) => docker.listContainers({ abortSignal }), { signal });
  return containers.flatMap(({ Ports }) => Ports.flatMap(({ PublicPort }) => (PublicPort === undefined ? [] : [PublicPort])));
}
