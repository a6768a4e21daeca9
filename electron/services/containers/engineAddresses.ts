// Where a container engine may listen: what the user set, the current Docker context, else the usual sockets.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface EngineAddress {
  /** As DOCKER_HOST writes it: unix:///path, npipe:////./pipe/name, tcp://host:port or ssh://user@host. */
  readonly url: string;
  /** Who named it: it is then the only one that is tried. */
  readonly origin: 'DOCKER_HOST' | 'DOCKER_CONTEXT' | 'current context' | 'default';
}

export interface AddressSources {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
}

/** In the order of Docker's own command: DOCKER_HOST, DOCKER_CONTEXT, the context chosen in ~/.docker/config.json, then the usual places. */
export async function engineAddresses({ platform, env, home = homedir() }: AddressSources): Promise<EngineAddress[]> {
  const host = env['DOCKER_HOST'];
  if (host !== undefined && host !== '') return [{ url: host.includes('://') ? host : `tcp://${host}`, origin: 'DOCKER_HOST' }];
  const folder = env['DOCKER_CONFIG'] || join(home, '.docker');
  const named = env['DOCKER_CONTEXT'] || undefined;
  const context = named ?? (await currentContext(folder));
  if (context !== undefined && context !== 'default') {
    const url = await contextHost(folder, context);
    if (url !== null) return [{ url, origin: named === undefined ? 'current context' : 'DOCKER_CONTEXT' }];
  }
  return defaultSockets(platform, env, home).map((url) => ({ url, origin: 'default' }));
}

function defaultSockets(platform: NodeJS.Platform, env: AddressSources['env'], home: string): string[] {
  if (platform === 'win32') return ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/dockerDesktopLinuxEngine', 'npipe:////./pipe/podman-machine-default'];
  const runtimeDir = env['XDG_RUNTIME_DIR'];
  return [
    '/var/run/docker.sock', join(home, '.docker/run/docker.sock'), join(home, '.docker/desktop/docker.sock'), ...(runtimeDir ? [join(runtimeDir, 'docker.sock')] : []),
    join(home, '.colima/default/docker.sock'), join(home, '.rd/docker.sock'), ...(runtimeDir ? [join(runtimeDir, 'podman/podman.sock')] : []), '/run/podman/podman.sock',
  ].map((path) => `unix://${path}`);
}

async function currentContext(folder: string): Promise<string | undefined> {
  const config = await readJson(join(folder, 'config.json'));
  return typeof config?.['currentContext'] === 'string' && config['currentContext'] !== '' ? config['currentContext'] : undefined;
}

/** Docker keeps a context's record under the SHA-256 of its name. */
async function contextHost(folder: string, name: string): Promise<string | null> {
  const meta = await readJson(join(folder, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'), 'meta.json'));
  const endpoints = meta?.['Endpoints'] as { readonly docker?: { readonly Host?: unknown } } | undefined; // another program's file: checked in the next line
  return typeof endpoints?.docker?.Host === 'string' ? endpoints.docker.Host : null;
}

async function readJson(path: string): Promise<Record<string, unknown> | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null; // an object, as just checked
  } catch {
    return null; // absent or damaged: the usual places are tried
  }
}
