// Deploys a model to a station: the first version makes the station's containers, each further one is put into service beside the live one.
import type { ModelRecord } from '#shared/contract/models';
import type { ParsedInputOf } from '#shared/contract/index';
import { loopback, type Deployment, type DeploymentVersion, type ServingView, type SwarmWish } from '#shared/contract/serving';
import type { TensorInfo } from '#shared/contract/references';
import type { StationRecord } from '#shared/contract/stations';
import { engineFacts, type EngineId } from '#shared/engines';
import { AppError, isAppError } from '#shared/errors';
import { liveVersion } from '#shared/liveVersion';
import { refuseFormat } from '#core/engines/planEngine';
import { hostThere } from '#core/stations/stationAddress';
import type { Engine } from '../containers/Engine.ts';
import { findEngineImage } from '../images/engineImage.ts';
import { measuredTuning } from '../benchmarks/adviseServing.ts';
import { publishedPorts } from '../containers/publishedPorts.ts';
import { loadServingImage } from '../images/loadImageFile.ts';
import { findVariantImage, previousVariant } from '../images/variantImage.ts';
import { servedNameOf } from '../images/repositoryFiles.ts';
import { pairSumNotes } from '../models/pairSumFindings.ts';
import { detachedContext, type JobContext, type Services } from '../Services.ts';
import { actorOf } from './actor.ts';
import { addVersion, refuseOnTrial } from './addVersion.ts';
import { awaitReady } from './awaitReady.ts';
import { checkEngine } from './checkEngine.ts';
import { choosePort } from './choosePorts.ts';
import { changeDeployment, findDeployment, forgetDeployment, listDeployments, newGatewayKey, slugOf, withFirstLease, withLease } from './deployments.ts';
import { engineVersion, ownEngine } from './engineVersion.ts';
import { formatOf, readForeign, type ForeignModel } from './modelSource.ts';
import { isForSwarm, prepareSwarm } from './prepareSwarm.ts';
import { reconcileStation } from './reconcileStation.ts';
import { servedPreparation } from './servedPreparation.ts';
import { engineKeyOf, openChosenEngine, openStationEngine, refuseOtherEngine } from './stationEngine.ts';
import { createStation, findStation, getStation } from './stationRecords.ts';
import { awaitGateway, switchVersion } from './switchVersion.ts';
import { viewStation } from './viewStation.ts';

type DeployInput = ParsedInputOf<'serving.deploy'>;
export interface DeployPeers {
  readonly 'models.get': (input: { readonly id: string }, context: { readonly signal: AbortSignal }) => Promise<ModelRecord>;
  readonly 'models.import': { readonly run: (input: { readonly path: string }, context: JobContext) => Promise<ModelRecord> };
}

