// Moves the signing key between a plain file and the key store of the operating system; the key stays the same.
import type { KeyInfo, KeyKeeper } from '#shared/contract/keys';
import { AppError } from '#shared/errors';
import { replaceFileSync } from '../files/replaceFileSync.ts';
import type { PersonInput } from '../people/provePerson.ts';
import { finishRotation } from './finishRotation.ts';
import { noteToForget } from './forgetSecrets.ts';
import { makeKey, nextKeyPathOf, openPrivateKey, presentKey } from './keys.ts';
import { currentKeyInfo } from './listKeys.ts';
import { keyPerson, type KeyServices } from './rotateKey.ts';
import { sealKey } from './sealedKey.ts';
import { changedMeanwhile, settleKey } from './settleKey.ts';

/**
 * In the steps of a rotation: the secret is in the store before a file needs it, the entry in the audit trail decides, and a secret that nothing needs any more goes last.
 * UNAUTHENTICATED, LOCKED_OUT, FORBIDDEN; ALREADY_EXISTS where it is kept there already; KEY_STORE_UNAVAILABLE; BUSY.
 */
export async function moveKey(services: KeyServices, input: PersonInput & { readonly to: KeyKeeper }): Promise<KeyInfo> {
  const { dataDir, store } = services;
  const { to } = input;
  const person = await keyPerson(services, input, 'keys.move');
  await finishRotation(services);
  const { keyId, keptIn } = await makeKey(services);
  if (keptIn === to) throw new AppError('ALREADY_EXISTS', `The key ${keyId} is kept in ${keeperWords[to]} already: there is nothing to move.`, { hint: 'Look at `millwright keys list`.' });
  const sealed = await sealKey(services, await openPrivateKey(services), { keptIn: to, why: to === 'file' ? `${person.signer} moved it here on ${new Date(services.clock()).toISOString()}.` : null });
  await settleKey(services, sealed, () => {
    const present = presentKey(dataDir);
    if (present?.keyId !== sealed.keyId || present.keptIn !== keptIn) throw changedMeanwhile();
    replaceFileSync(nextKeyPathOf(dataDir), sealed.text, 0o600);
    noteToForget(dataDir, present);
    store.audit.append({ actor: person.signer, action: 'keys.moved', subject: keyId, detail: { from: keptIn, to, by: person.user, role: person.role, authenticated: person.authenticated } });
  });
  return currentKeyInfo(dataDir);
}

const keeperWords: Readonly<Record<KeyKeeper, string>> = { file: 'a file of the data folder', 'os-store': 'the key store of the operating system' };
