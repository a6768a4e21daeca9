// Makes the client library's connection to one address: a local socket, TCP with or without TLS, or SSH.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Docker from 'dockerode';
import { AppError } from '#shared/errors';
import type { AddressSources, EngineAddress } from './engineAddresses.ts';
import { sshAgent, sshTargetOf } from './sshConnection.ts';

type Options = Readonly<Record<string, unknown>>;
/** The library takes what it is not given from DOCKER_HOST, even beside a socket (docker-modem 5): so all is given, also what is absent. */
const client = (options: Options): Docker => new Docker({ socketPath: undefined, host: undefined, port: undefined, ca: undefined, cert: undefined, key: undefined, username: undefined, pathPrefix: '/', ...options } as Docker.DockerOptions); // undefined is meant, the types do not foresee it

/** @throws BAD_USAGE for what is no address, DOCKER_UNAVAILABLE for certificates that cannot be read */
export async function engineClient({ url, tls, unchecked, origin }: EngineAddress, env: AddressSources['env']): Promise<Docker> {
  const socket = /^(?:unix|npipe):\/\/(.*)$/.exec(url)?.[1];
  if (socket !== undefined) return client({ socketPath: socket, protocol: 'http' });
  if (url.startsWith('ssh:')) return client({ host: 'engine', port: '', protocol: 'http', agent: sshAgent(sshTargetOf(url), env) });
  const match = /^(?:tcp|http|https):\/\/(\[[\da-fA-F:]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/.exec(url);
  if (!match) throw new AppError('BAD_USAGE', `${url.slice(0, 200)}, which ${origin} names, is no address of a container engine.`, { hint: 'Write unix:///PATH, npipe:////./pipe/NAME, tcp://HOST:PORT or ssh://USER@HOST.' });
  const [, host = '', port] = match;
  if (tls === null) return client({ host, port: port ?? '2375', protocol: 'http' });
  if (unchecked) throw new AppError('DOCKER_UNAVAILABLE', `The Docker context for ${url} asks not to check the engine's certificate, and Millwright always does.`, { hint: 'Make the context anew with the certificate of the authority: docker context create NAME --docker "host=HOST,ca=FILE,cert=FILE,key=FILE"' });
  return client({ host, port: port ?? '2376', protocol: 'https', ...(tls.folder === null ? {} : await certificatesOf(tls.folder)) });
}

/** Without a certificate of one's own only the engine's is checked. */
async function certificatesOf(folder: string): Promise<Options> {
  const [ca, cert, key] = await Promise.all([['ca', true], ['cert', false], ['key', false]].map(async ([name, needed]) => readFile(join(folder, `${String(name)}.pem`)).catch((error: unknown) => {
    if (!needed && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new AppError('DOCKER_UNAVAILABLE', `The certificate ${join(folder, `${String(name)}.pem`)} for the container engine cannot be read.`, { cause: error, hint: 'Put ca.pem, cert.pem and key.pem into that folder, readable for this user; --engine-certs or DOCKER_CERT_PATH names another one.' });
  })));
  if ((cert === undefined) !== (key === undefined)) throw new AppError('DOCKER_UNAVAILABLE', `The folder ${folder} has ${cert ? 'a certificate without its key' : 'a key without its certificate'}.`, { hint: 'Put cert.pem and key.pem into it, or neither.' });
  return { ca, ...(cert && key ? { cert, key } : {}) };
}
