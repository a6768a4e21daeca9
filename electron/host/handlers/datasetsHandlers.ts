// Answers the operations on data sets.
import { checkDataset } from '#services/datasets/checkDataset';
import { planSamples } from '#services/datasets/planSamples';
import { addDataset, getDataset, listSamples, removeDataset } from '#services/datasets/registerDataset';
import { datasetRecords } from '#services/datasets/resolveDataset';
import { sealDataset } from '#services/datasets/sealDataset';
import type { HandlersOf } from './Handlers.ts';
import { dataSubject } from './subjects.ts';

export const datasetsHandlers: HandlersOf<'datasets.add' | 'datasets.list' | 'datasets.get' | 'datasets.remove' | 'datasets.check' | 'datasets.seal' | 'datasets.samples' | 'datasets.plan'> = (services) => ({
  'datasets.add': { subject: (input) => input.name ?? dataSubject(services, { path: input.path }), run: (input, context) => addDataset(services, input, context) },
  'datasets.list': () => Promise.resolve(datasetRecords(services).list()),
  'datasets.get': (input) => Promise.resolve(getDataset(services, input.id)),
  'datasets.remove': async (input) => { await removeDataset(services, input.id, input.reason); return {}; },
  'datasets.check': async (input, { signal }) => (await checkDataset(services, input.data, { signal })).check,
  'datasets.seal': { subject: (input) => dataSubject(services, input.data), run: (input, context) => sealDataset(services, input.data, context) },
  'datasets.samples': (input, { signal }) => listSamples(services, input, signal),
  'datasets.plan': (input) => Promise.resolve(planSamples(input)),
});
