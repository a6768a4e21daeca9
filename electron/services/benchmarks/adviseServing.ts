// Measures how a model is served best on this machine, and keeps it: sessions times threads, then batches on the best split.
import { servingAdviceSchema, type AdvisedPoint, type ServingAdvice, type Tuning } from '#shared/contract/serving';
import { servedOptions } from '#shared/contract/runtimeOptions';
import { AppError } from '#shared/errors';
import { batchObstacle } from '#core/stations/batchObstacle';
import { chooseServing, chooseSplit, splitsOf } from '#core/stations/chooseServing';
import { openSession, sessionOf } from '../inference/openSession.ts';
import { usableCores } from '../inference/usableCores.ts';
import type { JobContext, Services } from '../Services.ts';
import { makeFeeds, measurePoint } from './benchModel.ts';
import { summarizePoint } from './summarizePoint.ts';

const batches = [2, 4, 8, 16] as const;
/** Until the workers of a point have loaded the model, at the first. */
const loadingMs = 500;

const adviceOf = ({ store }: Pick<Services, 'store'>) => store.collection('benchmarks', servingAdviceSchema);

export const listAdvice = (services: Pick<Services, 'store'>, modelSha256: string): ServingAdvice[] => adviceOf(services).list().filter((advice) => advice.modelSha256 === modelSha256).sort((a, b) => a.cpus - b.cpus);

/** @throws BAD_INPUT where it was not measured for so many processors */
export function measuredTuning(services: Pick<Services, 'store'>, model: { readonly name: string; readonly sha256: string }, cpus: number): Tuning {
  const whole = Math.max(1, Math.floor(cpus));
  const advice = listAdvice(services, model.sha256).find((one) => one.cpus === whole);
  if (!advice) throw new AppError('BAD_INPUT', `How ${model.name} is served best on ${whole} ${whole === 1 ? 'processor' : 'processors'} was not measured yet.`, { hint: `Measure it first: millwright advise FILE --cpus ${whole}` });
  return advice.chosen;
}

export interface AdviseInput { readonly path: string; readonly modelSha256: string; readonly machineFingerprint: string; readonly cpus?: number | undefined; readonly taktMs?: number | undefined; readonly durationS: number }

/** @throws BAD_INPUT for more processors than there are, and what the model throws when it runs */
export async function adviseServing(services: Services, { path, modelSha256, machineFingerprint, cpus = usableCores(), durationS, ...given }: AdviseInput, context: JobContext): Promise<ServingAdvice> {
  const taktMs = given.taktMs ?? null;
  if (cpus > usableCores()) throw new AppError('BAD_INPUT', `This machine lets Millwright use ${usableCores()} processors, and ${cpus} are asked for.`, { hint: 'Measure on the machine that will serve, or with fewer --cpus.' });
  const opened = await openSession(services, { path, threads: 1 }, context.killSignal);
  const { inputs, outputs } = opened;
  await opened.close();
  const obstacle = batchObstacle({ inputs, outputs });
  const splits = splitsOf(cpus);
  const steps = splits.length + (obstacle === null ? batches.length + 1 : 0);
  let done = 0;
  const measure = async (split: { readonly instances: number; readonly threads: number }, batch: number): Promise<AdvisedPoint> => {
    context.signal.throwIfAborted();
    context.progress({ stage: `${split.instances} x ${split.threads} ${split.threads === 1 ? 'thread' : 'threads'}${batch === 1 ? '' : `, batches of ${batch}`}`, done: done++, total: steps });
    const setting = { provider: 'cpu', batch, threads: split.threads, concurrency: split.instances };
    const session = { path, ...sessionOf(servedOptions(cpus)), threads: split.threads };
    const { point } = summarizePoint(setting, await measurePoint(services, session, setting, await makeFeeds(inputs, batch, null, []), { durationMs: durationS * 1000, whole: true, coldStartMs: loadingMs }, context));
    return { ...split, batch, samplesPerSec: point.throughputPerSec, p50Ms: point.latencyMs.p50, p99Ms: point.latencyMs.p99 };
  };
  const alone: AdvisedPoint[] = [];
  for (const split of splits) alone.push(await measure(split, 1));
  const best = chooseSplit(alone, taktMs);
  const batched: AdvisedPoint[] = [];
  let again: AdvisedPoint | null = null;
  if (obstacle === null && best !== null) {
    for (const [index, batch] of batches.entries()) {
      if (index === batches.length / 2) again = await measure(best, 1);
      batched.push(await measure(best, batch));
    }
  }
  const advice: ServingAdvice = {
    id: `${modelSha256}:${cpus}`, modelSha256, cpus, takenAt: new Date(services.clock()).toISOString(), machineFingerprint, taktMs,
    points: [...alone, ...(again === null ? [] : [again]), ...batched], ...chooseServing({ alone, split: best, again, batched, taktMs, obstacle }),
  };
  adviceOf(services).put(advice);
  return advice;
}
