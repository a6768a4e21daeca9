// What the gateway of a station is told, from the station's desired state.
import type { Deployment, SwarmWish } from '#shared/contract/serving';
import type { EngineContainer } from '#shared/engines';
import type { GatewayConfig, GatewayReplica, GatewayTarget } from '#shared/gateway';
import { namesOf } from './planStation.ts';

/** Ports within the station's network. */
export const modelHttpPort = 8080;
export const modelGrpcPort = 8081;
/** Of a replica on another host than its gateway: the doors that open to their shared key only. */
export const sealedHttpPort = 8443;
export const sealedGrpcPort = 8444;

/** `switching`: the candidate answers, and the version that was live so far takes over where it does not. */
export function gatewayOrders(deployment: Deployment, switching = false): GatewayConfig {
  const { candidate, clients, hold, live, recorder, station, revision, slug, tls, trial } = deployment;
  const tried = candidate === null || trial === null || switching ? null : { target: candidate, percent: trial.percent };
  const versions = candidate === null ? [live] : [live, candidate];
  // Of other engines nobody here knows whether their model keeps state.
  const stateful = deployment.versions.some(({ id, prepared }) => versions.includes(id) && prepared?.state != null);
  return {
    revision, station,
    targets: versions.map((id) => {
      const version = deployment.versions.find((one) => one.id === id);
      return deployment.swarm === null ? targetOf(namesOf(slug).model(id), id, version?.container ?? null) : replicated(deployment.swarm, id, { httpPort: version?.replicaPort ?? modelHttpPort, grpcPort: version?.replicaGrpcPort ?? null, sealed: version?.replicaSealed ?? false });
    }),
    live: switching && candidate !== null ? candidate : live, fallback: switching && candidate !== null ? live : null,
    canary: tried !== null && trial?.kind === 'canary' ? { ...tried, keyHeader: trial.keyHeader } : null,
    shadow: tried !== null && trial?.kind === 'shadow' ? { ...tried, tolerance: 1e-3 } : null,
    stopped: hold, recorder, clients: clients?.map(({ name, sha256 }) => ({ name, sha256 })) ?? null, tls, breaker: { failures: 5, openMs: 10_000 }, stateful, maxBodyBytes: 64 * 1024 ** 2, timeoutMs: 60_000,
  };
}

/** What a new gateway is started with. The key of a certificate has no business in the environment of a container, which the engine shows to whoever may ask it: it follows at once with the orders proper. */
export function firstOrders(deployment: Deployment): GatewayConfig {
  const orders = gatewayOrders(deployment);
  return orders.tls === null ? orders : { ...orders, tls: null, revision: Math.max(1, orders.revision - 1) };
}

/** Every node that may have a replica is named: the gateway finds out who has one, also when no console is open. */
function replicated({ nodes, key }: SwarmWish, id: string, reach: Pick<GatewayReplica, 'httpPort' | 'grpcPort' | 'sealed'>): GatewayTarget {
  const replicas = nodes.map(({ name, address }) => ({ name, host: address, ...reach }));
  return { id, host: nodes[0]?.address ?? '127.0.0.1', httpPort: reach.httpPort, grpcPort: null, metrics: { port: reach.httpPort, path: '/metrics' }, closedPaths: [...ownClosedPaths], replicas, key };
}

/** What loads and unloads models of our own runtime, and so stops a station; the index next to it tells clients the model's name. */
const ownClosedPaths = ['/v2/repository/models', '/models'];

/** Our own runtime answers figures at its HTTP port; another engine where its plan says. */
function targetOf(host: string, id: string, container: EngineContainer | null): GatewayTarget {
  if (container === null) return { id, host, httpPort: modelHttpPort, grpcPort: modelGrpcPort, metrics: { port: modelHttpPort, path: '/metrics' }, closedPaths: [...ownClosedPaths] };
  const { ports, ready, metricsPath, closedPaths } = container;
  return { id, host, httpPort: ports.http, grpcPort: ports.grpc, ready, metrics: { port: ports.metrics, path: metricsPath }, closedPaths };
}
