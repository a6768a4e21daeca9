// Changes a user's role, disables or enables one: by an Admin, of whom at least one stays.
import type { Credential, Role, User } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { authenticateAdmin, type PeopleServices } from './authenticate.ts';
import { getStoredUser, shownUser, userRecords, type StoredUser } from './userRecords.ts';

export interface ChangeUserInput { readonly user: string; readonly role?: Role | undefined; readonly disabled?: boolean | undefined; readonly reason?: string | undefined; readonly by: Credential }

const told = ({ role, disabledAt }: StoredUser) => ({ role, disabled: disabledAt !== null });

/** UNAUTHENTICATED, LOCKED_OUT, FORBIDDEN (also where no Admin would stay), NOT_FOUND. What is so already stays as it is, unaudited. */
export async function changeUser(services: PeopleServices, { user, role, disabled, reason, by }: ChangeUserInput): Promise<User> {
  const admin = await authenticateAdmin(services, by, 'people.change');
  const users = userRecords(services);
  return services.store.atomically(() => {
    const before = getStoredUser(services, user);
    const disabledAt = disabled === undefined || disabled === (before.disabledAt !== null) ? before.disabledAt : disabled ? new Date(services.clock()).toISOString() : null;
    const after: StoredUser = { ...before, role: role ?? before.role, disabledAt };
    if (after.role === before.role && after.disabledAt === before.disabledAt) return shownUser(services, before);
    const isActiveAdmin = (each: StoredUser) => each.role === 'Admin' && each.disabledAt === null;
    if (!users.list().map((each) => (each.id === user ? after : each)).some(isActiveAdmin)) throw new AppError('FORBIDDEN', `${before.printedName} is the last Admin and stays one.`, { hint: 'Make another user an Admin first.' });
    users.put(after);
    services.store.audit.append({ actor: admin.printedName, action: 'people.changed', subject: user, detail: { old: told(before), new: told(after), by: admin.user, ...(reason === undefined ? {} : { reason }) } });
    return shownUser(services, after);
  });
}
