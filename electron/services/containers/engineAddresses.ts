// Where a container engine may listen: what the user set, the current Docker context, else the usual sockets.
import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface EngineAddress {
  /** As DOCKER_HOST writes it: unix:///path, npipe:////./pipe/name, tcp://host:port or ssh://user@host. */
  readonly url: string;
  /** Who named it: it is then the only one that is tried. */
  readonly origin: '--engine-host' | '--nodes' | 'the station' | 'the settings' | 'DOCKER_HOST' | 'DOCKER_CONTEXT' | 'current context' | 'default';
  /** Over TCP: null speaks without encryption; else the folder with ca.pem, cert.pem and key.pem, or null for the system's authorities and no certificate of one's own. */
  readonly tls: { readonly folder: string | null } | null;
  /** A context that asks not to check the server's certificate. */
  readonly unchecked: boolean;
}

export interface AddressSources {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
  /** What a person set for this installation; `certs` is a folder. */
  readonly chosen?: { readonly host: string; readonly certs: string | null };
  /** The engine of another node, or the one that a station is on: nothing else is looked at. */
  readonly only?: { readonly origin: '--nodes' | 'the station'; readonly host: string; readonly certs: string | null };
}

/** In the order of Docker's own command, after what was said to Millwright on the command line, then in its settings: DOCKER_HOST, DOCKER_CONTEXT, the context chosen in ~/.docker/config.json, then the usual places. */
export async function engineAddresses({ platform, env, home = homedir(), chosen, only }: AddressSources): Promise<EngineAddress[]> {
  const folder = env['DOCKER_CONFIG'] || join(home, '.docker');
  for (const [origin, host, certs] of [[only?.origin ?? '--nodes', only?.host, only?.certs], ['--engine-host', env['MILLWRIGHT_ENGINE_HOST'], env['MILLWRIGHT_ENGINE_CERTS']], ['the settings', chosen?.host, chosen?.certs], ['DOCKER_HOST', env['DOCKER_HOST'], env['DOCKER_CERT_PATH']]] as const) {
    if (!host) continue;
    const url = urlOf(host);
    const wanted = certs || null;
    const verify = origin === 'DOCKER_HOST' && Boolean(env['DOCKER_TLS_VERIFY']);
    // Docker's certificates alone are no wish for TLS: they are often set once for all.
    const isTls = isTcp(url) && (url.startsWith('https:') || portOf(url) === '2376' || verify || (wanted !== null && origin !== 'DOCKER_HOST'));
    return [{ url, origin, tls: isTls ? { folder: wanted ?? (await usualCerts(folder)) } : null, unchecked: false }];
  }
  const named = env['DOCKER_CONTEXT'] || undefined;
  const context = named ?? (await currentContext(folder));
  if (context !== undefined && context !== 'default') {
    const found = await contextEndpoint(folder, context);
    if (found !== null) return [{ ...found, origin: named === undefined ? 'current context' : 'DOCKER_CONTEXT' }];
  }
  return defaultSockets(platform, env, home).map((url) => ({ url, origin: 'default', tls: null, unchecked: false }));
}

const isTcp = (url: string): boolean => /^(tcp|http|https):/.test(url);
const portOf = (url: string): string | null => /:(\d+)(?:\/|$)/.exec(url.replace(/^\w+:\/\//, ''))?.[1] ?? null;
/** A path names a socket, and what has no scheme is a host. */
export const urlOf = (text: string): string => (text.includes('://') ? text : text.startsWith('/') ? `unix://${text}` : `tcp://${text}`);

function defaultSockets(platform: NodeJS.Platform, env: AddressSources['env'], home: string): string[] {
  if (platform === 'win32') return ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/dockerDesktopLinuxEngine', 'npipe:////./pipe/podman-machine-default'];
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  return [
    '/var/run/docker.sock', join(home, '.docker/run/docker.sock'), join(home, '.docker/desktop/docker.sock'), ...(runtimeDir ? [join(runtimeDir, 'docker.sock')] : []),
    join(home, '.colima/default/docker.sock'), join(home, '.rd/docker.sock'), ...(runtimeDir ? [join(runtimeDir, 'podman/podman.sock')] : []), '/run/podman/podman.sock',
  ].map((path) => `unix://${path}`);
}

async function usualCerts(folder: string): Promise<string | null> {
  return access(join(folder, 'ca.pem')).then(() => folder, () => null);
}

async function currentContext(folder: string): Promise<string | undefined> {
  const config = await readJson(join(folder, 'config.json'));
  return typeof config?.['currentContext'] === 'string' && config['currentContext'] !== '' ? config['currentContext'] : undefined;
}

/** Docker keeps a context's record, and its certificates, under the SHA-256 of its name. */
async function contextEndpoint(folder: string, name: string): Promise<Omit<EngineAddress, 'origin'> | null> {
  const id = createHash('sha256').update(name).digest('hex');
  const meta = await readJson(join(folder, 'contexts', 'meta', id, 'meta.json'));
  const endpoints = meta?.['Endpoints'] as { readonly docker?: { readonly Host?: unknown; readonly SkipTLSVerify?: unknown } } | undefined; // another program's file: checked in the next lines
  const host = endpoints?.docker?.Host;
  if (typeof host !== 'string') return null;
  const url = urlOf(host);
  const certs = join(folder, 'contexts', 'tls', id, 'docker');
  const hasCerts = await access(certs).then(() => true, () => false);
  const isTls = isTcp(url) && (hasCerts || url.startsWith('https:') || portOf(url) === '2376');
  return { url, tls: isTls ? { folder: hasCerts ? certs : null } : null, unchecked: endpoints?.docker?.SkipTLSVerify === true };
}

async function readJson(path: string): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null; // an object, as just checked
  } catch {
    return null; // absent or damaged: the usual places are tried
  }
}
