// How a station's gateway is reached: at its published port where it is on this machine, through its engine where it is on another.
import { Agent } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Deployment } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { modelHttpPort } from '#core/stations/gatewayOrders';
import { namesOf } from '#core/stations/planStation';
import { openContainerSocket } from '../containers/containerSocket.ts';
import { engineAddresses } from '../containers/engineAddresses.ts';
import { engineClient } from '../containers/engineClient.ts';
import { sourcesOf } from './stationEngine.ts';

export type Gateway = Pick<Deployment, 'port' | 'station' | 'slug' | 'engine' | 'listen' | 'gatewayKey' | 'clients' | 'tls'>;

/** Each is a small program in the gateway's container; a poll and an inference go side by side. */
const connectionsMax = 2;
/** A login or two, and the start of that program. */
export const throughEngineMs = 12_000;

const agents = new Map<string, Agent>();

/** Null for the published port. Connections are kept: over SSH each costs two logins. */
export function agentFor({ engine, slug }: Gateway): Agent | null {
  if (engine === null) return null;
  const { gateway } = namesOf(slug);
  const key = JSON.stringify([engine, gateway]);
  const known = agents.get(key);
  if (known) return known;
  const connect = async (done: (error: Error | null, socket?: Duplex) => void): Promise<void> => {
    try {
      const sources = sourcesOf(engine);
      const [address] = await engineAddresses(sources);
      if (!address) throw new AppError('INTERNAL', 'An engine that was named has an address.');
      done(null, await openContainerSocket(await engineClient(address, sources.env), gateway, modelHttpPort));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const agent = Object.assign(new Agent({ keepAlive: true, maxSockets: connectionsMax }), { createConnection(_options: object, done: Parameters<typeof connect>[0]): undefined { void connect(done); } });
  agents.set(key, agent);
  return agent;
}
