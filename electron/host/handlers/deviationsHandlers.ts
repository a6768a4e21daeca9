// Answers of deviations.*: each a call of its service.
import { closeDeviation } from '#services/deviations/closeDeviation';
import { listDeviations } from '#services/deviations/deviationRecords';
import { openDeviation } from '#services/deviations/openDeviation';
import type { HandlersOf } from './Handlers.ts';

export const deviationsHandlers: HandlersOf<'deviations.list' | 'deviations.open' | 'deviations.close'> = (services) => ({
  'deviations.list': async (filter) => listDeviations(services, filter),
  'deviations.open': async (input) => openDeviation(services, input),
  'deviations.close': (input) => closeDeviation(services, input),
});
