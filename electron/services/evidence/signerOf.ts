// Whose name a signature bears, and whether the role may sign in that meaning.
import { rolesThatSign } from '#shared/contract/evidence';
import type { PeopleServices } from '../people/authenticate.ts';
import { provePerson, type Person, type PersonInput } from '../people/provePerson.ts';
import type { Meaning } from './signatures.ts';

export interface SignerInput extends PersonInput { readonly meaning: Meaning }

/** UNAUTHENTICATED, LOCKED_OUT; FORBIDDEN where the role may not sign so; BAD_INPUT where name and user do not fit what is here. */
export const signerOf = (services: PeopleServices, { meaning, ...who }: SignerInput): Promise<Person> =>
  provePerson(services, who, { purpose: `evidence.${meaning}`, words: `${meaning} is signed`, allowed: rolesThatSign[meaning] });
