// How the runtime is set where a model serves, so that a validation or a benchmark measures exactly that and not something near it.
import { servedOptions, type RuntimeOptions, type RuntimeUse, type RuntimeWish } from '#shared/contract/runtimeOptions';
import type { DeploymentVersion } from '#shared/contract/serving';
import { AppError } from '#shared/errors';
import { liveVersion } from '#shared/liveVersion';
import { listProviders } from '../inference/listProviders.ts';
import { usableCores } from '../inference/usableCores.ts';
import type { Services } from '../Services.ts';
import { deployedVersion, listDeployments } from './deployments.ts';
import { findStation } from './stationRecords.ts';

/** Null for other engines, which set their runtime by themselves. */
export const runtimeOfVersion = ({ engine, cpus, gpus, tuning }: Pick<DeploymentVersion, 'engine' | 'cpus' | 'gpus' | 'tuning'>): RuntimeOptions | null =>
  (engine === 'millwright' ? { ...servedOptions(cpus, gpus ? 'cuda' : 'cpu'), ...(tuning === null ? {} : { threads: tuning.threads, batch: tuning.maxBatch }) } : null);

interface Question {
  /** Name or id of the station that the run is for. */
  readonly station?: string | null | undefined;
  readonly modelSha256: string;
  /** What the caller named; it goes before everything. */
  readonly wish?: RuntimeWish | undefined;
}

/** The live version of the station that was named, else of one that serves this very model; the name of that station beside it. */
function serving(services: Services, { station, modelSha256 }: Question): { readonly station: string; readonly version: DeploymentVersion } | null {
  if (station !== null && station !== undefined) {
    const record = findStation(services, station);
    const version = deployedVersion(services, record?.id ?? station);
    return version === null ? null : { station: record?.name ?? station, version };
  }
  for (const deployment of listDeployments(services)) {
    const version = deployment.desired === 'running' ? liveVersion(deployment) : undefined;
    if (version?.modelSha256 === modelSha256) return { station: deployment.station, version };
  }
  return null;
}

/**
 * The options of a run: those that were named, over those of the station, over those that the serving runtime would choose on this machine.
 * A provider of the station that the runtime here lacks is replaced by the processor, and `note` says so; one that was named is refused.
 * @throws BAD_INPUT
 */
export async function runtimeFor(services: Services, question: Question): Promise<RuntimeUse> {
  const { wish = {} } = question;
  const found = serving(services, question);
  const own = found === null ? null : runtimeOfVersion(found.version);
  const base = own ?? servedOptions(usableCores());
  const note = found !== null && own === null ? `${found.station} is served by another engine (${found.version.engine}), which sets its runtime by itself: these are the options of Millwright's own.` : null;
  const options: RuntimeOptions = {
    provider: wish.provider ?? base.provider, threads: wish.threads ?? base.threads, interOpThreads: wish.interOpThreads ?? base.interOpThreads,
    executionMode: wish.executionMode ?? base.executionMode, optimization: wish.optimization ?? base.optimization, batch: wish.batch ?? base.batch,
  };
  const origin = Object.values(wish).some((value) => value !== undefined) ? 'given' as const : own === null ? 'default' as const : 'station' as const;
  const use: RuntimeUse = { ...options, origin, station: found?.station ?? null, note };
  if (options.provider === 'cpu' || await hasProvider(services, options.provider)) return use;
  if (wish.provider !== undefined) await refuseProvider(services, wish.provider);
  return { ...use, provider: 'cpu', note: `${found?.station ?? 'The station'} serves on ${options.provider}, which the runtime here does not have: this run was on the processor.` };
}

const hasProvider = async (services: Pick<Services, 'workers'>, provider: string): Promise<boolean> => (await listProviders(services)).some(({ name, bundled }) => bundled && name === provider);

/** @throws BAD_INPUT where the runtime here was built without it */
export async function refuseProvider(services: Pick<Services, 'workers'>, provider: string): Promise<void> {
  const names = (await listProviders(services)).filter(({ bundled }) => bundled).map(({ name }) => name);
  if (names.includes(provider)) return;
  throw new AppError('BAD_INPUT', `The runtime here has no execution provider "${provider.slice(0, 40)}"; it has ${names.join(', ')}.`, { hint: '`millwright machine` says for each provider why it is there or not.' });
}
