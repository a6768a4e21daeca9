// Finds the container engine of this machine, or says in one sentence why there is none.
import { access } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { MachineReport } from '#shared/contract/machine';
import { AppError, isAppError } from '#shared/errors';
import { isLocalEngine } from '#shared/isLocalEngine';
import { engineAddresses, type AddressSources, type EngineAddress } from './engineAddresses.ts';
import { engineClient } from './engineClient.ts';
import { explainFailure } from './explainFailure.ts';
import { translateDockerError } from './translateDockerError.ts';

export type EngineFacts = MachineReport['containers'] & {
  /** True when the engine runs without root. */
  readonly rootless: boolean | null;
};

/** A local socket answers at once; a login over the network takes longer. */
const deadlineMsOf = ({ url }: EngineAddress): number => (url.startsWith('ssh:') ? 10_000 : isLocalEngine(url) ? 1500 : 3000);

/** Never throws: what went wrong is the reason. Takes at most about 1.5 s for each local address that accepts but does not answer. */
export async function detectEngine(sources?: AddressSources): Promise<EngineFacts> {
  return (await findEngine(sources)).facts;
}

interface Attempt { readonly facts: EngineFacts; /** What was thrown, where the engine does not answer. */ readonly cause: unknown; readonly docker: Docker | null }

async function findEngine(sources: AddressSources = { platform: process.platform, env: process.env }): Promise<Attempt> {
  const addresses = await engineAddresses(sources);
  const attempts = await Promise.all(addresses.map((address) => tryAddress(address, sources.env)));
  const good = attempts.find(({ facts }) => facts.available);
  if (good) return good;
  // The attempt that got furthest explains most: a socket that refuses says more than one that is not there.
  return attempts.find(({ facts }) => facts.socket !== null) ?? { facts: nothingFound(sources.platform), cause: null, docker: null };
}

/** A client for the engine that detectEngine finds. @throws DOCKER_UNAVAILABLE, PERMISSION_DENIED, BAD_USAGE, with the reason and what to do */
export async function connectEngine(sources?: AddressSources): Promise<{ readonly docker: Docker; readonly facts: EngineFacts }> {
  const { facts, cause, docker } = await findEngine(sources);
  if (docker !== null && facts.available) return { docker, facts };
  const told = cause === null ? null : translateDockerError(cause, 'Reaching the container engine', facts.socket ?? '');
  const code = told?.code === 'PERMISSION_DENIED' || told?.code === 'BAD_USAGE' ? told.code : 'DOCKER_UNAVAILABLE';
  throw new AppError(code, facts.reason, { cause, ...(facts.hint === undefined ? {} : { hint: facts.hint }) });
}

const originWords: Partial<Record<EngineAddress['origin'], string>> = { 'current context': 'The current Docker context', 'the settings': 'The settings', 'the station': 'The station' };

const none = { engine: null, version: null, available: false, rootless: null } as const;

const nothingFound = (platform: NodeJS.Platform): EngineFacts => ({
  ...none, socket: null,
  reason: platform === 'linux' ? 'No container engine is running here: neither Docker nor Podman has a socket.' : 'No container engine is running here: neither Docker Desktop nor Podman answers.',
});

async function tryAddress(address: EngineAddress, env: AddressSources['env']): Promise<Attempt> {
  const { url, origin } = address;
  const deadlineMs = deadlineMsOf(address);
  if (origin === 'default' && url.startsWith('unix://') && !(await access(url.slice(7)).then(() => true, () => false))) return { facts: { ...none, socket: null, reason: '' }, cause: null, docker: null };
  try {
    const docker = await engineClient(address, env);
    // Side by side: over SSH each is a login.
    const ask = async () => Promise.all([within(docker.version(), deadlineMs), within(docker.info(), deadlineMs).then((info: { readonly SecurityOptions?: readonly string[] }) => info.SecurityOptions?.some((option) => option.includes('rootless')) === true, () => null)]);
    // A connection that was kept open may end with the engine that it belonged to: a second one tells whether there is an engine now.
    const [version, rootless] = await ask().catch(async (error: unknown) => { if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') return ask(); throw error; });
    const podman = version.Components?.some(({ Name }) => /podman/i.test(Name)) === true;
    const name = podman ? 'Podman' : 'Docker';
    return { facts: { engine: podman ? 'podman' : 'docker', version: version.Version, available: true, socket: url, rootless, reason: `${name} ${version.Version} answers${rootless === true ? ', without root' : ''}.` }, cause: null, docker };
  } catch (error) {
    const { reason, hint } = explainFailure(error, url);
    const given = origin === 'default' || (isAppError(error) && error.message.includes(url)) ? '' : ` ${originWords[origin] ?? origin} ${origin === 'the settings' ? 'name' : 'names'} ${url}.`;
    // A named pipe that is not there is the same as no engine; Windows has no file to look for beforehand.
    const absent = origin === 'default' && (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { facts: { ...none, socket: absent ? null : url, reason: `${reason}${given}`, ...(hint === null ? {} : { hint }) }, cause: error, docker: null };
  }
}

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'TIMEOUT' })), ms); });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
