// A station's versions as services of a Swarm: what they are made from, and the single steps that change them. Each step may find its work done already.
import { createHash } from 'node:crypto';
import { servedOptions } from '#shared/contract/runtimeOptions';
import type { Deployment, DeploymentVersion, SwarmWish } from '#shared/contract/serving';
import { servingUser } from '#core/images/imageDocuments';
import { modelGrpcPort, modelHttpPort, sealedGrpcPort, sealedHttpPort } from '#core/stations/gatewayOrders';
import { namesOf, type ObservedService } from '#core/stations/planStation';
import { AppError } from '#shared/errors';
import type { Engine } from './Engine.ts';
import { labelOf, stopGraceSeconds } from './stationSpecs.ts';
import { statusOf } from './translateDockerError.ts';

/** Of each version by itself: a node that could not be given the next one still serves the one before. */
export const nodeLabelOf = (stationId: string, version: string): string => `org.millwright.station.${stationId}.${version}`;

const ns = (seconds: number) => seconds * 1e9;
/** Swarm goes on to the next replica when this one is healthy, and judges it for a while after. */
const healthSeconds = 10;
const monitorSeconds = 5;
const probe = 'fetch("http://127.0.0.1:8080/v2/health/ready").then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))';

/** As hardened as a station on one host, as far as Swarm allows. The port belongs to the node, so that a replica stops before the next one starts: what makes it seamless is the next version beside it, and the gateway. */
export function serviceSpec(deployment: Deployment, version: DeploymentVersion, swarm: SwarmWish, owner: string): { readonly spec: Record<string, unknown>; readonly hash: string } {
  const name = namesOf(deployment.slug).model(version.id);
  const reach = version.replicaSealed ? { http: sealedHttpPort, grpc: sealedGrpcPort, env: ['HOST=127.0.0.1', `SEALED_PORT=${sealedHttpPort}`, ...version.replicaGrpcPort === null ? [] : [`SEALED_GRPC_PORT=${sealedGrpcPort}`]] } : { http: modelHttpPort, grpc: modelGrpcPort, env: [] };
  const turn = { Parallelism: 1, Delay: 0, Monitor: ns(monitorSeconds), MaxFailureRatio: 0, Order: 'stop-first' };
  const spec = {
    Name: name,
    TaskTemplate: {
      ContainerSpec: {
        Image: version.imageId, Args: ['serve'], User: servingUser, Init: true, ReadOnly: true, StopGracePeriod: ns(stopGraceSeconds), CapabilityDrop: ['ALL'], Privileges: { NoNewPrivileges: true },
        // Not ready for longer than the gateway takes to notice, before it stops listening.
        Env: ['ORT_DISABLE_TELEMETRY=1', 'MODEL_DIR=/models', `PORT=${modelHttpPort}`, `GRPC_PORT=${version.replicaGrpcPort === null ? -1 : modelGrpcPort}`, `THREADS=${servedOptions(version.cpus).threads}`, 'DRAIN_DELAY_MS=2500', `API_KEY=${swarm.key}`, ...reach.env],
        Mounts: [{ Type: 'tmpfs', Target: '/tmp', TmpfsOptions: { SizeBytes: 64 * 1024 ** 2, Mode: 0o1777 } }],
        Healthcheck: { Test: ['CMD', '/usr/local/bin/node', '-e', probe], Interval: ns(healthSeconds), Timeout: ns(5), Retries: 3, StartPeriod: ns(30), StartInterval: ns(1) },
      },
      Resources: { Limits: { NanoCPUs: Math.round(version.cpus * 1e9), MemoryBytes: version.memoryBytes, Pids: 512 } },
      RestartPolicy: { Condition: 'any', Delay: ns(2), MaxAttempts: 0 },
      Placement: { Constraints: [`node.labels.${nodeLabelOf(deployment.id, version.id)}==yes`], Preferences: [{ Spread: { SpreadDescriptor: 'node.id' } }], MaxReplicas: 1 },
      LogDriver: { Name: 'json-file', Options: { 'max-size': '10m', 'max-file': '3' } },
    },
    UpdateConfig: { ...turn, FailureAction: 'rollback' },
    RollbackConfig: { ...turn, FailureAction: 'pause' },
    EndpointSpec: { Mode: 'dnsrr', Ports: [{ Protocol: 'tcp', TargetPort: reach.http, PublishedPort: version.replicaPort, PublishMode: 'host' }, ...(version.replicaGrpcPort === null ? [] : [{ Protocol: 'tcp', TargetPort: reach.grpc, PublishedPort: version.replicaGrpcPort, PublishMode: 'host' }])] },
  };
  const hash = createHash('sha256').update(JSON.stringify(spec)).digest('hex').slice(0, 32);
  return { spec: { ...spec, Labels: { [labelOf.owner]: owner, [labelOf.station]: deployment.id, [labelOf.role]: 'model', [labelOf.version]: version.id, [labelOf.spec]: hash } }, hash };
}