export async function deployStation(services: Services, peers: DeployPeers, input: DeployInput, context: JobContext): Promise<ServingView> {
  const existing = input.stationId === undefined ? (input.station === undefined ? null : findStation(services, input.station)) : getStation(services, input.stationId);
  const known = existing && findDeployment(services, existing.id);
  if (known?.desired === 'removed') throw new AppError('BUSY', `Station "${known.station}" is still being removed from the engine.`, { hint: `Finish that first: millwright station remove "${known.station}"` });
  const engineId = chosenEngine(input, known);
  const format = await formatOf(input.model);
  refuseFormat(engineId, format);
  const { engine, remote } = known === null ? await openChosenEngine(services) : await engineOf(services, known, input);
  const forSwarm = isForSwarm(input, known);
  if (input.measured && (engineId !== 'millwright' || forSwarm || input.gpus || remote !== null)) throw new AppError('BAD_INPUT', 'What was measured here holds for Millwright\'s own runtime on the processors of this machine.', { hint: 'Leave out --measured.' });
  const source: Source = format === 'onnx' ? registered(await modelOf(peers, input, context)) : await readForeign('path' in input.model ? input.model.path : '', format);
  const { imageId: ownImageId } = await loadServingImage(services, engine, context);
  const image = engineId === 'millwright' ? null : await findEngineImage(engine, { title: engineFacts[engineId].title, wanted: input.engineImage, before: [...known?.versions ?? []].reverse().find((version) => version.engine === engineId)?.imageId ?? null, usualNames: engineFacts[engineId].imageNames }, context);
  if (forSwarm && (format !== 'onnx' || source.id === null || engineId !== 'millwright')) throw new AppError('BAD_INPUT', 'On a Swarm a station serves ONNX models with Millwright\'s own runtime.', { hint: 'Deploy on one host, without --target swarm.' });
  const { prepared, notes: told } = engineId === 'millwright' ? await servedPreparation(services, { ...source, path: 'path' in input.model ? input.model.path : null }, { testId: existing?.testId ?? null, before: (known && liveVersion(known))?.prepared ?? null }) : { prepared: null, notes: [] };
  const forStation = prepared && { ...prepared, managed: true };
  if (forSwarm && prepared?.state && (input.replicas ?? known?.swarm?.replicas) !== 1) throw new AppError('BAD_INPUT', 'Each replica keeps sequences of its own, and the requests of one sequence would go to different ones.', { hint: 'Deploy it with --replicas 1.' });
  const variant = input.image === undefined ? await previousVariant(engine, input, known, ownImageId, context) : await findVariantImage(engine, { wanted: input.image, engine: engineId, forSwarm, programVersion: services.version }, context);
  const tuningOn = (cpus: number) => (input.measured ? measuredTuning(services, source, cpus) : null);
  // Each session holds the weights for itself.
  const size = await sizeOf(engine, input, (cpus) => engineFacts[engineId].baseMemoryBytes + bytesPerModelByte * source.sizeBytes * (tuningOn(cpus)?.instances ?? 1), context.signal);
  const number = Math.max(0, ...(known?.versions ?? []).map((version) => version.number)) + 1;
  const servedName = servedNameOf(source.name).slice(0, engineId === 'millwright' ? undefined : engineNameMax);
  const part = engineId === 'millwright' ? ownEngine : engineVersion({ engine: engineId, format, servedName, number, inputs: source.inputs, outputs: source.outputs, cpus: size.cpus, gpus: input.gpus, imageUser: image?.user ?? '' });
  const sums = engineId === 'millwright' || format !== 'onnx' || input.gpus ? [] : await pairSumNotes(source.path, engineFacts[engineId].title);
  const swarm = forSwarm ? await prepareSwarm(services, engine, input, known, { modelId: source.id, servedName, number, prepared: forStation }, context) : null;
  const version: DeploymentVersion = {
    id: `v${number}`, number, createdAt: new Date(services.clock()).toISOString(), modelId: source.id, modelName: source.name, servedName, modelSha256: source.sha256, modelPath: source.id === null ? source.path : null,
    imageId: swarm?.imageId ?? image?.id ?? variant?.id ?? ownImageId, imageTag: image?.tag ?? variant?.tag ?? null, cpus: Math.min(size.cpus, swarm?.cpus ?? size.cpus), memoryBytes: Math.min(size.memoryBytes, swarm?.memoryBytes ?? size.memoryBytes), gpus: input.gpus, tuning: tuningOn(size.cpus), ...part, prepared: forStation,
    notes: [...swarm?.notes ?? variant?.notes ?? [...part.notes, ...sums], ...told], replicaPort: swarm?.replicaPort ?? null, replicaGrpcPort: swarm?.replicaGrpcPort ?? null, replicaSealed: swarm?.replicaSealed ?? false,
  };
  if (known === null && input.trial !== undefined) throw new AppError('BAD_INPUT', `Station "${existing?.name ?? input.station ?? ''}" serves nothing yet that a version could be tried beside.`, { hint: 'Deploy the first version without --canary and --shadow.' });
  const station = existing ?? newStation(services, input);
  const served = known === null ? await deployFirst(services, engine, station, version, { gatewayImageId: ownImageId, swarm: swarm?.wish ?? null, engine: remote, listen: input.listen ?? loopback }, input, context) : await deployNext(services, engine, known, version, swarm?.wish ?? null, input, context);
  services.store.audit.append({ actor: actorOf(services), action: 'station.deployed', subject: station.name, detail: { stationId: station.id, version: version.id, modelId: version.modelId, modelSha256: version.modelSha256, engine: engineId, imageId: version.imageId, port: served.port, ...(input.trial === undefined ? {} : { trial: input.trial }), old: input.trial === undefined ? servedBy(known) : servedBy(served), new: servedBy(served) } });
  const deployed = await checkEngine(services, engine, served, version.id, context.signal);
  context.progress({ stage: 'Serving', done: 4, total: 4 });
  return viewStation(services, engine, deployed, context.signal);
}

/** For the audit trail: the version with its model; null where nothing was served. */
function servedBy(deployment: Deployment | null): { version: string; model: string; modelSha256: string } | null {
  const version = deployment && liveVersion(deployment);
  return version ? { version: version.id, model: version.modelName, modelSha256: version.modelSha256 } : null;
}

