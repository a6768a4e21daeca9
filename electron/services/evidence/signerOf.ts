// Whose name a signature bears: that of a user who gives the password now, or, where there are no users, the name as typed.
import { rolesThatSign } from '#shared/contract/evidence';
import type { Credential } from '#shared/contract/people';
import { AppError } from '#shared/errors';
import { safeLine } from '#core/report/text';
import { authenticate } from '../people/authenticate.ts';
import { hasUsers } from '../people/userRecords.ts';
import type { Services } from '../Services.ts';
import type { Meaning } from './signatures.ts';

export interface SignerInput { readonly by?: Credential | undefined; readonly signer?: string | undefined; readonly role?: string | undefined; readonly meaning: Meaning }
/** `user` is null where nobody was authenticated. */
export interface Signer { readonly signer: string; readonly role: string; readonly user: string | null; readonly authenticated: boolean }

/** UNAUTHENTICATED, LOCKED_OUT; FORBIDDEN where the role may not sign so; BAD_INPUT where name and user do not fit what is here. */
export async function signerOf(services: Pick<Services, 'store' | 'clock'>, { by, signer, role, meaning }: SignerInput): Promise<Signer> {
  if (!hasUsers(services)) {
    if (by !== undefined) throw new AppError('BAD_INPUT', 'There are no users in this data folder, so nobody can be authenticated.', { hint: 'Add users with `millwright user add`, or sign with --signer; the signature then says that the name was not authenticated.' });
    const name = safeLine(signer ?? '', 120);
    if (name === '') throw new AppError('BAD_INPUT', 'A signature needs the printed name of the signer.');
    return { signer: name, role: safeLine(role ?? '', 120), user: null, authenticated: false };
  }
  if (by === undefined) throw new AppError('UNAUTHENTICATED', 'There are users here, so a signature needs a user and the password.', { hint: 'Sign with --user NAME; the printed name and the role come from the user.' });
  if (signer !== undefined || role !== undefined) throw new AppError('BAD_INPUT', 'The printed name and the role come from the user and are not given.');
  const found = await authenticate(services, by, `evidence.${meaning}`);
  const allowed = rolesThatSign[meaning];
  if (!allowed.includes(found.role)) {
    services.store.audit.append({ actor: found.printedName, action: 'people.refused', subject: found.user, detail: { purpose: `evidence.${meaning}`, reason: `the role is ${found.role}` } });
    throw new AppError('FORBIDDEN', `${found.printedName} has the role ${found.role}; ${meaning} is signed by ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1) ?? ''}.`, { hint: 'Let a user with that role sign.' });
  }
  return { signer: found.printedName, role: found.role, user: found.user, authenticated: true };
}
