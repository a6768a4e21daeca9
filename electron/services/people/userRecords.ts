// The records of users as they are stored, and what of them may be shown.
import { z } from 'zod';
import { userSchema, type User } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import type { Collection } from '../store/Store.ts';
import { passwordHashSchema } from './passwordHash.ts';

/** The id is the user name. */
export const storedUserSchema = userSchema.extend({ id: z.string(), passwordHash: passwordHashSchema, failedTries: z.number().int() });
export type StoredUser = z.infer<typeof storedUserSchema>;

export const userRecords = (services: Pick<Services, 'store'>): Collection<StoredUser> => services.store.collection('people', storedUserSchema);

export const hasUsers = (services: Pick<Services, 'store'>): boolean => userRecords(services).list().length > 0;

/** Named one by one: a field added to the record stays inside until someone shows it on purpose. */
export function shownUser(services: Pick<Services, 'clock'>, { user, printedName, role, createdAt, passwordChangedAt, passwordSetBy, disabledAt, lockedUntil }: StoredUser): User {
  const isLocked = lockedUntil !== null && Date.parse(lockedUntil) > services.clock();
  return { user, printedName, role, createdAt, passwordChangedAt, passwordSetBy, disabledAt, lockedUntil: isLocked ? lockedUntil : null };
}

/** Oldest first, as they joined. */
export const listUsers = (services: Pick<Services, 'store' | 'clock'>): User[] => userRecords(services).list().reverse().map((user) => shownUser(services, user));

export function getStoredUser(services: Pick<Services, 'store'>, user: string): StoredUser {
  const found = userRecords(services).get(user);
  if (found === null) throw new AppError('NOT_FOUND', `There is no user "${user}".`, { hint: '`millwright user list` shows all.' });
  return found;
}
