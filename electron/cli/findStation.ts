// Finds the station that a command names.
import type { StationRecord } from '#shared/contract/stations';
import { AppError } from '#shared/errors';
import type { CliContext } from './CliContext.ts';

/** By name or id. @throws NOT_FOUND */
export async function findStation(cli: CliContext, name: string): Promise<StationRecord> {
  const list = await cli.call('stations.list', {});
  const station = list.find((one) => one.name === name || one.id === name);
  if (!station) throw new AppError('NOT_FOUND', `There is no station called "${name}".`, { hint: '`millwright station list` shows the stations.' });
  return station;
}
