// Benchmarks a model over batch, threads and concurrency; each point in fresh worker processes, finished points kept for a resume.
import { z } from 'zod';
import { benchPointSchema, providerShareSchema, sameSetting, type BenchInput, type BenchOutput, type BenchPoint } from '#shared/contract/benchmarks';
import type { RuntimeUse } from '#shared/contract/runtimeOptions';
import type { MemoryEstimate } from '#shared/contract/models';
import { AppError } from '#shared/errors';
import type { Feeds } from '#shared/tensor';
import { randomFeeds } from '#core/arrays/randomFeeds';
import { largestBatch, stackFeeds } from '#core/preprocess/stackFeeds';
import { median } from '#core/statistics/latency';
import type { DatasetReader } from '../datasets/DatasetReader.ts';
import { estimateFile } from '../models/fitModel.ts';
import { openSession, sessionOf } from '../inference/openSession.ts';
import { tensorInfos } from '../inference/tensorInfos.ts';
import type { SessionOptions, ValueInfo } from '../inference/nativeSession.ts';
import type { JobContext, Services } from '../Services.ts';
import { runTask } from '../workers/runTask.ts';
import type { PointResult } from './pointTask.ts';
import { judgeTakt } from './judgeTakt.ts';
import { describeSoak, watchSoak, type SoakSample } from './watchSoak.ts';
import { describeSetting, summarizePoint, type Setting } from './summarizePoint.ts';

export interface BenchModelInput extends Omit<BenchInput, 'model' | 'data' | 'runtime' | 'station'> {
  /** How the runtime is set; `providers`, `threads` and `batch` vary it point by point. */
  readonly runtime: RuntimeUse;
  readonly path: string;
  readonly modelSha256: string;
  readonly machineFingerprint: string;
  /** Samples to feed; random values of the declared shapes without it. */
  readonly reader?: DatasetReader | null;
}

const stateSchema = z.object({ coldStartMs: z.number(), providerShares: z.array(providerShareSchema), points: z.array(benchPointSchema), remarks: z.array(z.string()) });
type State = z.infer<typeof stateSchema>;

const FEEDS = 16;
const COLD_STARTS = 3;
const PROFILE_RUNS = 20;
const START_TOGETHER_MS = 1500;

export async function benchModel(services: Pick<Services, 'workers' | 'clock'>, input: BenchModelInput, context: JobContext): Promise<BenchOutput> {
  const { path, concurrency, runtime } = input;
  const { providers = [runtime.provider], threads = [runtime.threads] } = input;
  const session: SessionOptions = { path, ...sessionOf(runtime), provider: providers[0]!, threads: threads[0]! };
  const resumed = stateSchema.safeParse(context.resumeState);
  const state: State = resumed.success ? resumed.data : { coldStartMs: 0, providerShares: [], points: [], remarks: [] };
  const settings: Setting[] = providers.flatMap((provider) => input.batch.flatMap((batch) => threads.flatMap((count) => concurrency.map((callers) => ({ provider, batch, threads: count, concurrency: callers })))));
  // The takt asks how long one part takes: the smallest batch, and the fewest callers.
  const [smallestBatch, fewestCallers] = [Math.min(...input.batch), Math.min(...concurrency)];
  const isPerPart = (setting: Setting) => setting.batch === smallestBatch && setting.concurrency === fewestCallers;
  const steps = settings.length + 2 + (input.soakS > 0 ? 1 : 0);
  const report = (stage: string, done: number) => context.progress({ stage, done, total: steps });

  const opened = await openSession(services, { path, threads: 1 }, context.killSignal);
  const { inputs } = opened;
  await opened.close();
  const feedsOf = async (batch: number) => (await makeFeeds(inputs, batch, input.reader ?? null, state.remarks));

  if (state.coldStartMs === 0) {
    report('Cold start', 0);
    state.coldStartMs = await measureColdStart(services, session, (await feedsOf(1))[0]!, context);
    report('Where it runs', 1);
    state.providerShares = await runTask(services.workers, 'benchmarks.profile', { session, feeds: await feedsOf(1), runs: PROFILE_RUNS }, context);
    context.checkpoint(state);
  }
  for (const [index, setting] of settings.entries()) {
    if (state.points.some((point) => sameSetting(point, setting))) continue;
    context.signal.throwIfAborted();
    const stage = describeSetting(setting);
    report(stage, index + 2);
    try {
      // The takt asks for the longest of many runs: its point is not cut short when the middle has settled.
      const whole = input.taktMs !== undefined && isPerPart(setting);
      const feeds = await feedsOf(setting.batch);
      // Before anything is measured, so that the estimate knows no more than it does for a model that nobody has loaded yet.
      const estimate = setting.provider === 'cpu' ? await estimateFile(path, { batch: setting.batch, openSize: 1, dims: Object.fromEntries(Object.entries(feeds[0]!).map(([name, { dims }]) => [name, dims])) }, context.signal) : null;
      const { point, remarks } = summarizePoint(setting, await measurePoint(services, session, setting, feeds, { durationMs: input.durationS * 1000, whole, coldStartMs: state.coldStartMs }, context), input.taktMs);
      state.points.push(estimate === null ? point : { ...point, memory: againstEstimate(point, estimate) });
      state.remarks.push(...remarks);
    } catch (error) {
      // A model with a fixed batch refuses others; that is a result, not the end of the run.
      if (!(error instanceof AppError) || (error.code !== 'BAD_INPUT' && error.code !== 'MODEL_UNSUPPORTED')) throw error;
      state.remarks.push(`${stage} was left out: ${error.message}`);
    }
    context.checkpoint(state);
  }
  const best = state.points.reduce<BenchPoint | null>((winner, point) => (winner === null || point.throughputPerSec > winner.throughputPerSec ? point : winner), null);
  if (best === null) throw new AppError('BAD_INPUT', `No point of the benchmark could be measured: ${state.remarks.join(' ')}`, { hint: 'Give --data, or a batch size that the model takes.' });
  const perPart = state.points.find(isPerPart) ?? state.points[0]!;
  if (input.taktMs !== undefined && !isPerPart(perPart)) state.remarks.push(`The takt is judged on ${describeSetting(perPart)}, because the smallest batch could not be measured.`);
  let soak: PointResult | null = null;
  let watched: readonly SoakSample[] = [];
  if (input.soakS > 0) {
    report('Soak', steps - 1);
    const watch = watchSoak(input.soakS);
    try {
      [soak = null] = await measurePoint(services, session, { ...perPart, concurrency: 1 }, await feedsOf(perPart.batch), { durationMs: input.soakS * 1000, whole: true, coldStartMs: state.coldStartMs }, context);
    } finally {
      watched = await watch.stop();
    }
  }
  report('Done', steps);
  return {
    modelSha256: input.modelSha256, takenAt: new Date(services.clock()).toISOString(), machineFingerprint: input.machineFingerprint,
    runtime, points: state.points, best: withoutHistograms(best), coldStartMs: state.coldStartMs, providerShares: state.providerShares, ...(soak === null ? {} : { soak: describeSoak(soak, watched, input.taktMs ?? null) }), remarks: [...new Set(state.remarks)],
    taktVerdict: input.taktMs === undefined ? null : judgeTakt({ taktMs: input.taktMs, cameraMs: input.cameraMs, plcMs: input.plcMs }, perPart.latencyMs, perPart.histograms?.raw ?? null, soak),
  };
}

