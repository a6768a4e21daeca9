// Proves who acts: user and password at this moment, with a lock that grows with each further wrong one.
import type { Credential } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { isPasswordOf } from './passwordHash.ts';
import { userRecords, type StoredUser } from './userRecords.ts';

export type PeopleServices = Pick<Services, 'store' | 'clock' | 'passwordStrength'>;

const freeTries = 5;
const firstLockMs = 30_000;
const longestLockMs = 3_600_000;

/** How long no password is looked at after so many wrong ones in a row: nothing for four, then 30 s, doubled by each further one up to an hour. */
export const lockMsAfter = (failedTries: number): number => (failedTries < freeTries ? 0 : Math.min(longestLockMs, firstLockMs * 2 ** Math.min(20, failedTries - freeTries)));

const wrong = () => new AppError('UNAUTHENTICATED', 'The user or the password is not right.');

/**
 * UNAUTHENTICATED, in the same time and words whether the user is unknown, disabled or the password wrong; LOCKED_OUT while the user is locked.
 * @param purpose what the password was asked for, for the audit trail
 */
export async function authenticate(services: PeopleServices, { user, password }: Credential, purpose: string): Promise<StoredUser> {
  const record = claimTry(services, user);
  const right = await isPasswordOf(record?.passwordHash ?? null, password, services.passwordStrength);
  const users = userRecords(services);
  if (record && right && record.disabledAt === null) {
    // Read anew: between the two steps the user may have been disabled or given another password.
    const accepted = services.store.atomically(() => {
      const now = users.get(record.id);
      if (now === null || now.disabledAt !== null || now.passwordHash.hashBase64 !== record.passwordHash.hashBase64) return null;
      const next: StoredUser = { ...now, failedTries: 0, lockedUntil: null };
      users.put(next);
      return next;
    });
    if (accepted !== null) return accepted;
  }
  // A name that is not known may be a password in the wrong field: it is not written down.
  const reason = record === null ? 'unknown user' : record.disabledAt === null ? 'wrong password' : 'disabled user';
  services.store.audit.append({ actor: actorOf(services), action: 'people.refused', subject: record?.user ?? 'unknown user', detail: { purpose, reason, ...(record === null ? {} : { failedTries: record.failedTries, lockedUntil: record.lockedUntil }) } });
  throw wrong();
}

/** Counts the try as a wrong one before the password is looked at, so that many at once are no more than as many in a row. */
function claimTry(services: PeopleServices, user: string): StoredUser | null {
  const users = userRecords(services);
  return services.store.atomically(() => {
    const record = users.get(user);
    if (record === null) return null;
    const now = services.clock();
    if (record.lockedUntil !== null && Date.parse(record.lockedUntil) > now) throw new AppError('LOCKED_OUT', `The user ${user} is locked until ${record.lockedUntil} after ${record.failedTries} wrong passwords.`);
    const failedTries = record.failedTries + 1;
    const lockMs = lockMsAfter(failedTries);
    const next: StoredUser = { ...record, failedTries, lockedUntil: lockMs === 0 ? null : new Date(now + lockMs).toISOString() };
    users.put(next);
    return next;
  });
}

/** FORBIDDEN where the user is no Admin. */
export async function authenticateAdmin(services: PeopleServices, credential: Credential, purpose: string): Promise<StoredUser> {
  const admin = await authenticate(services, credential, purpose);
  if (admin.role !== 'Admin') {
    services.store.audit.append({ actor: admin.printedName, action: 'people.refused', subject: admin.user, detail: { purpose, reason: `the role is ${admin.role}, not Admin` } });
    throw new AppError('FORBIDDEN', `Only an Admin may do this; ${admin.user} has the role ${admin.role}.`);
  }
  return admin;
}
