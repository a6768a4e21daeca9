// A person sits down at a docket: the first two become its judges, a third or both together its adjudicators.
import type { Sitting } from '#shared/contract/court';
import type { Credential } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { authenticate } from '../people/authenticate.ts';
import { personOf } from '../people/personOf.ts';
import type { StoredUser } from '../people/userRecords.ts';
import type { Services } from '../Services.ts';
import { disputesOf, docketRecords, getDocket, judgedBy, type Seat, type StoredDocket } from './docketRecords.ts';
import { nextPlace, placesOf } from './judge.ts';
import type { CourtSittings } from './sittings.ts';

export interface SitInput { readonly id: string; readonly by: Credential; readonly with?: Credential | undefined }

/** UNAUTHENTICATED, LOCKED_OUT; FORBIDDEN where this person may not judge here, BUSY while there is nothing to adjudicate yet. */
export async function sit(services: Services, sittings: CourtSittings, input: SitInput): Promise<Sitting & { next: number | null }> {
  getDocket(services, input.id); // an unknown docket asks nobody for a password
  const people = [await authenticate(services, input.by, 'court.sit')];
  if (input.with !== undefined) people.push(await authenticate(services, input.with, 'court.sit'));
  if (people.length === 2 && people[0]?.user === people[1]?.user) throw new AppError('FORBIDDEN', 'Two people adjudicate together, not one twice.');
  const users = people.map(({ user }) => user).sort();
  const printedNames = users.map((user) => people.find((each) => each.user === user)?.printedName ?? user);
  return services.store.atomically(() => {
    const docket = getDocket(services, input.id);
    if (docket.result !== null) throw new AppError('FORBIDDEN', 'This docket is closed.', { hint: 'Its verdicts are in the report; compare again for a new docket.' });
    const role = roleOf(docket, people);
    const seated = seat(docket, role, { users, printedNames });
    docketRecords(services).put(seated.docket);
    if (seated.isNew) services.store.audit.append({ actor: printedNames.join(' and '), action: 'court.seated', subject: docket.title, detail: { id: docket.id, role, users } });
    const sitting = { docketId: docket.id, role, users };
    const places = placesOf(seated.docket, sitting);
    return { sitting: sittings.begin(sitting), docketId: docket.id, role, names: printedNames, judged: judgedBy(seated.seat), total: places.length, next: nextPlace(seated.seat, places) };
  });
}

function roleOf(docket: StoredDocket, people: readonly StoredUser[]): 'judge' | 'adjudicator' {
  const judges = docket.judges.flatMap(({ users, printedNames }) => [...users, ...printedNames]).map(personOf);
  const isJudge = (person: StoredUser) => judges.includes(personOf(person.user)) || judges.includes(personOf(person.printedName));
  const alone = people.length === 1;
  if (alone && people[0] !== undefined && (isJudge(people[0]) || docket.judges.length < 2)) return 'judge';
  const disputes = disputesOf(docket);
  if (disputes === null) throw new AppError('BUSY', docket.judges.length < 2 ? 'Two people judge one after the other, each alone, before anyone adjudicates.' : 'Both judges are chosen and have not finished.', { hint: 'Adjudicate when both are done.' });
  if (disputes.length === 0) throw new AppError('FORBIDDEN', 'The judges agree on every flip: there is nothing to adjudicate.', { hint: 'Close the docket.' });
  if (!alone && !people.every(isJudge)) throw new AppError('FORBIDDEN', 'Together only the two judges adjudicate; a third person does it alone.');
  return 'adjudicator';
}

function seat(docket: StoredDocket, role: 'judge' | 'adjudicator', who: Pick<Seat, 'users' | 'printedNames'>): { docket: StoredDocket; seat: Seat; isNew: boolean } {
  const fresh = (): Seat => ({ users: [...who.users], printedNames: [...who.printedNames], verdicts: docket.flips.map(() => null), given: [] });
  const same = (other: Seat) => other.users.join(' ') === who.users.join(' ');
  if (role === 'judge') {
    const own = docket.judges.find(same);
    if (own) return { docket, seat: own, isNew: false };
    const added = fresh();
    return { docket: { ...docket, judges: [...docket.judges, added] }, seat: added, isNew: true };
  }
  if (docket.bench !== null && same(docket.bench)) return { docket, seat: docket.bench, isNew: false };
  if (docket.bench !== null && judgedBy(docket.bench) > 0) throw new AppError('FORBIDDEN', `${docket.bench.printedNames.join(' and ')} adjudicate here.`, { hint: 'Let them finish, or take their verdicts back first.' });
  const added = fresh();
  return { docket: { ...docket, bench: added }, seat: added, isNew: true };
}
