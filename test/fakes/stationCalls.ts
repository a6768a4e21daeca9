// What tests of stations on real engines ask the host again and again: jobs, the id of the station by its name, and what is seen of it.
import type { InputOf, JobName, OutputOf } from '#shared/contract/index';
import type { ServingView } from '#shared/contract/serving';
import { runJob } from './runJob.ts';
import type { TestHost } from './testHost.ts';

export interface StationCalls {
  run<N extends JobName>(op: N, input: InputOf<N>): Promise<OutputOf<N>>;
  /** Empty where there is none yet. */
  stationId(): Promise<string>;
  view(): Promise<ServingView>;
}

/** @param host asked at each call, for suites open theirs only when they begin */
export function stationCalls(host: () => TestHost, station: string): StationCalls {
  const stationId = async () => (await host().host.call('stations.list', {})).find(({ name }) => name === station)?.id ?? '';
  return { run: (op, input) => runJob(host(), op, input), stationId, view: async () => host().host.call('serving.show', { stationId: await stationId() }) };
}
