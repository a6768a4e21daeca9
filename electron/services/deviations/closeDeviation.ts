// Closes a deviation with cause, action and evidence; who closes it gives the password anew.
import type { ParsedInputOf } from '#shared/contract/index';
import { rolesThatCloseDeviations, type Deviation } from '#shared/contract/deviations';
import { AppError } from '#shared/errors';
import type { PeopleServices } from '../people/authenticate.ts';
import { provePerson } from '../people/provePerson.ts';
import { deviationRecords } from './deviationRecords.ts';

/** NOT_FOUND; FORBIDDEN where it is closed already or the role may not; UNAUTHENTICATED and LOCKED_OUT as the password says. */
export async function closeDeviation(services: PeopleServices, { id, cause, action, evidence, ...who }: ParsedInputOf<'deviations.close'>): Promise<Deviation> {
  const records = deviationRecords(services);
  const find = () => {
    const deviation = records.get(id);
    if (deviation === null) throw new AppError('NOT_FOUND', `There is no deviation ${id}.`, { hint: '`millwright deviation list` shows them.' });
    if (deviation.closure !== null) throw new AppError('FORBIDDEN', `${id} was closed by ${deviation.closure.by} at ${deviation.closure.at} and stays as it is.`, { hint: 'Open another deviation.' });
    return deviation;
  };
  find();
  const person = await provePerson(services, who, { purpose: 'deviation.close', words: 'a deviation is closed', allowed: rolesThatCloseDeviations });
  return services.store.atomically(() => {
    const before = find(); // anew: somebody else may have closed it while the password was checked
    const after: Deviation = { ...before, closure: { at: new Date(services.clock()).toISOString(), by: person.signer, role: person.role, authenticated: person.authenticated, cause, action, evidence } };
    records.put(after);
    services.store.audit.append({ actor: person.signer, action: 'deviation.closed', subject: id, detail: { old: null, new: after.closure, user: person.user } });
    return after;
  });
}
