// Answers the operations on carried stations.
import { basename } from 'node:path';
import { checkArrival } from '#services/transfer/checkArrival';
import { packStation } from '#services/transfer/packStation';
import { listStations } from '#services/stations/stationRecords';
import type { HandlersOf } from './Handlers.ts';

export const transferHandlers: HandlersOf<'transfer.pack' | 'transfer.check'> = (services) => ({
  'transfer.pack': { subject: ({ stationId, folder }) => listStations(services).find(({ id }) => id === stationId)?.name ?? basename(folder), run: (input, context) => packStation(services, input, context) },
  'transfer.check': ({ path }, { signal }) => checkArrival(services, path, signal),
});
