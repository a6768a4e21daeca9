// The nodes of the Swarm that the engine manages, and the engines of those that were named: each has to be given the image by itself, for there is no registry.
import { AppError, toErrorReport } from '#shared/errors';
import { settingsSchema } from '#shared/contract/app';
import type { Services } from '../Services.ts';
import { openEngine, type Engine } from './Engine.ts';

/** As Docker's Engine API documents them; everything may be missing in an engine that is no Docker. */
interface SwarmInfo { readonly NodeID?: string; readonly NodeAddr?: string; readonly LocalNodeState?: string; readonly ControlAvailable?: boolean; readonly RemoteManagers?: readonly { readonly Addr: string }[] | null }
interface RawNode {
  readonly ID: string; readonly Version: { readonly Index: number }; readonly UpdatedAt: string;
  readonly Spec: { readonly Labels?: Record<string, string>; readonly Role: string; readonly Availability: string };
  readonly Description: { readonly Hostname: string; readonly Resources: { readonly NanoCPUs?: number; readonly MemoryBytes?: number } };
  readonly Status: { readonly State: string; readonly Addr: string }; readonly ManagerStatus?: { readonly Addr: string };
}

export interface SwarmNode {
  readonly id: string;
  /** Its host name, with a part of its id where two have the same. */
  readonly name: string;
  readonly address: string;
  readonly state: string;
  readonly availability: string;
  /** Of its last change: for a node that is down, since when. */
  readonly changedAt: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly labels: Readonly<Record<string, string>>;
}

const infoOf = async (engine: Engine, signal?: AbortSignal): Promise<SwarmInfo> => (await engine.ask('Asking the engine for its Swarm', async (docker) => docker.info() as Promise<{ readonly Swarm?: SwarmInfo }>, { signal })).Swarm ?? {}; // the types know no shape here

export const nodeIdOf = async (engine: Engine, signal?: AbortSignal): Promise<string | null> => (await infoOf(engine, signal)).NodeID || null;

/** @throws DOCKER_REFUSED with what to do */
export async function refuseUnlessManager(engine: Engine, signal?: AbortSignal): Promise<void> {
  const { LocalNodeState = 'inactive', ControlAvailable, RemoteManagers } = await infoOf(engine, signal);
  if (engine.facts.engine === 'podman') throw new AppError('DOCKER_REFUSED', 'Podman has no Swarm.', { hint: 'Deploy to this machine alone: leave out --target swarm.' });
  if (ControlAvailable === true) return;
  if (LocalNodeState === 'active') {
    const managers = (RemoteManagers ?? []).map(({ Addr }) => Addr.replace(/:\d+$/, '')).join(', ');
    throw new AppError('DOCKER_REFUSED', `The container engine of this machine is a worker of its Swarm, and only a manager makes services. ${managers === '' ? 'No manager answers it.' : `Its managers: ${managers}.`}`, { hint: 'Run Millwright on a manager, or make this node one, there: docker node promote NAME' });
  }
  throw new AppError('DOCKER_REFUSED', 'The container engine is not part of a Swarm.', { hint: 'Make it one: docker swarm init --advertise-addr ADDRESS-OF-THIS-MACHINE, and run the command that it prints on each other host.' });
}

export async function listNodes(engine: Engine, signal?: AbortSignal): Promise<SwarmNode[]> {
  const found = await engine.ask('Listing the nodes of the Swarm', async (docker, abortSignal) => docker.listNodes({ abortSignal }) as unknown as Promise<RawNode[]>, { signal }); // the types know it as any
  const names = found.map(({ Description }) => Description.Hostname);
  return found.map(({ ID, UpdatedAt, Spec, Description, Status, ManagerStatus }) => ({
    id: ID, name: names.filter((name) => name === Description.Hostname).length > 1 ? `${Description.Hostname} (${ID.slice(0, 6)})` : Description.Hostname,
    // A manager may know itself by no address of its own.
    address: ManagerStatus && /^(?:0\.0\.0\.0|127\.|$)/.test(Status.Addr) ? ManagerStatus.Addr.replace(/:\d+$/, '') : Status.Addr,
    state: Status.State, availability: Spec.Availability, changedAt: UpdatedAt, labels: Spec.Labels ?? {},
    cpus: (Description.Resources.NanoCPUs ?? 0) / 1e9, memoryBytes: Description.Resources.MemoryBytes ?? 0,
  }));
}

/** Null where the engine does not manage the Swarm any more: what is known otherwise still counts. */
export const listNodesIfManager = (engine: Engine, signal?: AbortSignal): Promise<SwarmNode[] | null> => listNodes(engine, signal).catch((error: unknown) => {
  if (error instanceof AppError && error.code === 'DOCKER_REFUSED') return null;
  throw error;
});

/** A service runs only where this is set, which is where the image was loaded. `wanted` false takes it away. */
export async function markNode(engine: Engine, id: string, label: string, wanted: boolean, signal?: AbortSignal): Promise<void> {
  const what = 'Marking a node of the Swarm';
  const node = await engine.askMaybe(what, async (docker, abortSignal) => docker.getNode(id).inspect({ abortSignal } as object) as unknown as Promise<RawNode>, { signal }); // as above
  if (!node || (node.Spec.Labels?.[label] === 'yes') === wanted) return;
  const { [label]: _before, ...rest } = node.Spec.Labels ?? {};
  await engine.ask(what, async (docker, abortSignal) => docker.getNode(id).update({ _query: { version: node.Version.Index }, _body: { ...node.Spec, Labels: { ...rest, ...(wanted ? { [label]: 'yes' } : {}) } }, abortSignal } as object), { signal });
}

/** @throws DOCKER_UNAVAILABLE, naming the node */
export async function openNodeEngine({ store }: Pick<Services, 'store'>, url: string, name = url): Promise<Engine> {
  const certs = process.env['MILLWRIGHT_ENGINE_CERTS'] || store.value('settings', settingsSchema).get()?.engineCerts || null;
  try {
    return await openEngine({ platform: process.platform, env: process.env, only: { origin: '--nodes', host: url, certs } });
  } catch (error) {
    const { code, message, hint } = toErrorReport(error);
    throw new AppError(code, `The engine of the node ${name} cannot be reached: ${message}`, { cause: error, hint });
  }
}
