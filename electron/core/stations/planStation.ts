// What has to be done on the container engine so that a station is there as the store says: pure, so that every state that a crash can leave is tried in tests.
import type { Deployment } from '#shared/contract/serving';

export interface ObservedContainer {
  readonly name: string;
  /** A filler holds a volume while a model is copied into it: one that is still there was left by a crash. */
  readonly role: 'gateway' | 'model' | 'filler';
  readonly version: string | null;
  /** As Docker names it: created, running, restarting, paused, exited, dead, removing. */
  readonly state: string;
  /** Hash of what it was made from; another one means that it has to be made anew. */
  readonly spec: string;
  /** Those that it is in, or will be in once started, and that are still there; null where the engine does not tell. */
  readonly networks: readonly string[] | null;
}

export interface ObservedStation {
  readonly containers: readonly ObservedContainer[];
  readonly volumes: readonly string[];
  readonly networks: readonly string[];
  /** On a Swarm: one for each version. */
  readonly services?: readonly ObservedService[];
}

export interface ObservedService { readonly name: string; readonly version: string; readonly spec: string; readonly replicas: number }

export interface StationNames {
  readonly network: string;
  readonly gateway: string;
  readonly gatewayVolume: string;
  readonly model: (version: string) => string;
  readonly volume: (version: string) => string;
}

/** All gateways are in it, and it lets none of them see the other. */
export const edgeNetwork = 'millwright-edge';

export const namesOf = (slug: string): StationNames => ({
  network: `${slug}-net`, gateway: `${slug}-gateway`, gatewayVolume: `${slug}-gateway`,
  model: (version) => `${slug}-${version}`, volume: (version) => `${slug}-${version}`,
});

/** Those that the engine keeps something of: in service, on trial, and to roll back to. */
export const keptVersions = ({ live, candidate, previous }: Pick<Deployment, 'live' | 'candidate' | 'previous'>): string[] => [live, candidate, previous].filter((version) => version !== null);

export type Step =
  | { readonly do: 'createNetwork' | 'removeNetwork' | 'createVolume' | 'removeVolume' | 'startContainer' | 'stopContainer' | 'removeContainer'; readonly name: string }
  | { readonly do: 'fillVolume' | 'createModel'; readonly name: string; readonly version: string }
  | { readonly do: 'createGateway'; readonly name: string }
  | { readonly do: 'removeService'; readonly name: string }
  | { readonly do: 'createService' | 'updateService' | 'scaleService'; readonly name: string; readonly version: string; readonly replicas: number };

/** `specOf` answers the hash of what each container would be made from now. */
export function planStation(deployment: Deployment, observed: ObservedStation, specOf: { readonly gateway: string; readonly model: (version: string) => string }): Step[] {
  const names = namesOf(deployment.slug);
  if (deployment.desired === 'removed') return planRemoval(observed);
  return deployment.swarm !== null ? planSwarm(deployment, deployment.swarm.replicas, names, observed, specOf) : planPresence(deployment, names, observed, specOf);
}

/** Gateway first, so that nobody is sent to a model that is gone; networks last, for they cannot go while someone is in them. */
function planRemoval({ containers, volumes, networks, services = [] }: ObservedStation): Step[] {
  const order = { gateway: 0, filler: 1, model: 2 };
  return [
    ...containers.filter(({ state }) => state !== 'removing').sort((a, b) => order[a.role] - order[b.role]).map(({ name }): Step => ({ do: 'removeContainer', name })),
    ...services.map(({ name }): Step => ({ do: 'removeService', name })),
    ...volumes.map((name): Step => ({ do: 'removeVolume', name })),
    ...networks.map((name): Step => ({ do: 'removeNetwork', name })),
  ];
}

function planPresence(deployment: Deployment, names: StationNames, observed: ObservedStation, specOf: { readonly gateway: string; readonly model: (version: string) => string }): Step[] {
  const steps: Step[] = [];
  const running = deployment.desired === 'running';
  const found = new Map(observed.containers.map((container) => [container.name, container]));
  const kept = keptVersions(deployment);
  const wanted = new Set([names.gateway, ...kept.map((version) => names.model(version))]);
  const fillers = observed.containers.filter(({ role }) => role === 'filler');
  const torn = new Set(fillers.map(({ version }) => (version === null ? '' : names.volume(version))));

  // 1. What should not be there.
  for (const container of observed.containers) if (!wanted.has(container.name) && container.state !== 'removing') steps.push({ do: 'removeContainer', name: container.name });
  for (const version of kept) if (torn.has(names.volume(version)) && found.has(names.model(version))) steps.push({ do: 'removeContainer', name: names.model(version) });
  const keptVolumes = new Set([names.gatewayVolume, ...kept.map((version) => names.volume(version))]);
  const volumes = new Set(observed.volumes);
  for (const name of observed.volumes) if (!keptVolumes.has(name) || torn.has(name)) { steps.push({ do: 'removeVolume', name }); volumes.delete(name); }

  // 2. What it stands on. A stopped station needs nothing that is missing.
  if (running && !observed.networks.includes(names.network)) steps.push({ do: 'createNetwork', name: names.network });
  if (running && !volumes.has(names.gatewayVolume)) steps.push({ do: 'createVolume', name: names.gatewayVolume });

  // 3. The versions: the live one and the candidate run, the previous one waits.
  const lostNetwork = !observed.networks.includes(names.network);
  for (const version of kept) {
    const name = names.model(version);
    const shouldRun = running && version !== deployment.previous;
    const container = torn.has(names.volume(version)) ? undefined : found.get(name);
    const outdated = container !== undefined && (container.spec !== specOf.model(version) || container.state === 'dead' || !volumes.has(names.volume(version)) || (running && (lostNetwork || lacks(container, [names.network]))));
    if (outdated) steps.push({ do: 'removeContainer', name });
    if (shouldRun && !volumes.has(names.volume(version))) steps.push({ do: 'fillVolume', name: names.volume(version), version });
    if (shouldRun && (container === undefined || outdated)) steps.push({ do: 'createModel', name, version }, { do: 'startContainer', name });
    else if (shouldRun && container !== undefined && needsStart(container.state)) steps.push({ do: 'startContainer', name });
    else if (!shouldRun && container !== undefined && !outdated && needsStop(container.state)) steps.push({ do: 'stopContainer', name });
  }

  const gateway = found.get(names.gateway);
  return addGateway(steps, names, gateway, running, lostNetwork || lacks(gateway, [names.network, edgeNetwork]), specOf.gateway);
}

