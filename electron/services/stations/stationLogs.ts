// The log of a station: the lines of its containers in the order of their time, once or as they come.
import type { EventOf, ParsedInputOf } from '#shared/contract/index';
import { isAppError } from '#shared/errors';
import type { LogLine } from '#core/stations/logFrames';
import { followLogs, readLogs } from '../containers/containerLogs.ts';
import type { Engine } from '../containers/Engine.ts';
import { observeStations } from '../containers/stationObjects.ts';
import { pause } from '../pause.ts';
import type { Services } from '../Services.ts';
import { getDeployment, ownerOf } from './deployments.ts';
import { makeReplicaFinder } from './findReplicas.ts';
import { openStationEngine } from './stationEngine.ts';

const againMs = 1000;

export async function stationLogs(services: Services, { stationId, follow, tail, contains }: ParsedInputOf<'serving.logs'>, emit: (event: EventOf<'serving.logs'>) => void, signal: AbortSignal): Promise<void> {
  const deployment = getDeployment(services, stationId);
  const engine = await openStationEngine(services, deployment);
  const needle = contains.toLowerCase();
  const replicasOf = makeReplicaFinder(services);
  const containersOf = async (from: Engine): Promise<{ readonly on: Engine; readonly name: string }[]> => [
    ...((await observeStations(from, ownerOf(services), signal)).get(deployment.id)?.containers ?? []).filter(({ role }) => role !== 'filler').map(({ name }) => ({ on: from, name })),
    ...await replicasOf(from, getDeployment(services, stationId), signal),
  ];
  const tell = (container: string, { at, stream, line }: LogLine) => { if (needle === '' || line.toLowerCase().includes(needle)) emit({ at, container, stream, line }); };
  const found = await Promise.all((await containersOf(engine)).map(async ({ on, name }) => (await readLogs(on, name, { tail, signal })).map((line) => ({ name, line }))));
  const lines = found.flat().sort((a, b) => (a.line.at < b.line.at ? -1 : a.line.at > b.line.at ? 1 : 0));
  const last = new Map<string, string>();
  for (const { name, line } of lines) last.set(name, line.at);
  for (const { name, line } of tail === 0 ? [] : lines.slice(-tail)) tell(name, line);
  if (!follow) return;

  // A container that ends, is replaced or comes with an update is followed again; so is an engine that comes back.
  const followed = new Set<string>();
  while (!signal.aborted) {
    try {
      const now = await openStationEngine(services, deployment);
      for (const { on, name } of await containersOf(now)) {
        if (followed.has(name)) continue;
        followed.add(name);
        const since = last.get(name) ?? null;
        void followLogs(on, name, { tail: 100_000, since, signal }, (line) => {
          if (line.at <= (last.get(name) ?? '')) return; // the engine repeats the line of the moment that was asked for
          last.set(name, line.at);
          tell(name, line);
        }).catch(() => undefined).finally(() => followed.delete(name));
      }
    } catch (error) {
      if (!signal.aborted && !isAppError(error)) throw error; // an engine that is away is looked for again
    }
    await pause(againMs, signal);
  }
}
