// Opens a deviation against a validation or a station.
import type { ParsedInputOf } from '#shared/contract/index';
import type { Deviation } from '#shared/contract/deviations';
import { evidenceRecordSchema } from '#shared/contract/evidence';
import { validationOutputSchema } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import { safeLine } from '#core/report/text';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { getStation, listStations } from '../stations/stationRecords.ts';
import { deviationRecords } from './deviationRecords.ts';

const idOf = (number: number) => `DEV-${String(number).padStart(4, '0')}`;

/** BAD_INPUT where it says nothing that it was found against; NOT_FOUND where that is not here. */
export function openDeviation(services: Pick<Services, 'store' | 'clock'>, input: ParsedInputOf<'deviations.open'>): Deviation {
  if (input.validationId === undefined && input.stationId === undefined) throw new AppError('BAD_INPUT', 'A deviation is found against a validation or a station: neither was named.', { hint: 'Name one with --validation or --station.' });
  const validation = input.validationId === undefined ? null : services.store.collection('validations', validationOutputSchema).get(input.validationId);
  if (input.validationId !== undefined && validation === null) throw new AppError('NOT_FOUND', `There is no validation with the id ${input.validationId}.`);
  // A run knows its station by the name in its report.
  const named = services.store.collection('evidence', evidenceRecordSchema).list().find((record) => record.validationId === (input.validationId ?? null))?.station ?? null;
  const station = input.stationId === undefined ? listStations(services).find((each) => each.name === named || each.id === named) ?? null : getStation(services, input.stationId);
  const unknown = validation === null ? undefined : input.limitIds.find((id) => !validation.limits.some((limit) => limit.id === id));
  if (unknown !== undefined) throw new AppError('BAD_INPUT', `The validation has no limit "${unknown}".`, { hint: `Its limits are ${validation?.limits.map(({ id }) => id).join(', ') || 'none'}.` });
  const by = actorOf(services);
  return services.store.atomically(() => {
    const records = deviationRecords(services);
    const last = records.list().reduce((most, { id }) => Math.max(most, Number(/\d+$/.exec(id)?.[0] ?? 0)), 0);
    const deviation: Deviation = {
      id: idOf(last + 1), text: input.text, impact: input.impact, severity: input.severity, owner: safeLine(input.owner, 120), dueDate: input.dueDate, openedAt: new Date(services.clock()).toISOString(), openedBy: by,
      validationId: input.validationId ?? null, stationId: station?.id ?? null, station: station?.name ?? named, limitIds: input.limitIds, closure: null,
    };
    records.put(deviation);
    services.store.audit.append({ actor: by, action: 'deviation.opened', subject: deviation.id, detail: { old: null, new: deviation } });
    return deviation;
  });
}
