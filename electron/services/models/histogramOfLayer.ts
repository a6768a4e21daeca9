// The distribution of a layer's output and input over samples, beside the range that the model file stores for them.
import type { HistogramOutput } from '#shared/contract/optimize';
import type { DataRef, ModelRef } from '#shared/contract/references';
import { openDataset } from '../datasets/openDataset.ts';
import { spread } from '../quantize/feedsForProof.ts';
import { openLab } from '../quantize/openLab.ts';
import type { JobContext, Services } from '../Services.ts';
import { copyDataFiles } from './copyDataFiles.ts';
import { withModel } from './inspectModel.ts';

/** One sample at a time, so that memory does not depend on how many there are. @throws AppError NOT_FOUND (no such node), BAD_DATA, BAD_MODEL, MODEL_UNSUPPORTED */
export async function histogramOfLayer(services: Services, { model, data, node, samples }: { readonly model: ModelRef; readonly data: DataRef; readonly node: string; readonly samples: number }, context: JobContext): Promise<HistogramOutput> {
  const bytes = await withModel(services, model, async (file) => {
    await copyDataFiles(file, file.locations, context.workDir);
    return file.bytes;
  }, context.signal);
  const lab = await openLab(services, context);
  try {
    const { inputs } = await lab.call('quantize.histogramOpen', { bytes, node, workDir: context.workDir });
    const reader = await openDataset(services, data, { inputs });
    try {
      const indices = spread(reader.length, samples);
      for (const [done, index] of indices.entries()) {
        await lab.call('quantize.histogramSample', { feeds: (await reader.read(index)).feeds });
        context.progress({ stage: 'Running samples', done: done + 1, total: indices.length });
      }
      return { node, samples: indices.length, ...await lab.call('quantize.histogramResult', {}) };
    } finally { await reader.close(); }
  } finally { await lab.close(); }
}
