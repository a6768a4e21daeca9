// The containers of a station's replicas on all nodes of a Swarm, for measuring them: only the engine of a node knows what runs there.
import type { Deployment } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { namesOf } from '#core/stations/planStation';
import type { Engine } from '../containers/Engine.ts';
import { openNodeEngine } from '../containers/swarmNodes.ts';
import { serviceContainers } from '../containers/swarmServices.ts';
import type { Services } from '../Services.ts';

export interface FoundReplica { readonly on: Engine; readonly name: string; readonly version: string }

/** A node that did not answer is asked again after this. */
const againMs = 15_000;

/** Remembers the connections, which over SSH are logins. A node that does not answer has nothing to show. */
export function makeReplicaFinder(services: Services): (engine: Engine, deployment: Deployment, signal: AbortSignal) => Promise<readonly FoundReplica[]> {
  const engines = new Map<string, Engine>();
  const failedAt = new Map<string, number>();
  return async (engine, { swarm, slug, live, candidate }, signal) => {
    if (swarm === null) return [];
    const versions = new Map([live, ...(candidate === null ? [] : [candidate])].map((version) => [namesOf(slug).model(version), version]));
    const found = await Promise.all(swarm.nodes.map(async ({ url, name }): Promise<FoundReplica[]> => {
      if (url !== null && services.clock() - (failedAt.get(url) ?? -againMs) < againMs) return [];
      try {
        const on = url === null ? engine : engines.get(url) ?? await openNodeEngine(services, url, name);
        if (url !== null) engines.set(url, on);
        return (await serviceContainers(on, [...versions.keys()], signal)).flatMap((one) => (one.running ? [{ on, name: one.name, version: versions.get(one.service) ?? '' }] : []));
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof AppError) || url === null) throw error;
        engines.delete(url);
        failedAt.set(url, services.clock());
        return [];
      }
    }));
    return found.flat();
  };
}
