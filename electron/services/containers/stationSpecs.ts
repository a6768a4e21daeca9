// What a station's containers are made from: hardened by default, with limits, and marked so that they are found again.
import { createHash } from 'node:crypto';
import type Docker from 'dockerode';
import type { Deployment, DeploymentVersion } from '#shared/contract/serving';
import type { EngineContainer } from '#shared/engines';
import type { GatewayConfig } from '#shared/gateway';
import { servingUser } from '#core/images/imageDocuments';
import { modelGrpcPort, modelHttpPort } from '#core/stations/gatewayOrders';
import { edgeNetwork, namesOf } from '#core/stations/planStation';

export const labelOf = { owner: 'org.millwright.owner', station: 'org.millwright.station', role: 'org.millwright.role', version: 'org.millwright.version', spec: 'org.millwright.spec' } as const;
/** Longer than the serving runtime takes to finish what is in flight. */
export const stopGraceSeconds = 35;

type Spec = Docker.ContainerCreateOptions;
const gatewayMemoryBytes = 256 * 1024 ** 2;

/** No capability, no new privilege, no writable disk but a little memory, no fork bomb, and a log that does not fill the disk. */
const hardened = (limits: { readonly memoryBytes: number; readonly cpus: number | null; readonly pids: number }): Docker.HostConfig => ({
  ReadonlyRootfs: true, Tmpfs: { '/tmp': 'rw,noexec,nosuid,nodev,size=67108864,mode=1777' },
  CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'], Privileged: false, Init: true,
  PidsLimit: limits.pids, Memory: limits.memoryBytes, MemorySwap: limits.memoryBytes, ...(limits.cpus === null ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
  RestartPolicy: { Name: 'unless-stopped', MaximumRetryCount: 0 },
  LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
});

const withHash = (spec: Spec, labels: Record<string, string>, hashed: unknown): { readonly spec: Spec; readonly hash: string } => {
  const hash = createHash('sha256').update(JSON.stringify(hashed)).digest('hex').slice(0, 32);
  return { spec: { ...spec, Labels: { ...labels, [labelOf.spec]: hash } }, hash };
};

const labels = (deployment: Deployment, owner: string, role: 'gateway' | 'model' | 'filler', version: string | null) => ({
  [labelOf.owner]: owner, [labelOf.station]: deployment.id, [labelOf.role]: role, ...(version === null ? {} : { [labelOf.version]: version }),
});

export function modelSpec(deployment: Deployment, version: DeploymentVersion, owner: string): { readonly spec: Spec; readonly hash: string } {
  const names = namesOf(deployment.slug);
  const spec: Spec = version.container !== null ? engineSpec(deployment, version, version.container) : {
    name: names.model(version.id), Image: version.imageId, Cmd: ['serve'], User: servingUser, StopTimeout: stopGraceSeconds,
    Env: ['ORT_DISABLE_TELEMETRY=1', 'MODEL_DIR=/models', `PORT=${modelHttpPort}`],
    HostConfig: {
      ...hardened({ memoryBytes: version.memoryBytes, cpus: version.cpus, pids: 512 }),
      NetworkMode: names.network,
      Mounts: [{ Type: 'volume', Source: names.volume(version.id), Target: '/models', ReadOnly: true }],
      ...(version.gpus ? { DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }] } : {}),
    },
  };
  return withHash(spec, labels(deployment, owner, 'model', version.id), spec);
}

/** Another engine is hardened as our own, but for what it does not tolerate; `containerNotes` tells that to people. */
function engineSpec(deployment: Deployment, version: DeploymentVersion, container: EngineContainer): Spec {
  const names = namesOf(deployment.slug);
  const { entrypoint, command, env, mountAt, writable, workingDir, user: runsAs, sharedMemoryBytes, stopGraceS } = container;
  const scratch = `rw,noexec,nosuid,nodev,size=${Math.floor(version.memoryBytes / 2)},mode=1777`;
  return {
    name: names.model(version.id), Image: version.imageId, Cmd: [...command], StopTimeout: stopGraceS,
    ...(entrypoint === null ? {} : { Entrypoint: [...entrypoint] }), ...(runsAs === null ? {} : { User: runsAs }), ...(workingDir === null ? {} : { WorkingDir: workingDir }),
    Env: Object.entries({ HOME: '/tmp', ...env }).map(([name, value]) => `${name}=${value}`),
    HostConfig: {
      ...hardened({ memoryBytes: version.memoryBytes, cpus: version.cpus, pids: 1024 }),
      Tmpfs: Object.fromEntries(['/tmp', ...writable].map((folder) => [folder, scratch])),
      NetworkMode: names.network,
      Mounts: [{ Type: 'volume', Source: names.volume(version.id), Target: mountAt, ReadOnly: true, VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } } }],
      ...(sharedMemoryBytes === null ? {} : { ShmSize: sharedMemoryBytes }),
      ...(version.gpus ? { DeviceRequests: [{ Driver: 'nvidia', Count: -1, Capabilities: [['gpu']] }] } : {}),
    },
  };
}

/** The first orders are not part of the hash: the gateway is told of changes while it runs. */
export function gatewaySpec(deployment: Deployment, owner: string, orders: GatewayConfig): { readonly spec: Spec; readonly hash: string } {
  const names = namesOf(deployment.slug);
  const bindings = (port: number) => [{ HostIp: deployment.listen, HostPort: String(port) }];
  const spec: Spec = {
    name: names.gateway, Image: deployment.gatewayImageId, Cmd: ['gateway'], User: servingUser, StopTimeout: stopGraceSeconds,
    ExposedPorts: { [`${modelHttpPort}/tcp`]: {}, [`${modelGrpcPort}/tcp`]: {} },
    HostConfig: {
      ...hardened({ memoryBytes: gatewayMemoryBytes, cpus: null, pids: 128 }),
      NetworkMode: edgeNetwork,
      PortBindings: { [`${modelHttpPort}/tcp`]: bindings(deployment.port), [`${modelGrpcPort}/tcp`]: bindings(deployment.grpcPort) },
      Mounts: [{ Type: 'volume', Source: names.gatewayVolume, Target: '/state', ReadOnly: false }],
    },
  };
  const env = ['GATEWAY_STATE=/state', `GATEWAY_KEY=${deployment.gatewayKey}`, `PORT=${modelHttpPort}`, `GRPC_PORT=${modelGrpcPort}`];
  return withHash({ ...spec, Env: [...env, `GATEWAY_CONFIG=${JSON.stringify(orders)}`] }, labels(deployment, owner, 'gateway', null), [spec, env]);
}

/** Never started: it only holds the volume while the model is copied into it. The volume is made with it, marked as the station's: without a filler, a volume is a filled one. */
export function fillerSpec(deployment: Deployment, version: DeploymentVersion, owner: string): Spec {
  const names = namesOf(deployment.slug);
  // An image of another engine might put files of its own into a fresh volume.
  return {
    name: `${names.model(version.id)}-filler`, Image: version.container === null ? version.imageId : deployment.gatewayImageId, Cmd: ['serve'], User: servingUser, Labels: labels(deployment, owner, 'filler', version.id),
    HostConfig: { NetworkMode: 'none', Mounts: [{ Type: 'volume', Source: names.volume(version.id), Target: '/models', ReadOnly: false, VolumeOptions: { NoCopy: false, Labels: { [labelOf.owner]: owner, [labelOf.station]: deployment.id }, DriverConfig: { Name: '', Options: {} } } }] },
  };
}
