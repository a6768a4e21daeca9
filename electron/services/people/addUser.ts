// Adds a user: the first one is an Admin that nobody has to allow, each further one is added by an Admin.
import type { Credential, Role, User } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { safeLine } from '#core/report/text';
import { actorOf } from '../stations/actor.ts';
import { authenticateAdmin, type PeopleServices } from './authenticate.ts';
import { checkNewPassword } from './checkNewPassword.ts';
import { hashPassword } from './passwordHash.ts';
import { personOf } from './personOf.ts';
import { hasUsers, shownUser, userRecords, type StoredUser } from './userRecords.ts';

export interface AddUserInput { readonly user: string; readonly printedName: string; readonly role: Role; readonly password: string; readonly by?: Credential | undefined }

/** BAD_INPUT, UNAUTHENTICATED, LOCKED_OUT, FORBIDDEN; ALREADY_EXISTS where the user name or the printed name is taken. */
export async function addUser(services: PeopleServices, { user, role, password, by, ...input }: AddUserInput): Promise<User> {
  const printedName = safeLine(input.printedName, 120);
  if (printedName === '') throw new AppError('BAD_INPUT', 'A user needs a printed name: it stands beside each signature.');
  const isFirst = !hasUsers(services);
  if (isFirst && role !== 'Admin') throw new AppError('BAD_INPUT', 'The first user must be an Admin, who can then add the others.', { hint: 'Add an Admin first.' });
  if (!isFirst && by === undefined) throw new AppError('UNAUTHENTICATED', 'Only an Admin may add users: the name and password of one are needed.', { hint: 'Give the Admin that adds this user.' });
  const admin = isFirst || by === undefined ? null : await authenticateAdmin(services, by, 'people.add');
  checkNewPassword(password, { user, printedName });
  const passwordHash = await hashPassword(password, services.passwordStrength);
  const now = new Date(services.clock()).toISOString();
  const record: StoredUser = { id: user, user, printedName, role, createdAt: now, passwordChangedAt: now, passwordSetBy: admin === null ? 'self' : 'admin', disabledAt: null, lockedUntil: null, passwordHash, failedTries: 0 };
  const users = userRecords(services);
  services.store.atomically(() => {
    const others = users.list();
    if (isFirst && others.length > 0) throw new AppError('BUSY', 'Another program added the first user just now.', { hint: 'Add this one as an Admin.' });
    if (others.some((other) => other.user === user)) throw new AppError('ALREADY_EXISTS', `There is a user "${user}" already.`, { hint: 'Choose another user name.' });
    if (others.some((other) => [other.printedName, other.user].map(personOf).includes(personOf(printedName)) || personOf(other.printedName) === user)) throw new AppError('ALREADY_EXISTS', `The name ${printedName} is another user's already.`, { hint: 'Signatures tell people apart by their printed names: add a middle name or a number.' });
    users.put(record);
    services.store.audit.append({ actor: admin?.printedName ?? actorOf(services), action: 'people.added', subject: user, detail: { old: null, new: { user, printedName, role, disabled: false }, by: admin?.user ?? null } });
  });
  return shownUser(services, record);
}
