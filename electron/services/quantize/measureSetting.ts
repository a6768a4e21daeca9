// One try of the search for precision: writes a setting and measures what it keeps of the signal; null where the runtime or the recipe refuses it.
import { isAppError } from '#shared/errors';
import type { JobContext } from '../Services.ts';
import { qualityDb } from './noise.ts';
import type { LabConnection } from './openLab.ts';
import { prove, type ProofSample } from './prove.ts';
import type { Setting, Written } from './writeTask.ts';

export interface Measured<S extends Setting = Setting> { readonly setting: S; readonly written: Written; /** By `qualityDb`: also of models without float outputs. */ readonly sqnrDb: number | null; /** It is the ratio of a float output. */ readonly ofFloats: boolean }

export async function measureSetting<S extends Setting>(lab: LabConnection, setting: S, name: string, samples: readonly ProofSample[], { signal }: Pick<JobContext, 'signal'>): Promise<Measured<S> | null> {
  try {
    const written = await lab.call('quantize.write', { setting, name });
    const proof = await prove(lab, written, samples, { signal, progress: () => undefined }, { otherLevels: false });
    return { setting, written, sqnrDb: qualityDb(proof), ofFloats: proof.outputs.some(({ kind }) => kind === 'float') };
  } catch (error) {
    signal.throwIfAborted();
    if (isAppError(error) && (error.code === 'MODEL_UNSUPPORTED' || error.code === 'NOTHING_TO_QUANTIZE')) return null;
    throw error;
  }
}
