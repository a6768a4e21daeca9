// Finds the container engine of this machine, or says in one sentence why there is none.
import { access } from 'node:fs/promises';
import Docker from 'dockerode';
import type { MachineReport } from '#shared/contract/machine';
import { AppError, isAppError } from '#shared/errors';
import { engineAddresses, type AddressSources, type EngineAddress } from './engineAddresses.ts';

export type EngineFacts = MachineReport['containers'] & {
  /** True when the engine runs without root. */
  readonly rootless: boolean | null;
};

const deadlineMs = 1500;

/** Never throws: what went wrong is the reason. Takes at most about 1.5 s for each address that accepts but does not answer. */
export async function detectEngine(sources: AddressSources = { platform: process.platform, env: process.env }): Promise<EngineFacts> {
  const addresses = await engineAddresses(sources);
  const attempts = await Promise.all(addresses.map((address) => tryAddress(address)));
  const good = attempts.find(({ available }) => available);
  if (good) return good;
  // The attempt that got furthest explains most: a socket that refuses says more than one that is not there.
  return attempts.find(({ socket }) => socket !== null) ?? nothingFound(sources.platform);
}

/** A client for the engine that detectEngine finds. Throws DOCKER_UNAVAILABLE with its reason. */
export async function connectEngine(sources?: AddressSources): Promise<{ readonly docker: Docker; readonly facts: EngineFacts }> {
  const facts = await detectEngine(sources);
  if (!facts.available || facts.socket === null) throw new AppError('DOCKER_UNAVAILABLE', facts.reason);
  return { docker: clientFor(facts.socket), facts };
}

const none = { engine: null, version: null, available: false, rootless: null } as const;

const nothingFound = (platform: NodeJS.Platform): EngineFacts => ({
  ...none, socket: null,
  reason: platform === 'linux' ? 'No container engine is running here: neither Docker nor Podman has a socket.' : 'No container engine is running here: neither Docker Desktop nor Podman answers.',
});

async function tryAddress({ url, origin }: EngineAddress): Promise<EngineFacts> {
  const given = origin === 'default' ? '' : ` ${origin} names ${url}.`;
  if (origin === 'default' && url.startsWith('unix://') && !(await access(url.slice(7)).then(() => true, () => false))) return { ...none, socket: null, reason: '' };
  try {
    const docker = clientFor(url);
    const version = await within(docker.version(), deadlineMs);
    const podman = version.Components?.some(({ Name }) => /podman/i.test(Name)) === true;
    const rootless = await within(docker.info(), deadlineMs).then((info: { readonly SecurityOptions?: readonly string[] }) => info.SecurityOptions?.some((option) => option.includes('rootless')) === true, () => null);
    const name = podman ? 'Podman' : 'Docker';
    return { engine: podman ? 'podman' : 'docker', version: version.Version, available: true, socket: url, rootless, reason: `${name} ${version.Version} answers${rootless === true ? ', without root' : ''}.` };
  } catch (error) {
    const reason = explainFailure(error, url);
    // A named pipe that is not there is the same as no engine; Windows has no file to look for beforehand.
    const absent = origin === 'default' && (error as NodeJS.ErrnoException).code === 'ENOENT';
    return { ...none, socket: absent ? null : url, reason: `${reason}${given}` };
  }
}

/** Socket errors carry a code; dockerode's HTTP errors carry a status code. Both become one sentence. */
export function explainFailure(error: unknown, url: string): string {
  if (isAppError(error)) return error.message;
  const { code, statusCode, level, syscall } = error as { readonly code?: string; readonly statusCode?: number; readonly level?: string; readonly syscall?: string }; // fields of Node's and dockerode's errors, all optional
  const place = url.replace(/^(unix|npipe):\/\//, '');
  if (syscall === 'open') return 'The certificates that DOCKER_CERT_PATH names cannot be read.';
  switch (code) {
    case 'ENOENT': return `There is no container engine at ${place}.`;
    case 'ECONNREFUSED': return `The socket ${place} is there, but no container engine listens on it: the daemon is not running.`;
    case 'EACCES': case 'EPERM': return `This user may not use the container engine at ${place}.`;
    case 'ENOTFOUND': case 'EAI_AGAIN': return `The host of the container engine, ${place}, has no address.`;
    case 'TIMEOUT': case 'ETIMEDOUT': return `The container engine at ${place} accepts connections but does not answer.`;
    case 'ECONNRESET': case 'EPIPE': return `The container engine at ${place} ended the connection.`;
    default: break;
  }
  if (statusCode !== undefined) return `What answers at ${place} is not a working container engine (HTTP ${statusCode}).`;
  if (level !== undefined) return `The SSH connection to ${place} was refused.`;
  return `The container engine at ${place} could not be reached.`;
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