/** Each caller is a process of its own. */
function againstEstimate({ peakRssBytes, concurrency }: BenchPoint, { totalBytes, unknownValues }: MemoryEstimate): BenchPoint['memory'] {
  const estimatedBytes = totalBytes * concurrency;
  return { estimatedBytes, ratio: peakRssBytes / estimatedBytes, unknownValues };
}

/** `best` is one of the points: its histograms are there. */
function withoutHistograms({ histograms: _histograms, ...point }: BenchPoint): BenchPoint {
  return point;
}

export async function makeFeeds(inputs: readonly ValueInfo[], batch: number, reader: DatasetReader | null, remarks: string[]): Promise<Feeds[]> {
  if (reader && reader.length > 0 && (batch === 1 || largestBatch(tensorInfos(inputs)) >= batch)) {
    const feeds: Feeds[] = [];
    for (let first = 0; feeds.length < FEEDS && first < Math.max(reader.length, batch); first += batch) {
      const samples = [];
      for (let row = 0; row < batch; row++) samples.push((await reader.read((first + row) % reader.length)).feeds);
      const stacked = stackFeeds(samples);
      if (stacked) feeds.push(stacked);
    }
    if (feeds.length > 0) return feeds;
    remarks.push(`The samples differ in size and cannot make batches of ${batch}; random values were fed.`);
  }
  return Array.from({ length: 4 }, (_value, index) => {
    const { feeds, remarks: guessed } = randomFeeds(inputs, { batch, seed: index + 1 });
    remarks.push(...guessed.filter((remark) => !remarks.includes(remark)));
    return feeds;
  });
}

/** From the start of a process to its first answer, median of several: what a power cut costs. */
async function measureColdStart(services: Pick<Services, 'workers'>, options: SessionOptions, feeds: Feeds, context: JobContext): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < COLD_STARTS; run++) {
    context.signal.throwIfAborted();
    const start = process.hrtime.bigint();
    const session = await openSession(services, options, context.killSignal);
    await session.run(feeds);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    await session.close();
  }
  return median(times);
}

/** One worker process a caller: run() blocks its thread, so callers within one process would only queue. They start together. */
export async function measurePoint(services: Pick<Services, 'workers' | 'clock'>, options: SessionOptions, { provider, threads, concurrency }: Setting, feeds: readonly Feeds[], { durationMs, whole, coldStartMs }: { readonly durationMs: number; readonly whole: boolean; readonly coldStartMs: number }, context: JobContext): Promise<PointResult[]> {
  const startAt = concurrency === 1 ? 0 : Date.now() + START_TOGETHER_MS + 2 * concurrency * coldStartMs;
  return Promise.all(Array.from({ length: concurrency }, () => runTask(services.workers, 'benchmarks.point', {
    session: { ...options, threads, provider }, feeds, durationMs, startAt, wholeDuration: whole || concurrency > 1,
  }, { signal: context.signal, killSignal: context.killSignal })));
}
