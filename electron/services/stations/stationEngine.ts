// Which container engine a station is on: the one of this machine, or the one on another machine that it was deployed to.
import type { Deployment } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { isLocalEngine } from '#shared/isLocalEngine';
import { openEngine, type Engine } from '../containers/Engine.ts';
import { engineAddresses, urlOf, type AddressSources } from '../containers/engineAddresses.ts';
import { engineSources } from '../containers/engineSources.ts';
import type { Services } from '../Services.ts';

type OnEngine = Pick<Deployment, 'engine'>;
type StoreServices = Pick<Services, 'store'>;

/** The same for all stations on one engine. */
export const engineKeyOf = ({ engine }: OnEngine): string => engine?.host ?? '';

export function byEngine(deployments: readonly Deployment[]): readonly (readonly [Deployment, ...Deployment[]])[] {
  const groups = new Map<string, [Deployment, ...Deployment[]]>();
  for (const deployment of deployments) {
    const group = groups.get(engineKeyOf(deployment));
    if (group) group.push(deployment);
    else groups.set(engineKeyOf(deployment), [deployment]);
  }
  return [...groups.values()];
}

export const sourcesOf = (engine: NonNullable<Deployment['engine']>): AddressSources => ({ platform: process.platform, env: process.env, only: { origin: 'the station', ...engine } });

/** Where a new station goes: the engine of this installation; `remote` is kept with the station. @throws DOCKER_UNAVAILABLE with its reason */
export async function openChosenEngine(services: StoreServices): Promise<{ readonly engine: Engine; readonly remote: Deployment['engine'] }> {
  const sources = engineSources(services);
  const [address] = await engineAddresses(sources);
  const engine = await openEngine(sources);
  if (!address || isLocalEngine(engine.url)) return { engine, remote: null };
  // TLS that was wished for by a variable or by certificates must be wished for again without them.
  return { engine, remote: { host: address.tls === null ? address.url : address.url.replace(/^(tcp|http):/, 'https:'), certs: address.tls?.folder ?? null } };
}

/**
 * The engine that has the station, whatever the settings name now: a station of this machine is not made anew elsewhere because they changed.
 * @throws DOCKER_UNAVAILABLE with its reason
 */
export async function openStationEngine(services: StoreServices, { engine }: OnEngine): Promise<Engine> {
  return openEngine(engine === null ? await localSources(services) : sourcesOf(engine));
}

/** Where an engine on another machine is named, that of this machine is at one of the usual sockets. */
async function localSources(services: StoreServices): Promise<AddressSources> {
  const sources = engineSources(services);
  if ((await engineAddresses(sources)).every(({ url }) => isLocalEngine(url))) return sources;
  const { MILLWRIGHT_ENGINE_HOST: _host, DOCKER_HOST: _docker, ...env } = sources.env;
  return { platform: sources.platform, env: { ...env, DOCKER_CONTEXT: 'default' } };
}

/** What was named on the command line for one call must be where the station is. @throws BAD_INPUT */
export function refuseOtherEngine({ station, engine }: Pick<Deployment, 'station' | 'engine'>): void {
  const named = process.env['MILLWRIGHT_ENGINE_HOST'] ?? '';
  if (named === '' || (engine === null ? isLocalEngine(urlOf(named)) : sameHost(named, engine.host))) return;
  throw new AppError('BAD_INPUT', `Station "${station}" is on ${engine === null ? 'the engine of this machine' : `the engine at ${engine.host}`}, and ${named} is another one.`, { hint: 'Leave out --engine-host, or remove the station first and deploy it there.' });
}

const sameHost = (one: string, other: string): boolean => withoutScheme(one) === withoutScheme(other);
const withoutScheme = (url: string): string => url.replace(/^(?:tcp|https?):\/\//, '').replace(/\/$/, '');
