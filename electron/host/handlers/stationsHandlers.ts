// Answers the operations on stations; the main job is made of the other nouns' operations.
import type { Services } from '#services/Services';
import type { StationPeers } from '#services/stations/StationPeers';
import { commission } from '#services/stations/commission';
import { openSample } from '#services/stations/openSample';
import { changeStation, createStation, getStation, listStations, removeStation } from '#services/stations/stationRecords';
import type { Handlers } from './Handlers.ts';

type StationOperations = 'stations.list' | 'stations.get' | 'stations.create' | 'stations.update' | 'stations.remove' | 'stations.openSample' | 'stations.commission';

export const stationsHandlers = (services: Services, peers: StationPeers): Pick<Handlers, StationOperations> => ({
  'stations.list': async () => listStations(services),
  'stations.get': async ({ id }) => getStation(services, id),
  'stations.create': async (input) => createStation(services, input),
  'stations.update': async ({ id, change, reason }) => changeStation(services, id, change, reason),
  'stations.remove': async ({ id, reason }) => { removeStation(services, id, reason); return {}; },
  'stations.openSample': { subject: () => 'sample station', run: (_input, context) => openSample(services, peers, context) },
  'stations.commission': {
    subject: ({ station, model, stationId }) => station ?? (model && 'path' in model ? model.path.split(/[\\/]/).pop() ?? '' : null) ?? (stationId === undefined ? 'sample station' : listStations(services).find(({ id }) => id === stationId)?.name ?? stationId),
    run: (input, context) => commission(services, peers, input, context),
  },
});
