// Where a station listens, and under which name its clients find it.
import type { Deployment } from '#shared/contract/serving';

type Listening = Pick<Deployment, 'listen' | 'engine'>;

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');
const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::';
const inUrl = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);

/** How the machine of the engine itself reaches it. */
export const hostThere = ({ listen }: Pick<Deployment, 'listen'>): string => (listen === '0.0.0.0' ? '127.0.0.1' : listen === '::' ? '::1' : listen);

/** The name of another machine, from the address of its engine: ssh://user@HOST:port, https://HOST:port. */
export const machineOf = (engineHost: string): string => /^\w+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(engineHost)?.[1] ?? engineHost;

/** As clients write it: the loopback is that of the engine's machine. @param ownName of this machine, for its own clients elsewhere */
export function hostForClients({ listen, engine }: Listening, ownName: string): string {
  return inUrl(isWildcard(listen) ? (engine === null ? ownName : machineOf(engine.host)) : listen);
}

/** What clients post to begins with it. */
export const httpAddress = (deployment: Listening & Pick<Deployment, 'port' | 'tls'>, ownName: string): string => `${deployment.tls === null ? 'http' : 'https'}://${hostForClients(deployment, ownName)}:${deployment.port}`;

/** Ends the sentence "clients reach it …". */
export function reachOf({ listen, engine, tls }: Listening & Pick<Deployment, 'tls'>): string {
  const machine = engine === null ? 'this machine' : machineOf(engine.host);
  return isLoopback(listen) ? `on ${machine} only` : `${isWildcard(listen) ? 'at all addresses' : `at ${listen}`} of ${machine}, ${tls === null ? 'unencrypted' : 'encrypted'}`;
}
