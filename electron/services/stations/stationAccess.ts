// Who may ask a station: clients with a key each, and a certificate for encrypted connections.
import { createHash, randomBytes } from 'node:crypto';
import type { OutputOf, ParsedInputOf } from '#shared/contract/index';
import type { Deployment, ServingView } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { certificateFacts, readTlsFiles } from '../files/tlsFiles.ts';
import type { Services } from '../Services.ts';
import { oldGateway, tellGateway, type ActContext, type Acted } from './acting.ts';
import { gatewayStatus } from './gatewayClient.ts';

const keyBytes = 32;
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** The key is random, so that its plain hash tells nothing of it. @throws ALREADY_EXISTS, BAD_INPUT where the gateway cannot keep clients out */
export async function admitClient(services: Services, { stationId, client, reason }: ParsedInputOf<'serving.admit'>, signal: AbortSignal): Promise<OutputOf<'serving.admit'>> {
  const key = `mw_${randomBytes(keyBytes).toString('base64url')}`;
  const serving = await change(services, { stationId, reason }, 'station.clientAdmitted', ({ station, clients }) => {
    if (clients?.some(({ name }) => same(name, client))) throw new AppError('ALREADY_EXISTS', `"${client}" has a key of "${station}" already.`, { hint: `A key is told once only. Take it back and make a new one, or give the new one another name: millwright station dismiss "${station}" "${client}"` });
    return { clients: [...clients ?? [], { name: client, sha256: createHash('sha256').update(key).digest('hex'), since: new Date(services.clock()).toISOString() }] };
  }, signal);
  return { client, key, serving };
}

/** With null all keys are taken back, and whoever reaches the address may ask. @throws NOT_FOUND */
export function dismissClient(services: Services, { stationId, client, reason }: ParsedInputOf<'serving.dismiss'>, signal: AbortSignal): Promise<ServingView> {
  return change(services, { stationId, reason }, client === null ? 'station.opened' : 'station.clientDismissed', ({ station, clients }) => {
    if (client === null) return { clients: null };
    const left = clients?.filter(({ name }) => !same(name, client)) ?? [];
    if (clients === null || left.length === clients.length) throw new AppError('NOT_FOUND', `No client of "${station}" is called "${client}".`, { hint: clients?.length ? `It has ${clients.map(({ name }) => `"${name}"`).join(', ')}.` : 'It has given no keys.' });
    return { clients: left };
  }, signal, client === null ? undefined : `The dismissal of "${client}"`);
}

/** @throws NOT_FOUND, PERMISSION_DENIED, BAD_INPUT */
export async function encryptStation(services: Services, { stationId, tls, reason }: ParsedInputOf<'serving.encrypt'>, { signal }: ActContext): Promise<ServingView> {
  if (tls === null) return change(services, { stationId, reason }, 'station.decrypted', () => ({ tls: null }), signal);
  const { cert, key, clientCa } = await readTlsFiles(tls);
  const { validTo } = certificateFacts(cert);
  if (validTo.getTime() < services.clock()) throw new AppError('BAD_INPUT', `The certificate ${tls.certPath} expired on ${validTo.toISOString().slice(0, 10)}.`, { hint: 'Ask whoever issues your certificates for a new one.' });
  return change(services, { stationId, reason }, 'station.encrypted', () => ({ tls: { cert: cert.toString('utf8'), key: key.toString('utf8'), clientCa: clientCa?.toString('utf8') ?? null } }), signal);
}

function change(services: Services, acted: Acted, done: string, wish: (before: Deployment) => Partial<Pick<Deployment, 'clients' | 'tls'>>, signal: AbortSignal, holds?: string): Promise<ServingView> {
  return tellGateway(services, acted, { doing: 'access', done, holds }, async (before) => {
    const wished = wish(before);
    if (before.clients === null && before.tls === null) await refuseUnheard(before, signal);
    return wished;
  }, signal);
}

/** Whoever is to be kept out for the first time must be so from this moment on: a gateway that is not there, or is of an earlier release, would let him in. A station keeps its gateway, so that it is asked once. */
async function refuseUnheard(deployment: Deployment, signal: AbortSignal): Promise<void> {
  const { station, desired } = deployment;
  const status = desired === 'running' ? await gatewayStatus(deployment, signal) : null;
  if (status === null) throw new AppError('CONNECTION_LOST', `The gateway of "${station}" does not answer, so it cannot be told who may ask.`, { hint: `Start the station first: millwright station start "${station}"` });
  if (status.admission === undefined) throw oldGateway(station, 'lets everyone in');
}