/** The address: last to start, first to stop. */
function addGateway(steps: Step[], names: StationNames, gateway: ObservedContainer | undefined, running: boolean, lostNetwork: boolean, spec: string): Step[] {
  const outdated = gateway !== undefined && (gateway.spec !== spec || gateway.state === 'dead' || (lostNetwork && running));
  if (outdated) steps.push({ do: 'removeContainer', name: names.gateway });
  if (running && (gateway === undefined || outdated)) steps.push({ do: 'createGateway', name: names.gateway }, { do: 'startContainer', name: names.gateway });
  else if (running && gateway !== undefined && needsStart(gateway.state)) steps.push({ do: 'startContainer', name: names.gateway });
  else if (!running && gateway !== undefined && !outdated && needsStop(gateway.state)) steps.unshift({ do: 'stopContainer', name: names.gateway });
  return steps;
}

/** On a Swarm each version is a service, which brings its replicas back by itself; only the gateway is a container of ours. The version before waits with no replica. */
function planSwarm(deployment: Deployment, replicas: number, names: StationNames, { containers, volumes, networks, services = [] }: ObservedStation, specOf: { readonly gateway: string; readonly model: (version: string) => string }): Step[] {
  const running = deployment.desired === 'running';
  const kept = keptVersions(deployment);
  const wanted = new Set(kept.map((version) => names.model(version)));
  const steps: Step[] = [
    ...containers.filter(({ name, state }) => name !== names.gateway && state !== 'removing').map(({ name }): Step => ({ do: 'removeContainer', name })),
    ...services.filter(({ name }) => !wanted.has(name)).map(({ name }): Step => ({ do: 'removeService', name })),
    ...volumes.filter((name) => name !== names.gatewayVolume).map((name): Step => ({ do: 'removeVolume', name })),
    ...networks.map((name): Step => ({ do: 'removeNetwork', name })),
  ];
  if (running && !volumes.includes(names.gatewayVolume)) steps.push({ do: 'createVolume', name: names.gatewayVolume });
  for (const version of kept) {
    const name = names.model(version);
    const number = running && version !== deployment.previous ? replicas : 0;
    const service = services.find((one) => one.name === name);
    if (service === undefined) { if (number > 0) steps.push({ do: 'createService', name, version, replicas: number }); }
    else if (service.spec !== specOf.model(version)) steps.push({ do: 'updateService', name, version, replicas: number });
    else if (service.replicas !== number) steps.push({ do: 'scaleService', name, version, replicas: number });
  }
  const gateway = containers.find(({ name }) => name === names.gateway);
  return addGateway(steps, names, gateway, running, lacks(gateway, [edgeNetwork]), specOf.gateway);
}

/** A crash between making a container and connecting it leaves it without one; so does a prune while it was stopped, and then it cannot even start. */
const lacks = (container: ObservedContainer | undefined, needed: readonly string[]): boolean => container !== undefined && container.networks !== null && !needed.every((name) => container.networks?.includes(name));

/** Docker itself is bringing back what is restarting. */
const needsStart = (state: string): boolean => state === 'created' || state === 'exited' || state === 'paused';
const needsStop = (state: string): boolean => state === 'running' || state === 'restarting' || state === 'paused';

/** Starting takes most of the time, and the gateway and each version can do it side by side; all else comes first, in its order. */
export function inLanes(steps: readonly Step[], names: StationNames): { readonly first: readonly Step[]; readonly lanes: readonly (readonly Step[])[] } {
  const lanes = new Map<string, Step[]>();
  const first: Step[] = [];
  for (const step of steps) {
    const makes = step.do === 'createVolume' || step.do === 'fillVolume' || step.do === 'createModel' || step.do === 'createGateway' || step.do === 'startContainer';
    if (!makes) { first.push(step); continue; }
    // A container and its volume carry the same name.
    const lane = lanes.get(step.name) ?? [];
    lane.push(step);
    lanes.set(step.name, lane);
  }
  return { first, lanes: [...lanes.entries()].sort(([a], [b]) => (a === names.gateway ? -1 : b === names.gateway ? 1 : 0)).map(([, lane]) => lane) };
}