/** Clients of a station keep their protocol: an update to an engine of another one would break them all at once. */
function chosenEngine({ engine, engineImage }: DeployInput, known: Deployment | null): EngineId {
  const live = (known && liveVersion(known))?.engine ?? null;
  const chosen = engine ?? live ?? 'millwright';
  if (chosen === 'millwright' && engineImage !== undefined) throw new AppError('BAD_INPUT', 'An image was given, but no engine that it belongs to.', { hint: 'Name the engine with --engine, or leave out --engine-image: Millwright brings its own.' });
  if (live !== null && engineFacts[live].protocol !== engineFacts[chosen].protocol) throw new AppError('BAD_INPUT', `The clients of "${known?.station ?? ''}" speak to ${engineFacts[live].title}, and ${engineFacts[chosen].title} speaks another protocol.`, { hint: 'Deploy to a new station, and let the clients change over.' });
  return chosen;
}

interface Source extends Omit<ForeignModel, 'format' | 'id' | 'inputs' | 'outputs'> { readonly id: string | null; readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[] }

const registered = ({ id, name, path, summary }: ModelRecord): Source => ({ id, name, path, sha256: summary.sha256, sizeBytes: summary.sizeBytes, inputs: summary.inputs, outputs: summary.outputs });

/** A station stays where it is, at the address that its clients know. */
async function engineOf(services: Services, known: Deployment, { listen, closed }: DeployInput): Promise<{ readonly engine: Engine; readonly remote: Deployment['engine'] }> {
  refuseOtherEngine(known);
  if (listen !== undefined && listen !== known.listen) throw new AppError('BAD_INPUT', `Station "${known.station}" listens at ${known.listen}, which stays the same for all versions.`, { hint: 'Leave out --listen, or remove the station and deploy it anew.' });
  if (closed) throw new AppError('BAD_INPUT', `Station "${known.station}" is there already, and goes on asking who it asked.`, { hint: `Leave out --closed; give its first client a key: millwright station admit "${known.station}" CLIENT` });
  return { engine: await openStationEngine(services, known), remote: known.engine };
}

async function modelOf(peers: DeployPeers, { model }: DeployInput, context: JobContext): Promise<ModelRecord> {
  const record = 'id' in model ? await peers['models.get']({ id: model.id }, context) : await peers['models.import'].run({ path: model.path }, detachedContext({ ...context, checkpoint: () => undefined, resumeState: null }));
  if (!record.runnable.ok) throw new AppError('MODEL_UNSUPPORTED', `${record.name} cannot be served: ${record.runnable.reason}`);
  return record;
}

function newStation(services: Services, { station }: DeployInput): StationRecord {
  if (station === undefined) throw new AppError('BAD_INPUT', 'The station has no name.', { hint: 'Name it with --station.' });
  return createStation(services, { name: station, line: '', description: '', taktMs: null });
}

/** Weights, their packed copies, and the values between the layers. */
const bytesPerModelByte = 5;
/** Other engines take shorter names than our own. */
const engineNameMax = 63;

/** Limits are always set: a station must not take the machine from its neighbours. */
async function sizeOf(engine: Engine, { cpus, memoryBytes }: DeployInput, neededOn: (cpus: number) => number, signal: AbortSignal): Promise<Pick<DeploymentVersion, 'cpus' | 'memoryBytes'>> {
  const info = await engine.ask('Asking the engine for its size', async (docker) => docker.info() as Promise<{ readonly NCPU?: number; readonly MemTotal?: number }>, { signal }); // the types know no shape here
  const [processors, memory] = [info.NCPU ?? 1, info.MemTotal ?? Number.POSITIVE_INFINITY];
  if (cpus !== undefined && cpus > processors) throw new AppError('BAD_INPUT', `The engine has ${processors} processors, and ${cpus} are asked for.`, { hint: 'Lower --cpus.' });
  if (memoryBytes !== undefined && memoryBytes > memory) throw new AppError('BAD_INPUT', `The engine has ${Math.floor(memory / 1024 ** 2)} MiB of memory, and ${Math.floor(memoryBytes / 1024 ** 2)} are asked for.`, { hint: 'Lower --memory.' });
  const estimate = Math.max(512 * 1024 ** 2, neededOn(cpus ?? processors));
  return { cpus: cpus ?? processors, memoryBytes: memoryBytes ?? Math.min(memory, estimate) };
}

