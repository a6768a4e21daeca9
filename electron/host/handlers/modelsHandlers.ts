// Answers the operations on models: import, list, show, check, compare, rename, remove.
import { basename } from 'node:path';
import { removeModel, renameModel, setModelVersion } from '#services/models/changeModel';
import { fitModel } from '#services/models/fitModel';
import { diffModelFiles } from '#services/models/diffModelFiles';
import { graphOfModel } from '#services/models/graphOfModel';
import { importModel } from '#services/models/importModel';
import { checkModelFile, showModel } from '#services/models/inspectModel';
import { modelRecordOf, modelRecords } from '#services/models/modelRecords';
import type { HandlersOf } from './Handlers.ts';

type Names = 'models.import' | 'models.list' | 'models.get' | 'models.remove' | 'models.rename' | 'models.setVersion' | 'models.show' | 'models.fit' | 'models.check' | 'models.diff' | 'models.graph';

export const modelsHandlers: HandlersOf<Names> = (services) => ({
  'models.import': { subject: ({ path, name }) => name ?? basename(path), run: (input, context) => importModel(services, input, context) },
  'models.list': async () => modelRecords(services).list(),
  'models.get': async ({ id }) => modelRecordOf(services, id),
  'models.remove': async ({ id, reason }) => { await removeModel(services, id, reason); return {}; },
  'models.rename': async ({ id, name, reason }) => renameModel(services, id, name, reason),
  'models.setVersion': async (input) => setModelVersion(services, input),
  'models.show': async ({ model }, { signal }) => showModel(services, model, signal),
  'models.fit': async ({ model, batch, openSize }, { signal }) => fitModel(services, model, { batch, openSize }, signal),
  'models.check': async ({ model }, { signal }) => checkModelFile(services, model, signal),
  'models.diff': async ({ a, b }, { signal }) => diffModelFiles(services, a, b, signal),
  'models.graph': async ({ model }, { signal }) => graphOfModel(services, model, signal),
});
