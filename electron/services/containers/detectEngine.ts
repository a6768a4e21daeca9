// Finds the container engine of this machine, or says in one sentence why there is none.
import { access } from 'node:fs/promises';
import Docker from 'dockerode';
import type { MachineReport } from '#shared/contract/machine';
import { AppError } from '#shared/errors';
import { explainFailure } from './explainFailure.ts';
import { translateDockerError } from './translateDockerError.ts';
import { engineAddresses, type AddressSources, type EngineAddress } from './engineAddresses.ts';

export type EngineFacts = MachineReport['containers'] & {
  /** True when the engine runs without root. */
  readonly rootless: boolean | null;
};

const deadlineMs = 1500;

/** Never throws: what went wrong is the reason. Takes at most about 1.5 s for each address that accepts but does not answer. */
export async function detectEngine(sources?: AddressSources): Promise<EngineFacts> {
  return (await findEngine(sources)).facts;
}

interface Attempt { readonly facts: EngineFacts; /** What was thrown, where the engine does not answer. */ readonly cause: unknown }

async function findEngine(sources: AddressSources = { platform: process.platform, env: process.env }): Promise<Attempt> {
  const addresses = await engineAddresses(sources);
  const attempts = await Promise.all(addresses.map((address) => tryAddress(address)));
  const good = attempts.find(({ facts }) => facts.available);
  if (good) return good;
  // The attempt that got furthest explains most: a socket that refuses says more than one that is not there.
  return attempts.find(({ facts }) => facts.socket !== null) ?? { facts: nothingFound(sources.platform), cause: null };
}

/** A client for the engine that detectEngine finds. @throws DOCKER_UNAVAILABLE, PERMISSION_DENIED, with the reason and what to do */
export async function connectEngine(sources?: AddressSources): Promise<{ readonly docker: Docker; readonly facts: EngineFacts }> {
  const { facts, cause } = await findEngine(sources);
  if (!facts.available || facts.socket === null) {
    const told = cause === null ? null : translateDockerError(cause, 'Reaching the container engine', facts.socket ?? '');
    throw told?.code === 'PERMISSION_DENIED' ? new AppError('PERMISSION_DENIED', facts.reason, { hint: told.hint, cause }) : new AppError('DOCKER_UNAVAILABLE', facts.reason, { cause });
  }
  return { docker: clientFor(facts.socket), facts };
}

const none = { engine: null, version: null, available: false, rootless: null } as const;

const nothingFound = (platform: NodeJS.Platform): EngineFacts => ({
  ...none, socket: null,
  reason: platform === 'linux' ? 'No container engine is running here: neither Docker nor Podman has a socket.' : 'No container engine is running here: neither Docker Desktop nor Podman answers.',
});

async function tryAddress({ url, origin }: EngineAddress): Promise<Attempt> {
  const given = origin === 'default' ? '' : ` ${origin} names ${url}.`;
  if (origin === 'default' && url.startsWith('unix://') && !(await access(url.slice(7)).then(() => true, () => false))) return { facts: { ...none, socket: null, reason: '' }, cause: null };
  try {
    const docker = clientFor(url);
    const version = await within(docker.version(), deadlineMs);
    const podman = version.Components?.some(({ Name }) => /podman/i.test(Name)) === true;
    const rootless = await within(docker.info(), deadlineMs).then((info: { readonly SecurityOptions?: readonly string[] }) => info.SecurityOptions?.some((option) => option.includes('rootless')) === true, () => null);
    const name = podman ? 'Podman' : 'Docker';
    return { facts: { engine: podman ? 'podman' : 'docker', version: version.Version, available: true, socket: url, rootless, reason: `${name} ${version.Version} answers${rootless === true ? ', without root' : ''}.` }, cause: null };
  } catch (error) {
    const reason = explainFailure(error, url);
    // A named pipe that is not there is the same as no engine; Windows has no file to look for beforehand.
    const absent = origin === 'default' && (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { facts: { ...none, socket: absent ? null : url, reason: `${reason}${given}` }, cause: error };
  }
}

/** The client library heeds DOCKER_HOST even when given a socket, unless host and port are blanked (docker-modem 5). */
function clientFor(url: string): Docker {
  const socket = /^(?:unix|npipe):\/\/(.*)$/.exec(url)?.[1];
  if (socket !== undefined) return new Docker({ socketPath: socket, host: undefined, port: undefined, protocol: 'http' } as unknown as Docker.DockerOptions); // undefined is meant, the types do not foresee it
  const { protocol, hostname, port, username } = new URL(url);
  if (protocol === 'ssh:') throw new AppError('DOCKER_UNAVAILABLE', 'Engines over SSH are not supported yet.', { hint: 'Use a local engine or one over TLS.' });
  if (port === '2376' || process.env['DOCKER_TLS_VERIFY'] === '1') return new Docker(); // the library reads DOCKER_CERT_PATH itself
  return new Docker({ host: hostname, port: port === '' ? 2375 : Number(port), protocol: 'http', ...(username === '' ? {} : { username }) });
}

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'TIMEOUT' })), ms); });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
