// Which station, model, data and limits the main job works on, from what the caller named.
import { basename, extname } from 'node:path';
import type { ParsedInputOf } from '#shared/contract/index';
import type { StationRecord } from '#shared/contract/stations';
import { AppError } from '#shared/errors';
import type { JobContext, Services } from '../Services.ts';
import { openSample } from './openSample.ts';
import type { StationPeers } from './StationPeers.ts';
import { createStation, findStation, getStation } from './stationRecords.ts';

export type CommissionInput = ParsedInputOf<'stations.commission'>;

/** The sample, a station by id or name, or a new one called after the model file. */
export async function stationFromInput(services: Services, peers: StationPeers, input: CommissionInput, context: JobContext): Promise<StationRecord> {
  if (input.stationId !== undefined) return getStation(services, input.stationId);
  const nothingNamed = input.model === undefined && input.data === undefined && input.station === undefined;
  if (input.sample || nothingNamed) return openSample(services, peers, context);
  const fileName = input.model && 'path' in input.model ? basename(input.model.path, extname(input.model.path)) : null;
  const name = input.station ?? fileName;
  if (name === null) throw new AppError('BAD_INPUT', 'The station has no name.', { hint: 'Name it with --station.' });
  const known = findStation(services, name);
  if (!known && input.model === undefined) throw new AppError('NOT_FOUND', `There is no station called "${name}".`, { hint: '`millwright station list` shows the stations; name a model file to make a new one.' });
  return known ?? createStation(services, { name, line: '', description: '', taktMs: null });
}

/**
 * Limits for a model that came without any: what holds for every optimisation, without knowing the plant's requirements. Text, so that it is locked and shown as a file would be.
 */
export function defaultLimits({ labelled, classes, maxDropPercent }: { readonly labelled: boolean; readonly classes: boolean; readonly maxDropPercent: number }): string {
  const lines = [
    ...(labelled && classes ? [`  - { id: DROP-1, metric: accuracy_drop, max: ${maxDropPercent / 100}, reason: "Default: the optimised model loses at most ${maxDropPercent} percentage points" }`] : []),
    ...(classes ? ['  - { id: FLIP-1, metric: flips, max: 0.02, reason: "Default: at most 2 of 100 decisions change" }'] : ['  - { id: COS-1, metric: cosine, min: 0.99, reason: "Default: outputs keep their direction" }']),
    '  - { id: DEV-1, metric: provider_share, provider: cpu, min: 1.0, reason: "Default: everything ran where it was meant to" }',
  ];
  return `# Default limits of Millwright: no limits file was given.\nlimits:\n${lines.join('\n')}\n`;
}
