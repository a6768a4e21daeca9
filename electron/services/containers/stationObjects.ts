// A station's containers, volumes and networks on the engine: what is there, and the single steps that change it. Each step may find its work done already.
import type { Readable } from 'node:stream';
import type { Deployment, DeploymentVersion } from '#shared/contract/serving';
import { isAppError } from '#shared/errors';
import type { GatewayConfig } from '#shared/gateway';
import type { ObservedContainer, ObservedService, ObservedStation } from '#core/stations/planStation';
import { edgeNetwork, namesOf } from '#core/stations/planStation';
import type { Engine } from './Engine.ts';
import { observeServices } from './swarmServices.ts';
import { fillerSpec, gatewaySpec, labelOf, modelSpec, stopGraceSeconds } from './stationSpecs.ts';
import { statusOf, wordsOfEngine } from './translateDockerError.ts';

const roles: readonly string[] = ['gateway', 'model', 'filler'];
const isRole = (role: string | undefined): role is ObservedContainer['role'] => role !== undefined && roles.includes(role);

/** Everything that carries this owner's mark, by station. */
export async function observeStations(engine: Engine, owner: string, signal?: AbortSignal): Promise<Map<string, ObservedStation>> {
  const filters = { label: [`${labelOf.owner}=${owner}`] };
  const options = { signal };
  const [services, containers, volumes, networks] = await Promise.all([
    observeServices(engine, owner, signal),
    engine.ask('Listing the containers', async (docker, abortSignal) => docker.listContainers({ all: true, filters, abortSignal }), options),
    engine.ask('Listing the volumes', async (docker, abortSignal) => docker.listVolumes({ filters, abortSignal }), options),
    // All of them: that of the gateways may carry another owner's mark.
    engine.ask('Listing the networks', async (docker, abortSignal) => docker.listNetworks({ abortSignal }), options),
  ]);
  const found = new Map<string, { containers: ObservedContainer[]; volumes: string[]; networks: string[]; services?: readonly ObservedService[] }>();
  const at = (marks: Readonly<Record<string, string>> | null | undefined) => {
    const id = marks?.[labelOf.station] ?? '';
    const known = found.get(id) ?? { containers: [], volumes: [], networks: [], ...(services.has(id) ? { services: services.get(id) ?? [] } : {}) };
    found.set(id, known);
    return known;
  };
  for (const id of services.keys()) at({ [labelOf.station]: id });
  const networkOf = existing(networks);
  for (const { Names, Labels, State, NetworkSettings } of containers) {
    const role = Labels[labelOf.role];
    if (isRole(role)) at(Labels).containers.push({ name: (Names[0] ?? '').replace(/^\//, ''), role, version: Labels[labelOf.version] ?? null, state: State.toLowerCase(), spec: Labels[labelOf.spec] ?? '', networks: networkOf(NetworkSettings) });
  }
  for (const { Name, Labels } of volumes.Volumes ?? []) at(Labels).volumes.push(Name);
  for (const { Name, Labels } of networks) if (Name !== edgeNetwork && ownerIn(Labels) === owner) at(Labels).networks.push(Name);
  found.delete('');
  return found;
}

const ownerIn = (labels: Readonly<Record<string, string>> | null | undefined) => labels?.[labelOf.owner];

/** A stopped container still names a network that is gone, by its id; another one under the same name does not help it. Before its first start it has no id yet, and Podman puts the name in its place. */
function existing(networks: readonly { readonly Id: string; readonly Name: string }[]) {
  const known = new Set(networks.flatMap(({ Id, Name }) => [Id, Name]));
  // What an engine leaves out is not told, whatever the types say.
  return (settings: { readonly Networks?: Readonly<Record<string, { readonly NetworkID?: string } | null>> | null } | null | undefined): string[] | null => (settings?.Networks ? Object.entries(settings.Networks).flatMap(([name, place]) => (known.has(place?.NetworkID || name) ? [name] : [])) : null);
}

export const emptyStation: ObservedStation = { containers: [], volumes: [], networks: [] };

const marks = (deployment: Deployment, owner: string) => ({ [labelOf.owner]: owner, [labelOf.station]: deployment.id });
/** Another process was faster: what was to be made is there. */
const unlessThere = async <T>(work: Promise<T>): Promise<T | null> => work.catch((error: unknown) => { if (statusOf(error) === 409) return null; throw error; });

/** `internal`: nobody in it reaches anything outside of it. Network names are not unique in Docker, so it is looked for first. */
async function createNetwork(engine: Engine, name: string, labels: Record<string, string>, internal: boolean, signal: AbortSignal | undefined): Promise<void> {
  const known = await engine.ask('Looking for the network', async (docker, abortSignal) => docker.listNetworks({ filters: { name: [name] }, abortSignal }), { signal });
  if (known.some(({ Name }) => Name === name)) return;
  await engine.ask(`Making the network ${name}`, async (docker, abortSignal) => unlessThere(docker.createNetwork({
    Name: name, Driver: 'bridge', Internal: internal, CheckDuplicate: true, Labels: labels, ...(internal ? {} : { Options: { 'com.docker.network.bridge.enable_icc': 'false' } }), abortSignal,
  })), { signal });
}

export const createStationNetwork = async (engine: Engine, deployment: Deployment, owner: string, signal?: AbortSignal) => {
  await createNetwork(engine, namesOf(deployment.slug).network, marks(deployment, owner), true, signal);
};

export async function createVolume(engine: Engine, name: string, deployment: Deployment, owner: string, signal?: AbortSignal): Promise<void> {
  await engine.ask(`Making the volume ${name}`, async (docker, abortSignal) => docker.createVolume({ Name: name, Labels: marks(deployment, owner), abortSignal }), { signal });
}

/** The files become the volume's own, so that they are there wherever the engine runs and whatever happens to the model's folder. */
export async function fillVolume(engine: Engine, deployment: Deployment, version: DeploymentVersion, owner: string, archive: () => Readable, signal?: AbortSignal): Promise<void> {
  const what = `Copying ${version.modelName} to the engine`;
  const filler = fillerSpec(deployment, version, owner);
  // Podman refuses a mount with labels (its --volume-label): there the volume is made a moment before its filler.
  if (engine.facts.engine === 'podman') {
    for (const mount of filler.HostConfig?.Mounts ?? []) { await createVolume(engine, mount.Source, deployment, owner, signal); delete mount.VolumeOptions; }
  }
  try {
    await engine.ask(what, async (docker, abortSignal) => docker.createContainer({ ...filler, abortSignal }), { signal });
  } catch (error) {
    // The volume may be there already, and would be taken for a filled one. On a conflict of names it is another process's, which is filling it.
    if (!isAppError(error) || statusOf(error.cause) !== 409) for (const { Source } of filler.HostConfig?.Mounts ?? []) await removeVolume(engine, Source).catch(() => undefined);
    throw error;
  }
  const source = archive();
  let failure: unknown = null;
  const failed = new Promise<never>((_, reject) => { source.once('error', (error) => { failure = error; reject(error); }); });
  failed.catch(() => undefined);
  try {
    await engine.ask(what, async (docker, abortSignal) => Promise.race([docker.getContainer(filler.name ?? '').putArchive(source, { path: '/models', abortSignal } as { path: string }), failed]), { signal, deadlineMs: 30 * 60_000 }); // the types know no signal here, the library takes it
  } catch (error) {
    throw failure ?? error;
  } finally {
    source.destroy();
  }
  await removeContainer(engine, filler.name ?? '', signal);
}

export async function createModel(engine: Engine, deployment: Deployment, version: DeploymentVersion, owner: string, signal?: AbortSignal): Promise<void> {
  const { spec } = modelSpec(deployment, version, owner);
  await engine.ask(`Making the container of ${version.modelName}`, async (docker, abortSignal) => unlessThere(docker.createContainer({ ...spec, abortSignal })), { signal });
}

export async function createGateway(engine: Engine, deployment: Deployment, owner: string, orders: GatewayConfig, signal?: AbortSignal): Promise<void> {
  await createNetwork(engine, edgeNetwork, { [labelOf.owner]: owner }, false, signal);
  const { spec } = gatewaySpec(deployment, owner, orders);
  const what = `Making the gateway of ${deployment.station}`;
  await engine.ask(what, async (docker, abortSignal) => unlessThere(docker.createContainer({ ...spec, abortSignal })), { signal });
  if (deployment.swarm !== null) return; // its replicas are on other machines
  await engine.ask(what, async (docker, abortSignal) => docker.getNetwork(namesOf(deployment.slug).network).connect({ Container: spec.name ?? '', abortSignal } as { Container: string }).catch((error: unknown) => { // as above
    if (statusOf(error) !== 403 && statusOf(error) !== 409) throw error; // it is in the network already
  }), { signal });
}

export async function startContainer(engine: Engine, name: string, station: string, signal?: AbortSignal): Promise<void> {
  const what = `Starting ${name} of ${station}`;
  await engine.ask(what, async (docker, abortSignal) => {
    const container = docker.getContainer(name);
    await container.start({ abortSignal } as object).catch(async (error: unknown) => {
      const status = statusOf(error);
      // It runs already, or another process has taken it away. A network that is gone is a 404 too, and then it does not run.
      if (status === 304 || (status === 404 && /no such container/i.test(wordsOfEngine(error)))) return;
      // "cannot start a paused container, try unpause instead"; where that was not the matter, it is refused too.
      if (status !== 409) throw error;
      await container.unpause({ abortSignal } as object).catch(() => { throw error; });
    });
  }, { signal, deadlineMs: 60_000 });
}

export async function stopContainer(engine: Engine, name: string, station: string, signal?: AbortSignal): Promise<void> {
  await engine.askMaybe(`Stopping ${name} of ${station}`, async (docker, abortSignal) => docker.getContainer(name).stop({ t: stopGraceSeconds, abortSignal } as { t: number }), { signal, deadlineMs: (stopGraceSeconds + 20) * 1000 });
}

export async function removeContainer(engine: Engine, name: string, signal?: AbortSignal): Promise<void> {
  await engine.askMaybe(`Removing ${name}`, async (docker, abortSignal) => docker.getContainer(name).remove({ force: true, v: true, abortSignal } as { force: boolean; v: boolean }).catch((error: unknown) => {
    if (statusOf(error) !== 409) throw error; // "removal … is already in progress"
  }), { signal, deadlineMs: 60_000 });
}

export async function removeVolume(engine: Engine, name: string, signal?: AbortSignal): Promise<void> {
  await engine.askMaybe(`Removing the volume ${name}`, async (docker, abortSignal) => docker.getVolume(name).remove({ abortSignal }), { signal });
}

export async function removeNetwork(engine: Engine, name: string, signal?: AbortSignal): Promise<void> {
  await engine.askMaybe(`Removing the network ${name}`, async (docker, abortSignal) => docker.getNetwork(name).remove({ abortSignal } as object), { signal });
}

/** The shared network goes with the last gateway; while another owner's gateways are in it, it stays. */
export async function removeEdgeIfEmpty(engine: Engine, signal?: AbortSignal): Promise<void> {
  const edge = await engine.askMaybe('Looking at the network of the gateways', async (docker) => docker.getNetwork(edgeNetwork).inspect(), { signal });
  if (!edge) return;
  const users = await engine.ask('Listing the gateways', async (docker, abortSignal) => docker.listContainers({ all: true, filters: { network: [edgeNetwork] }, abortSignal }), { signal });
  if (users.length === 0) await removeNetwork(engine, edgeNetwork, signal);
}

export interface ContainerDetail {
  readonly state: string;
  readonly startedAt: string | null;
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  readonly error: string;
  readonly restarts: number;
}

export async function inspectContainer(engine: Engine, name: string, signal?: AbortSignal): Promise<ContainerDetail | null> {
  const found = await engine.askMaybe(`Looking at ${name}`, async (docker, abortSignal) => docker.getContainer(name).inspect({ abortSignal }), { signal });
  if (!found) return null;
  const { State, RestartCount } = found;
  // A paused one has not ended.
  const running = State.Status === 'running' || State.Status === 'paused';
  return { state: State.Status, startedAt: State.StartedAt.startsWith('0001-') ? null : State.StartedAt, exitCode: running || State.Status === 'created' && State.Error === '' ? null : State.ExitCode, outOfMemory: State.OOMKilled, error: State.Error, restarts: RestartCount };
}
