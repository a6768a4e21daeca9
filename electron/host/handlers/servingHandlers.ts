// Answers the operations on what stations serve.
import { AppError } from '#shared/errors';
import type { Services } from '#services/Services';
import { getDeployment, listDeployments } from '#services/stations/deployments';
import { adviseServing, listAdvice } from '#services/benchmarks/adviseServing';
import { sha256OfFile } from '#services/files/sha256OfFile';
import { machineFingerprint } from '#services/machine/machineFingerprint';
import { modelRecords } from '#services/models/modelRecords';
import { resolveModel } from '#services/models/resolveModel';
import { deployStation, type DeployPeers } from '#services/stations/deployStation';
import { holdStation, promoteStation, removeFromEngine, restartStation, rollBackStation, splitStation, startStation, stopStation } from '#services/stations/operateStation';
import { reconcileStations } from '#services/stations/reconcileStations';
import { listRecords, saveRecords, setRecorder, showRecord } from '#services/stations/recordStation';
import { replayStation } from '#services/stations/replayStation';
import { admitClient, dismissClient, encryptStation } from '#services/stations/stationAccess';
import { stationLogs } from '#services/stations/stationLogs';
import { stationStats } from '#services/stations/stationStats';
import { tryStation } from '#services/stations/tryStation';
import { viewStations } from '#services/stations/viewStation';
import { watchServing } from '#services/stations/watchServing';
import type { Handlers } from './Handlers.ts';
import { modelSubject } from './subjects.ts';

type ServingOperations = 'serving.advise' | 'serving.advice' | 'serving.list' | 'serving.show' | 'serving.watch' | 'serving.deploy' | 'serving.rollback' | 'serving.split' | 'serving.promote' | 'serving.hold' | 'serving.start' | 'serving.stop' | 'serving.restart' | 'serving.remove' | 'serving.reconcile' | 'serving.logs' | 'serving.stats' | 'serving.try' | 'serving.admit' | 'serving.dismiss' | 'serving.encrypt' | 'serving.record' | 'serving.records' | 'serving.recorded' | 'serving.saveRecords' | 'serving.replay';

export const servingHandlers = (services: Services, peers: DeployPeers): Pick<Handlers, ServingOperations> => {
  const subject = ({ stationId }: { readonly stationId?: string | undefined }) => (stationId === undefined ? 'all stations' : listDeployments(services).find(({ id }) => id === stationId)?.station ?? stationId);
  return {
    'serving.advise': {
      subject: ({ model }) => modelSubject(services, model),
      async run({ model, ...input }, context) {
        const { path } = await resolveModel(services, model);
        return adviseServing(services, { ...input, path, modelSha256: await sha256OfFile(path), machineFingerprint: await machineFingerprint(services) }, context);
      },
    },
    // A registered model is known by its hash: to read gigabytes each time a screen asks would be too slow.
    'serving.advice': async ({ model }) => listAdvice(services, ('id' in model ? modelRecords(services).get(model.id)?.summary.sha256 : undefined) ?? await sha256OfFile((await resolveModel(services, model)).path)),
    'serving.list': (_, { signal }) => viewStations(services, signal),
    'serving.show': async ({ stationId }, { signal }) => {
      const { id, station } = getDeployment(services, stationId);
      const view = (await viewStations(services, signal)).find((one) => one.stationId === id);
      if (!view) throw new AppError('NOT_FOUND', `Station "${station}" was removed meanwhile.`);
      return view;
    },
    'serving.watch': (_, { emit, signal }) => watchServing(services, emit, signal),
    'serving.deploy': { subject: ({ station, stationId }) => station ?? subject({ stationId }), run: (input, context) => deployStation(services, peers, input, context) },
    'serving.rollback': { subject, run: (input, context) => rollBackStation(services, input, context) },
    'serving.split': { subject, run: (input, context) => splitStation(services, input, context) },
    'serving.promote': { subject, run: (input, context) => promoteStation(services, input, context) },
    'serving.hold': { subject, run: (input, context) => holdStation(services, input, context) },
    'serving.admit': (input, { signal }) => admitClient(services, input, signal),
    'serving.dismiss': (input, { signal }) => dismissClient(services, input, signal),
    'serving.encrypt': { subject, run: (input, context) => encryptStation(services, input, context) },
    'serving.record': { subject, run: (input, context) => setRecorder(services, input, context) },
    'serving.records': (input, { signal }) => listRecords(services, input, signal),
    'serving.recorded': (input, { signal }) => showRecord(services, input, signal),
    'serving.saveRecords': { subject, run: (input, context) => saveRecords(services, input, context) },
    'serving.replay': { subject, run: (input, context) => replayStation(services, input, context) },
    'serving.start': { subject, run: (input, context) => startStation(services, input, context) },
    'serving.stop': { subject, run: (input, context) => stopStation(services, input, context) },
    'serving.restart': { subject, run: (input, context) => restartStation(services, input, context) },
    'serving.remove': { subject, run: (input, context) => removeFromEngine(services, input, context) },
    'serving.reconcile': { subject, run: (input, context) => reconcileStations(services, input, context) },
    'serving.logs': (input, { emit, signal }) => stationLogs(services, input, emit, signal),
    'serving.try': (input, { signal }) => tryStation(services, input, signal),
    'serving.stats': (input, { emit, signal }) => stationStats(services, input, emit, signal),
  };
};
