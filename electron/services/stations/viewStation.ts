// What a person sees of a station: what the store wants, what the engine has, and one sentence on the difference.
import { hostname } from 'node:os';
import { versionViewSchema, type Deployment, type ServingView } from '#shared/contract/serving';
import { toErrorReport } from '#shared/errors';
import type { AdmissionStatus, GatewayStatus } from '#shared/gateway';
import { namesOf, type ObservedStation } from '#core/stations/planStation';
import { hostForClients, httpAddress, reachOf } from '#core/stations/stationAddress';
import type { Engine } from '../containers/Engine.ts';
import { certificateFacts } from '../files/tlsFiles.ts';
import { emptyStation, inspectContainer, observeStations } from '../containers/stationObjects.ts';
import type { Services } from '../Services.ts';
import { isBeingChanged, listDeployments, ownerOf } from './deployments.ts';
import { gatewayStatus, isVersionReady } from './gatewayClient.ts';
import { byEngine, openStationEngine } from './stationEngine.ts';
import { viewSwarm, type SwarmSeen } from './viewSwarm.ts';

type Judgement = Pick<ServingView, 'state' | 'reason' | 'hint'>;
type Seen = ServingView['containers'][number];

const differencesTold = 5;

export async function viewStation(services: Services, engine: Engine, deployment: Deployment, signal?: AbortSignal, seen?: ObservedStation): Promise<ServingView> {
  const observed = seen ?? (await observeStations(engine, ownerOf(services), signal)).get(deployment.id) ?? emptyStation;
  const containers = await Promise.all(observed.containers.filter(({ role }) => role !== 'filler').map(async ({ name, role, version, state }): Promise<Seen> => {
    const detail = await inspectContainer(engine, name, signal);
    return { name, role: role === 'gateway' ? 'gateway' : 'model', version, state: detail?.state ?? state, startedAt: detail?.startedAt ?? null, exitCode: detail?.exitCode ?? null, outOfMemory: detail?.outOfMemory ?? false, restarts: detail?.restarts ?? 0 };
  }));
  const isUp = containers.some(({ role, state }) => role === 'gateway' && state === 'running');
  const [status, answered] = isUp ? await Promise.all([gatewayStatus(deployment, signal), isVersionReady(deployment, deployment.live, signal)]) : [null, false];
  const swarm = deployment.swarm === null ? null : await viewSwarm(engine, deployment, status, signal);
  const ready = answered && (swarm === null || swarm.view.ready > 0);
  const known = facts(services, deployment);
  return {
    ...known, ...(swarm === null ? {} : { swarm: swarm.view }), ...judge(deployment, containers, { now: services.clock(), certificateEnds: known.tls?.validTo ?? null, answers: status !== null, ready, changing: isBeingChanged(services, deployment), swarm }),
    containers: [...containers, ...swarm?.containers ?? []].sort((a, b) => (a.name < b.name ? -1 : 1)),
    shadow: status === null || deployment.trial?.kind !== 'shadow' ? null : { ...status.shadow, differences: status.shadow.differences.slice(-differencesTold).reverse() },
    recorder: recorderView(deployment, status), ...admissionView(deployment, status?.admission ?? null),
    traffic: status?.targets.map(({ id, ...counts }) => ({ version: id, ...counts })) ?? [],
  };
}

const recorderView = ({ recorder }: Deployment, status: GatewayStatus | null): ServingView['recorder'] => (recorder === null ? null : { ...recorder, held: status?.recorder ?? null });

function admissionView({ clients, tls }: Deployment, seen: AdmissionStatus | null): Pick<ServingView, 'clients' | 'refused'> {
  return {
    clients: clients?.map(({ name, since }) => { const one = seen?.clients.find((other) => other.name === name); return { name, since, asked: seen === null ? null : one?.asked ?? 0, lastAt: one?.lastAt ?? null }; }) ?? null,
    refused: seen === null || (clients === null && tls === null) ? null : { count: seen.refused, lastAt: seen.lastRefusedAt },
  };
}

function tlsView(deployment: Deployment): ServingView['tls'] {
  if (deployment.tls === null) return null;
  const { subject, validTo, isFor } = certificateFacts(deployment.tls.cert);
  return { subject, validTo: validTo.toISOString(), fitsAddress: isFor(hostForClients(deployment, hostname()).replace(/^\[|\]$/g, '')), clientCertificates: deployment.tls.clientCa !== null };
}

function facts(services: Services, deployment: Deployment) {
  const { id, station, desired, port, grpcPort, engine, live, previous, candidate, trial, hold, versions, operation } = deployment;
  return {
    stationId: id, station, desired, port, grpcPort, address: httpAddress(deployment, hostname()), grpcAddress: `${hostForClients(deployment, hostname())}:${grpcPort}`, reach: reachOf(deployment), tls: tlsView(deployment), engineHost: engine?.host ?? null,
    live, previous, candidate, trial, hold, versions: versions.map((version) => versionViewSchema.parse(version)), operation: operation !== null && isBeingChanged(services, deployment) ? operation.name : null,
  };
}

