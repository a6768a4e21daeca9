// Gives a user another password: the user with the present one, or an Admin; the lock is lifted.
import type { Credential, User } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { authenticate, authenticateAdmin, type PeopleServices } from './authenticate.ts';
import { checkNewPassword } from './checkNewPassword.ts';
import { hashPassword, isPasswordOf } from './passwordHash.ts';
import { getStoredUser, shownUser, userRecords, type StoredUser } from './userRecords.ts';

export interface SetPasswordInput { readonly user: string; readonly password: string; readonly by: Credential }

const told = ({ passwordChangedAt, passwordSetBy }: StoredUser) => ({ passwordChangedAt, passwordSetBy });

/** UNAUTHENTICATED, LOCKED_OUT, FORBIDDEN, NOT_FOUND, BAD_INPUT. */
export async function setPassword(services: PeopleServices, { user, password, by }: SetPasswordInput): Promise<User> {
  const isOwn = by.user === user;
  const actor = await (isOwn ? authenticate : authenticateAdmin)(services, by, 'people.setPassword');
  const present = getStoredUser(services, user);
  checkNewPassword(password, present);
  // Asked of the user only: an Admin could try out what the present one is.
  if (isOwn && await isPasswordOf(present.passwordHash, password, services.passwordStrength)) throw new AppError('BAD_INPUT', 'The new password is the present one.');
  const passwordHash = await hashPassword(password, services.passwordStrength);
  return services.store.atomically(() => {
    const before = getStoredUser(services, user);
    const after: StoredUser = { ...before, passwordHash, passwordChangedAt: new Date(services.clock()).toISOString(), passwordSetBy: isOwn ? 'self' : 'admin', failedTries: 0, lockedUntil: null };
    userRecords(services).put(after);
    services.store.audit.append({ actor: actor.printedName, action: 'people.passwordChanged', subject: user, detail: { old: told(before), new: told(after), by: actor.user } });
    return shownUser(services, after);
  });
}
