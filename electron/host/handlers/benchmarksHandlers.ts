// Answers benchmarks, single runs and the comparison of two models.
import { openDataset } from '#services/datasets/openDataset';
import { countOpening } from '#services/datasets/sealDataset';
import { benchModel } from '#services/benchmarks/benchModel';
import { sha256OfFile } from '#services/files/sha256OfFile';
import { openSession } from '#services/inference/openSession';
import { runOnce } from '#services/inference/runOnce';
import { tensorInfos } from '#services/inference/tensorInfos';
import { machineFingerprint } from '#services/machine/machineFingerprint';
import { refuseProvider, runtimeFor } from '#services/stations/servedRuntime';
import { resolveModel } from '#services/models/resolveModel';
import { actorOf } from '#services/stations/actor';
import { compareModels } from '#services/validation/compareModels';
import type { DataRef } from '#shared/contract/references';
import type { Services } from '#services/Services';
import type { HandlersOf } from './Handlers.ts';
import { modelSubject } from './subjects.ts';

/** Opens the data for the inputs that the runtime says the model has. */
async function openDataFor(services: Services, path: string, data: DataRef) {
  const session = await openSession(services, { path, threads: 1 });
  await session.close();
  return openDataset(services, data, { inputs: tensorInfos(session.inputs) });
}

export const benchmarksHandlers: HandlersOf<'benchmarks.run' | 'models.run' | 'models.compare'> = (services) => ({
  'benchmarks.run': {
    subject: ({ model }) => modelSubject(services, model),
    async run({ model, data, station, runtime: wish, ...input }, context) {
      const { path } = await resolveModel(services, model);
      const modelSha256 = await sha256OfFile(path);
      for (const provider of input.providers ?? []) await refuseProvider(services, provider);
      const runtime = await runtimeFor(services, { station, modelSha256, wish: { ...wish, provider: input.providers?.[0], threads: input.threads?.[0] } });
      const reader = data ? await openDataFor(services, path, data) : null;
      try {
        return await benchModel(services, { ...input, path, reader, runtime, modelSha256, machineFingerprint: await machineFingerprint(services) }, context);
      } finally {
        await reader?.close();
      }
    },
  },
  'models.run': async ({ model, ...input }, { signal }) => runOnce(services, (await resolveModel(services, model)).path, input, signal),
  'models.compare': {
    subject: ({ a, b }) => `${modelSubject(services, a)} and ${modelSubject(services, b)}`,
    async run({ a, b, data, samples }, context) {
      const original = await resolveModel(services, a);
      const other = await resolveModel(services, b);
      const reader = await openDataFor(services, original.path, data);
      try {
        const again = context.resumeState == null ? 'Comparison' : 'Resumed comparison';
        await countOpening(services, data, reader, { by: actorOf(services), reason: `${again} of ${modelSubject(services, a)} and ${modelSubject(services, b)}` }, context.signal);
        return await compareModels(services, { aPath: original.path, bPath: other.path, reader, samples, classes: original.record?.labels ?? null }, context);
      } finally {
        await reader.close();
      }
    },
  },
});
