// Station records: made, changed, found and removed.
import { randomUUID } from 'node:crypto';
import { changeBetween } from '#shared/auditChange';
import { stationRecordSchema, type StationRecord } from '#shared/contract/stations';
import { lockedLimitsSchema } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import { limitText } from '#core/limits/judgeLimits';
import type { Services } from '../Services.ts';
import { findDeployment } from './deployments.ts';
import { actorOf } from './actor.ts';

type StationServices = Pick<Services, 'store' | 'clock'>;
export type StationChange = { readonly [K in keyof Pick<StationRecord, 'name' | 'line' | 'description' | 'modelId' | 'candidateModelId' | 'calibrationId' | 'testId' | 'challengeId' | 'limitsId' | 'taktMs' | 'threshold' | 'status' | 'verdict' | 'evidenceId' | 'sample'>]?: StationRecord[K] | undefined };

const stationsOf = (services: StationServices) => services.store.collection('stations', stationRecordSchema);

export const listStations = (services: StationServices): StationRecord[] => stationsOf(services).list();

export function getStation(services: StationServices, id: string): StationRecord {
  const station = stationsOf(services).get(id);
  if (!station) throw new AppError('NOT_FOUND', `There is no station ${id}.`);
  return station;
}

export function findStation(services: StationServices, name: string): StationRecord | null {
  return stationsOf(services).list().find((station) => station.name === name) ?? null;
}

/** ALREADY_EXISTS where a station has the name: people call stations by name, and so do commands. */
export function createStation(services: StationServices, { name, line, description, taktMs, sample = false }: { name: string; line: string; description: string; taktMs: number | null; sample?: boolean }): StationRecord {
  if (findStation(services, name)) throw new AppError('ALREADY_EXISTS', `There is a station called "${name}" already.`, { hint: 'Choose another name, or open that station.' });
  const station: StationRecord = {
    id: randomUUID(), name, line, description, createdAt: new Date(services.clock()).toISOString(), status: 'new', verdict: null,
    modelId: null, candidateModelId: null, calibrationId: null, testId: null, challengeId: null, limitsId: null, taktMs, threshold: null, evidenceId: null, sample,
  };
  stationsOf(services).put(station);
  services.store.audit.append({ actor: actorOf(services), action: 'station.created', subject: name, detail: { stationId: station.id, old: null, new: { name, line, description, taktMs } } });
  return station;
}

/** What is so already stays as it is, unaudited. */
export function changeStation(services: StationServices, id: string, change: StationChange, reason?: string): StationRecord {
  const before = getStation(services, id);
  if (change.name !== undefined && change.name !== before.name && findStation(services, change.name)) throw new AppError('ALREADY_EXISTS', `There is a station called "${change.name}" already.`);
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const after: StationRecord = { ...before, ...given };
  const changed = changeBetween(told(services, before), told(services, after));
  if (changed === null) return before;
  services.store.atomically(() => {
    stationsOf(services).put(after);
    services.store.audit.append({ actor: actorOf(services), action: 'station.changed', subject: after.name, detail: { stationId: id, ...changed, ...(reason === undefined ? {} : { reason }) } });
  });
  return after;
}

/** Beside the id of its limits what they say, so that the audit trail shows by itself what was tightened or loosened. */
function told(services: StationServices, station: StationRecord): object {
  const limits = station.limitsId === null ? null : services.store.collection('limits', lockedLimitsSchema).get(station.limitsId);
  return { ...station, limits: limits?.limits.map((limit) => `${limit.id} ${limit.metric} ${limitText(limit)}${limit.confidence === undefined ? '' : ` at ${limit.confidence}`}`) ?? null };
}

/** Models, data and evidence stay; only the station goes. */
export function removeStation(services: StationServices, id: string, reason?: string): void {
  const station = getStation(services, id);
  if (findDeployment(services, id)) throw new AppError('BUSY', `Station "${station.name}" still has containers on the engine.`, { hint: 'Remove them first; `millwright station remove` does both.' });
  stationsOf(services).remove(id);
  services.store.audit.append({ actor: actorOf(services), action: 'station.removed', subject: station.name, detail: { stationId: id, ...(reason === undefined ? {} : { reason }) } });
}