export function judge(deployment: Deployment, containers: readonly Seen[], { now, certificateEnds, answers, ready, changing, swarm }: { readonly now: number; readonly certificateEnds: string | null; readonly answers: boolean; readonly ready: boolean; readonly changing: boolean; readonly swarm: SwarmSeen | null }): Judgement {
  const names = namesOf(deployment.slug);
  const gateway = containers.find(({ name }) => name === names.gateway);
  const model = containers.find(({ name }) => name === names.model(deployment.live));
  const running = containers.filter(({ state }) => state === 'running');
  if (deployment.desired === 'removed') return { state: 'degraded', reason: 'It is being removed from the engine.', hint: 'If this stays, remove it again.' };
  if (deployment.desired === 'stopped') return running.length === 0 ? { state: 'stopped', reason: 'It was stopped.', hint: 'Start it to serve again.' } : { state: 'degraded', reason: 'It was stopped, but some of its containers still run.', hint: 'Stop it again.' };
  if (ready && deployment.hold) return { state: 'degraded', reason: `Acceptance stop since ${deployment.hold.since}: ${deployment.hold.reason.replace(/[.\s]+$/, '')}.`, hint: 'Lift it when the cause is removed.' };
  if (ready && certificateEnds !== null && Date.parse(certificateEnds) < now) return { state: 'degraded', reason: `It serves, but its certificate expired on ${certificateEnds.slice(0, 10)}: clients refuse it.`, hint: `Give it a new one: millwright station encrypt "${deployment.station}"` };
  if (ready && swarm?.problem) return { state: 'degraded', ...swarm.problem };
  if (ready && swarm) return { state: 'serving', reason: `Version ${deployment.live} answers, on ${swarm.view.nodes.filter(({ answers: is }) => is).map(({ name }) => name).join(' and ')}.`, hint: renewal(certificateEnds, now) };
  if (ready) {
    const restarted = Math.max(gateway?.restarts ?? 0, model?.restarts ?? 0);
    return restarted > 0 ? { state: 'degraded', reason: `It serves, but restarted ${restarted} ${restarted === 1 ? 'time' : 'times'} by itself.`, hint: 'Read its log for the cause.' } : { state: 'serving', reason: `Version ${deployment.live} answers.`, hint: renewal(certificateEnds, now) };
  }
  if (changing) return { state: 'starting', reason: `It is being changed (${deployment.operation?.name ?? ''}).`, hint: '' };
  if (swarm?.problem && answers) return { state: 'failed', ...swarm.problem };
  for (const [what, one] of [...(swarm === null ? [['The model\'s container', model] as const] : []), ['The gateway', gateway] as const]) {
    if (!one) return { state: 'failed', reason: `${what} is missing on the engine.`, hint: 'Start the station: what is missing is made anew.' };
    if (one.state === 'restarting') return { state: 'failed', reason: `${what} ends again and again${why(one)}.`, hint: 'Read its log for the cause; roll back if this began with a new version.' };
    if (one.state === 'paused') return { state: 'failed', reason: `${what} is paused.`, hint: 'Start the station: it goes on where it was.' };
    if (one.state !== 'running') return { state: 'failed', reason: `${what} does not run${why(one)}.`, hint: one.outOfMemory ? 'Deploy again with a higher memory limit.' : 'Start the station.' };
  }
  return { state: 'starting', reason: answers ? 'The model is being loaded.' : 'The gateway does not answer yet.', hint: 'If this stays, read its log.' };
}

/** Time enough to get another one. */
const renewalMs = 30 * 24 * 3_600_000;
const renewal = (ends: string | null, now: number): string => (ends === null || Date.parse(ends) - now > renewalMs ? '' : `Its certificate ends on ${ends.slice(0, 10)}: give it a new one before.`);

const why = ({ outOfMemory, exitCode }: Seen): string => (outOfMemory ? ': it needed more memory than its limit' : exitCode === null ? '' : `: it ended with code ${exitCode}`);

/** All stations; where an engine does not answer, what is known of those on it and the reason. */
export async function viewStations(services: Services, signal?: AbortSignal): Promise<ServingView[]> {
  const deployments = listDeployments(services);
  const views = new Map<string, ServingView>();
  await Promise.all(byEngine(deployments).map(async (together) => {
    for (const view of await viewTogether(services, together, signal)) views.set(view.stationId, view);
  }));
  return deployments.flatMap(({ id }) => views.get(id) ?? []);
}

async function viewTogether(services: Services, deployments: readonly [Deployment, ...Deployment[]], signal: AbortSignal | undefined): Promise<ServingView[]> {
  try {
    const engine = await openStationEngine(services, deployments[0]);
    const observed = await observeStations(engine, ownerOf(services), signal);
    return await Promise.all(deployments.map((deployment) => viewStation(services, engine, deployment, signal, observed.get(deployment.id) ?? emptyStation)));
  } catch (error) {
    signal?.throwIfAborted();
    const { message, hint } = toErrorReport(error);
    return deployments.map((deployment) => ({ ...facts(services, deployment), state: 'unknown', reason: message, hint, containers: [], traffic: [], shadow: null, recorder: recorderView(deployment, null), ...admissionView(deployment, null) }));
  }
}