interface RawService {
  readonly ID: string; readonly Version: { readonly Index: number };
  readonly Spec: { readonly Name: string; readonly Labels?: Record<string, string>; readonly Mode?: { readonly Replicated?: { readonly Replicas?: number } }; readonly TaskTemplate: { readonly ForceUpdate?: number } };
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string };
}

/** Those that carry this owner's mark, by station; none where the engine manages no Swarm. */
export async function observeServices(engine: Engine, owner: string, signal?: AbortSignal): Promise<Map<string, ObservedService[]>> {
  const found = await engine.ask('Listing the services', async (docker, abortSignal) => (docker.listServices({ filters: { label: [`${labelOf.owner}=${owner}`] }, abortSignal } as object) as unknown as Promise<RawService[]>).catch((error: unknown) => { // the types know it as any
    if ([404, 406, 503].includes(statusOf(error) ?? 0)) return [];
    throw error;
  }), { signal });
  const byStation = new Map<string, ObservedService[]>();
  for (const { Spec } of found) {
    const station = Spec.Labels?.[labelOf.station] ?? '';
    byStation.set(station, [...byStation.get(station) ?? [], { name: Spec.Name, version: Spec.Labels?.[labelOf.version] ?? '', spec: Spec.Labels?.[labelOf.spec] ?? '', replicas: Spec.Mode?.Replicated?.Replicas ?? 0 }]);
  }
  return byStation;
}

const inspect = (engine: Engine, name: string, signal?: AbortSignal) => engine.askMaybe(`Looking at the service ${name}`, async (docker, abortSignal) => docker.getService(name).inspect({ abortSignal } as object) as unknown as Promise<RawService>, { signal }); // as above

export async function createService(engine: Engine, spec: Readonly<Record<string, unknown>>, replicas: number, station: string, signal?: AbortSignal): Promise<void> {
  await engine.ask(`Making the service of ${station}`, async (docker, abortSignal) => docker.createService({ ...spec, Mode: { Replicated: { Replicas: replicas } }, abortSignal } as object).catch((error: unknown) => {
    if (statusOf(error) !== 409) throw error; // another process was faster
  }), { signal });
}

/** Each change is one of a certain state of the service; when another was faster it is made anew. */
async function change(engine: Engine, name: string, what: string, specOf: (now: RawService) => object, signal?: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries++) {
    const now = await inspect(engine, name, signal);
    if (!now) return;
    try {
      await engine.ask(what, async (docker, abortSignal) => docker.getService(name).update({ _query: { version: now.Version.Index }, _body: specOf(now), abortSignal } as object), { signal });
      return;
    } catch (error) {
      if (tries === 5 || !(error instanceof AppError) || !/out of sequence/.test(error.message)) throw error;
    }
  }
}

export const updateService = (engine: Engine, name: string, spec: Readonly<Record<string, unknown>>, replicas: number, station: string, signal?: AbortSignal) => change(engine, name, `Changing the service of ${station}`, () => ({ ...spec, Mode: { Replicated: { Replicas: replicas } } }), signal);
export const scaleService = (engine: Engine, name: string, replicas: number, station: string, signal?: AbortSignal) => change(engine, name, `Changing the number of replicas of ${station}`, ({ Spec }) => ({ ...Spec, Mode: { Replicated: { Replicas: replicas } } }), signal);
/** New containers for all replicas, one after the other. */
export const renewService = (engine: Engine, name: string, station: string, signal?: AbortSignal) => change(engine, name, `Restarting the replicas of ${station}`, ({ Spec }) => ({ ...Spec, TaskTemplate: { ...Spec.TaskTemplate, ForceUpdate: (Spec.TaskTemplate.ForceUpdate ?? 0) + 1 } }), signal);

