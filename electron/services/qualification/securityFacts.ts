// The facts of the report's section on security, taken at the end of a run. What cannot be seen says why, part by part.
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';
import { exportActions, type ContainerSecurity, type Egress, type SecurityFacts } from '#core/report/security';
import { httpAddress } from '#core/stations/stationAddress';
import { toErrorReport } from '#shared/errors';
import { jsonOrNull } from '#shared/jsonOrNull';
import { containerSecurity, fileInContainer } from '../containers/containerSecurity.ts';
import type { Engine } from '../containers/Engine.ts';
import { observeStations } from '../containers/stationObjects.ts';
import { certificateFacts } from '../files/tlsFiles.ts';
import { makeKey } from '../evidence/keys.ts';
import { bomPath, planImage } from '../images/planImage.ts';
import type { Services } from '../Services.ts';
import { findDeployment, ownerOf } from '../stations/deployments.ts';
import { openStationEngine } from '../stations/stationEngine.ts';
import { hostListeners } from './remotePeers.ts';

const exportsTold = 50;

export async function securityFacts(services: Services, { stationId, egress, signal }: { readonly stationId: string | null; readonly egress: Egress | null; readonly signal: AbortSignal }): Promise<SecurityFacts> {
  const deployed = await deployedFacts(services, stationId, signal);
  return {
    takenAt: new Date(services.clock()).toISOString(), listeners: hostListeners(), containers: deployed.containers, containersMissing: deployed.missing, access: accessOf(services, stationId),
    ...await imageBomOf(services, deployed, signal), key: await keyOf(services), egress,
    exports: [...services.store.audit.all()].filter(({ action }) => exportActions.includes(action)).slice(-exportsTold).reverse().map(({ seq, at, actor, action, subject }) => ({ seq, at, actor, action, subject })),
  };
}

interface Deployed { readonly engine: Engine | null; readonly containers: ContainerSecurity[]; readonly missing: string | null }

async function deployedFacts(services: Services, stationId: string | null, signal: AbortSignal): Promise<Deployed> {
  const nothing = (missing: string): Deployed => ({ engine: null, containers: [], missing });
  if (stationId === null) return nothing('The run was for no station.');
  const deployment = findDeployment(services, stationId);
  if (deployment === null) return nothing('No container of this station was deployed from here.');
  try {
    const engine = await openStationEngine(services, deployment);
    const observed = (await observeStations(engine, ownerOf(services), signal)).get(stationId)?.containers ?? [];
    const containers = (await Promise.all(observed.map(async (container) => containerSecurity(engine, container, signal)))).filter((container) => container !== null).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { engine, containers, missing: containers.length === 0 ? 'The container engine has no container of this station.' : deployment.swarm === null ? null : 'The model runs on other hosts of the swarm, which this engine does not show.' };
  } catch (error) {
    signal.throwIfAborted();
    return nothing(toErrorReport(error).message);
  }
}

/** As the gateway is told; clients by name, for a report that is handed on. */
function accessOf(services: Services, stationId: string | null): SecurityFacts['access'] {
  const deployment = stationId === null ? null : findDeployment(services, stationId);
  if (deployment === null) return null;
  const { clients, tls } = deployment;
  const certificate = tls && certificateFacts(tls.cert);
  return { address: httpAddress(deployment, hostname()), clients: clients?.map(({ name }) => name) ?? null, certificate: tls && certificate && { subject: certificate.subject, validTo: certificate.validTo.toISOString(), clientCertificates: tls.clientCa !== null } };
}

const bomSchema = z.object({ components: z.array(z.unknown()) });
const bomOf = (bytes: Uint8Array | string) => ({ path: `/${bomPath}`, sha256: createHash('sha256').update(bytes).digest('hex'), components: bomSchema.safeParse(jsonOrNull(Buffer.from(bytes).toString('utf8'))).data?.components.length ?? 0 });

/** That of the container which runs, else of the image that this installation would put there. */
async function imageBomOf(services: Services, { engine, containers }: Deployed, signal: AbortSignal): Promise<Pick<SecurityFacts, 'imageBom' | 'imageBomMissing'>> {
  try {
    const model = containers.find(({ role }) => role === 'model') ?? containers[0];
    if (engine !== null && model) {
      const bytes = await fileInContainer(engine, model.name, `/${bomPath}`, signal);
      return bytes === null ? { imageBom: null, imageBomMissing: 'The image of the container brings none.' } : { imageBom: { deployed: true, ...bomOf(bytes), imageId: model.imageId }, imageBomMissing: null };
    }
    const { bom, configDigest } = await planImage(services, { signal });
    return { imageBom: { deployed: false, ...bomOf(bom), imageId: configDigest }, imageBomMissing: null };
  } catch (error) {
    signal.throwIfAborted();
    return { imageBom: null, imageBomMissing: toErrorReport(error).message };
  }
}

/** Where the key lies that will sign; the key itself is not opened. */
async function keyOf(services: Services): Promise<SecurityFacts['key']> {
  const key = await makeKey(services).catch(() => null); // the one that is there; one that cannot be read ends the run where it has to sign
  return key && { keyId: key.keyId, keptIn: key.keptIn };
}
