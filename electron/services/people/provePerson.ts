// Whose name an act bears: that of a user who gives the password now, or, where there are no users, the name as typed.
import type { Credential, Role } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { safeLine } from '#core/report/text';
import { authenticate, type PeopleServices } from './authenticate.ts';
import { hasUsers } from './userRecords.ts';

export interface PersonInput { readonly by?: Credential | undefined; readonly signer?: string | undefined; readonly role?: string | undefined }
/** `user` is null where nobody was authenticated. */
export interface Person { readonly signer: string; readonly role: string; readonly user: string | null; readonly authenticated: boolean }
/** What is done, for the audit trail and in words ("reviewed is signed"), and who may do it. */
export interface Act { readonly purpose: string; readonly words: string; readonly allowed: readonly Role[] }

/** UNAUTHENTICATED, LOCKED_OUT; FORBIDDEN where the role may not do it; BAD_INPUT where name and user do not fit what is here. */
export async function provePerson(services: PeopleServices, { by, signer, role }: PersonInput, { purpose, words, allowed }: Act): Promise<Person> {
  if (!hasUsers(services)) {
    if (by !== undefined) throw new AppError('BAD_INPUT', 'There are no users in this data folder, so nobody can be authenticated.', { hint: 'Add users with `millwright user add`, or sign with --signer; the signature then says that the name was not authenticated.' });
    const name = safeLine(signer ?? '', 120);
    if (name === '') throw new AppError('BAD_INPUT', 'A signature needs the printed name of the signer.');
    return { signer: name, role: safeLine(role ?? '', 120), user: null, authenticated: false };
  }
  if (by === undefined) throw new AppError('UNAUTHENTICATED', 'There are users here, so a signature needs a user and the password.', { hint: 'Sign with --user NAME; the printed name and the role come from the user.' });
  if (signer !== undefined || role !== undefined) throw new AppError('BAD_INPUT', 'The printed name and the role come from the user and are not given.');
  const found = await authenticate(services, by, purpose);
  if (!allowed.includes(found.role)) {
    services.store.audit.append({ actor: found.printedName, action: 'people.refused', subject: found.user, detail: { purpose, reason: `the role is ${found.role}` } });
    throw new AppError('FORBIDDEN', `${found.printedName} has the role ${found.role}; ${words} by ${[allowed.slice(0, -1).join(', '), allowed.at(-1) ?? ''].filter((part) => part !== '').join(' or ')}.`, { hint: 'Let a user with that role sign.' });
  }
  return { signer: found.printedName, role: found.role, user: found.user, authenticated: true };
}