async function deployFirst(services: Services, engine: Engine, station: StationRecord, version: DeploymentVersion, place: Pick<Deployment, 'gatewayImageId' | 'swarm' | 'engine' | 'listen'>, input: DeployInput, context: JobContext): Promise<Deployment> {
  const { signal } = context;
  const taken = new Set([...listDeployments(services).filter((one) => engineKeyOf(one) === engineKeyOf(place)).flatMap(({ port, grpcPort }) => [port, grpcPort]), ...place.engine === null ? [] : await publishedPorts(engine, signal)]);
  // On another machine only its engine can tell, when it publishes them.
  const choose = (wanted: number | undefined, not: ReadonlySet<number>) => choosePort(wanted, not, place.engine === null ? hostThere(place) : null);
  if (input.port !== undefined && input.port === input.grpcPort) throw new AppError('BAD_INPUT', `Port ${input.port} is named twice: HTTP and gRPC need one each.`, { hint: 'Name another one with --grpc-port.' });
  const port = await choose(input.port, takenForHttp(taken, input));
  const grpcPort = await choose(input.grpcPort, new Set([...taken, port]));
  const first = {
    id: station.id, station: station.name, slug: slugOf(station.name, station.id), desired: 'stopped' as const, port, grpcPort, revision: 1,
    versions: [version], live: version.id, previous: null, candidate: null, trial: null, hold: null, recorder: null, clients: input.closed ? [] : null, tls: null, ...place, gatewayKey: newGatewayKey(), gatewaySeals: true,
  };
  return withFirstLease(services, first, 'deploy', async () => {
    try {
      context.progress({ stage: 'Making the containers', done: 1, total: 4 });
      const deployment = await startOnFreePort(services, engine, station.id, input, { taken, choose }, signal);
      await awaitGateway(deployment, signal);
      context.progress({ stage: 'Waiting until it answers', done: 3, total: 4 });
      await awaitReady(engine, deployment, version.id, { withinMs: input.readyWithinMs, signal });
      return deployment;
    } catch (error) {
      // Nothing is left behind of a station that never served.
      const gone = changeDeployment(services, station.id, { desired: 'removed' });
      const cleaned = await reconcileStation(services, engine, gone).then(() => true, (problem: unknown) => { services.log.warn('What a failed deployment left could not be removed yet.', { station: station.name, error: String(problem) }); return false; });
      if (cleaned) forgetDeployment(services, station.id);
      throw error;
    }
  });
}

/** A port that the person named for gRPC is not free for HTTP. */
const takenForHttp = (taken: ReadonlySet<number>, { grpcPort }: DeployInput): Set<number> => new Set([...taken, ...(grpcPort === undefined ? [] : [grpcPort])]);

/** Between the look for a free port and its use another program may take it. */
async function startOnFreePort(services: Services, engine: Engine, stationId: string, input: DeployInput, { taken, choose }: { readonly taken: Set<number>; readonly choose: (wanted: number | undefined, not: ReadonlySet<number>) => Promise<number> }, signal: AbortSignal): Promise<Deployment> {
  for (let tries = 1; ; tries++) {
    const deployment = changeDeployment(services, stationId, { desired: 'running' });
    try {
      await reconcileStation(services, engine, deployment, { signal });
      return deployment;
    } catch (error) {
      if (!isAppError(error) || error.code !== 'PORT_TAKEN' || tries === 5 || (input.port !== undefined && input.grpcPort !== undefined)) throw error;
      taken.add(deployment.port).add(deployment.grpcPort);
      const port = input.port ?? await choose(undefined, takenForHttp(taken, input));
      changeDeployment(services, stationId, { port, grpcPort: input.grpcPort ?? await choose(undefined, new Set([...taken, port])) });
    }
  }
}

async function deployNext(services: Services, engine: Engine, known: Deployment, version: DeploymentVersion, swarm: SwarmWish | null, input: DeployInput, context: JobContext): Promise<Deployment> {
  if (input.port !== undefined && input.port !== known.port) throw new AppError('BAD_INPUT', `Station "${known.station}" has its address at port ${known.port}, which stays the same for all versions.`, { hint: 'Leave out --port, or remove the station and deploy it anew.' });
  refuseOnTrial(known);
  return withLease(services, known.id, 'update', async () => {
    const before = addVersion(services, known, version, swarm);
    return switchVersion(services, engine, known.id, { withinMs: input.readyWithinMs, trial: input.trial ?? null, context, restore: (now) => ({ versions: now.versions.filter(({ id }) => id !== version.id), swarm: before.swarm }) });
  });
}

