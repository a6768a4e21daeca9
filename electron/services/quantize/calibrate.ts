// Streams the calibration samples through the worker: one at a time, so that memory does not depend on how many there are.
import { AppError, isAppError } from '#shared/errors';
import type { Feeds } from '#shared/tensor';
import type { StaticOptions } from '#core/quantize/static/StaticOptions';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import type { JobContext } from '../Services.ts';
import { collectGarbage } from './collectGarbage.ts';
import type { LabConnection } from './openLab.ts';
import type { ObserveMode } from './observeTasks.ts';

export interface CalibrateInput {
  readonly options: readonly StaticOptions[];
  readonly reader: DatasetReader;
  readonly indices: readonly number[];
  readonly modes: readonly ObserveMode[];
  readonly parity: boolean;
}

/** Samples lie outside the collector's heap: it is called after so many bytes of them, so that more samples take no more memory. */
const collectEvery = 24 * 2 ** 20;
const bytesOf = (feeds: Feeds): number => Object.values(feeds).reduce((sum, { data }) => sum + ('byteLength' in data ? data.byteLength : 0), 0);

/** @returns how many inputs found no room to be observed @throws AppError NOTHING_TO_QUANTIZE; BAD_DATA naming the sample */
export async function calibrate(lab: LabConnection, { options, reader, indices, modes, parity }: CalibrateInput, context: Pick<JobContext, 'signal' | 'progress'>): Promise<{ readonly left: number }> {
  let left = 0;
  for (const mode of modes) {
    const opened = await lab.call('quantize.observeOpen', { options, mode, parity, samples: indices.length });
    left += opened.left;
    if (opened.tensors === 0) continue;
    let done = 0;
    let passedBytes = 0;
    // The next sample is read while the worker runs this one.
    let next = indices.length ? reader.read(indices[0]!) : null;
    for (let i = 0; i < indices.length; i++) {
      context.signal.throwIfAborted();
      const { feeds, name } = await next!;
      passedBytes += bytesOf(feeds);
      if (passedBytes > collectEvery) { collectGarbage(); passedBytes = 0; }
      next = i + 1 < indices.length ? reader.read(indices[i + 1]!) : null;
      next?.catch(() => undefined); // awaited in the next round; must not count as unhandled until then
      try {
        await lab.call('quantize.observeSample', { feeds, name });
      } catch (error) {
        if (isAppError(error) && error.code === 'BAD_INPUT') throw new AppError('BAD_DATA', `The model cannot run the calibration sample ${name}: ${error.message}`, { cause: error, hint: 'Look at the shape and type of the data: `millwright data check DATA --json`.' });
        throw error;
      }
      context.progress({ stage: mode === 'reference' ? 'Measuring distributions' : 'Calibrating', done: ++done, total: indices.length });
    }
    await lab.call('quantize.observeClose', {});
  }
  return { left };
}

/** What has to be observed for a method. */
export function modesFor(method: 'minmax' | 'percentile' | 'entropy' | 'mse', parity: boolean): readonly ObserveMode[] {
  if (method === 'minmax') return ['extremes'];
  return parity && method === 'percentile' ? ['magnitudes', 'reference'] : ['histogram'];
}