/** "updating", "completed", "rollback_completed", "paused" …; null where it was never updated. */
export async function updateState(engine: Engine, name: string, signal?: AbortSignal): Promise<{ readonly state: string; readonly message: string } | null> {
  const status = (await inspect(engine, name, signal))?.UpdateStatus;
  return status?.State ? { state: status.State, message: status.Message ?? '' } : null;
}

/** How many Swarm is told to run; null where there is no such service. */
export const wantedReplicas = async (engine: Engine, name: string, signal?: AbortSignal): Promise<number | null> => (await inspect(engine, name, signal))?.Spec.Mode?.Replicated?.Replicas ?? null;

export async function removeService(engine: Engine, name: string, signal?: AbortSignal): Promise<void> {
  await engine.askMaybe(`Removing the service ${name}`, async (docker, abortSignal) => docker.getService(name).remove({ abortSignal } as object), { signal });
}

export interface SwarmTask { readonly id: string; readonly nodeId: string | null; readonly state: string; readonly desired: string; readonly since: string; readonly error: string; readonly exitCode: number | null; readonly slot: number }
interface RawTask { readonly ID: string; readonly NodeID?: string; readonly Slot?: number; readonly DesiredState: string; readonly Status: { readonly State: string; readonly Timestamp: string; readonly Err?: string; readonly ContainerStatus?: { readonly ExitCode?: number } } }

/** Newest first; those that ended are among them for a while. */
export async function listTasks(engine: Engine, service: string, signal?: AbortSignal): Promise<SwarmTask[]> {
  const found = await engine.askMaybe('Listing the replicas', async (docker, abortSignal) => docker.listTasks({ filters: { service: [service] }, abortSignal } as object) as unknown as Promise<RawTask[]>, { signal }); // as above
  return (found ?? []).map(({ ID, NodeID, Slot, DesiredState, Status }) => ({ id: ID, nodeId: NodeID || null, state: Status.State, desired: DesiredState, since: Status.Timestamp, error: Status.Err ?? '', exitCode: Status.ContainerStatus?.ExitCode ?? null, slot: Slot ?? 0 })).sort((a, b) => (a.since < b.since ? 1 : -1));
}

const taskLabel = 'com.docker.swarm.service.name';

/** The containers of these services on one node, in whatever state. */
export async function serviceContainers(node: Engine, services: readonly string[], signal?: AbortSignal): Promise<{ readonly name: string; readonly service: string; readonly running: boolean }[]> {
  const found = await node.ask('Listing the containers of a node', async (docker, abortSignal) => docker.listContainers({ all: true, filters: { label: [taskLabel] }, abortSignal }), { signal });
  return found.flatMap(({ Names, Labels, State }) => { const service = Labels[taskLabel] ?? ''; return services.includes(service) ? [{ name: (Names[0] ?? '').replace(/^\//, ''), service, running: State.toLowerCase() === 'running' }] : []; });
}

export const listTags = (node: Engine, signal?: AbortSignal): Promise<string[]> => node.ask('Listing the images', async (docker, abortSignal) => docker.listImages({ abortSignal }), { signal }).then((images) => images.flatMap(({ RepoTags }) => RepoTags ?? []));

/** Null where it is gone; false where something still uses it. */
export async function removeImage(node: Engine, tag: string, signal?: AbortSignal): Promise<boolean | null> {
  return node.askMaybe('Removing the image', async (docker, abortSignal) => docker.getImage(tag).remove({ force: true, abortSignal } as object).then(() => true, (error: unknown) => { if (statusOf(error) === 409) return false; throw error; }), { signal, deadlineMs: 60_000 });
}
