// Rotation: a new key takes the place of the present one, which signs it and is known from then on as retired.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { KeyInfo } from '#shared/contract/keys';
import { AppError } from '#shared/errors';
import { safeLine } from '#core/report/text';
import type { Services } from '../Services.ts';
import { replaceFileSync } from '../files/replaceFileSync.ts';
import { provePerson, type Person, type PersonInput } from '../people/provePerson.ts';
import { finishRotation, publicPathOf } from './finishRotation.ts';
import { noteToForget } from './forgetSecrets.ts';
import { knownKeys } from './keyring.ts';
import { rotationPathOf, rotationText, signRotation } from './keyRotations.ts';
import { nextKeyPathOf, openSigningKey, placeOfNewKeys, presentKey, readSigningKey } from './keys.ts';
import { currentKeyInfo } from './listKeys.ts';
import { sealKey } from './sealedKey.ts';
import { changedMeanwhile, settleKey } from './settleKey.ts';

export type KeyServices = Pick<Services, 'dataDir' | 'store' | 'clock' | 'osStore' | 'passwordStrength'>;
export interface RotateKeyInput extends PersonInput { readonly reason: string }

/** Who does something to the keys: an Admin, with the password, where there are users. */
export const keyPerson = (services: KeyServices, { by, signer }: PersonInput, purpose: string): Promise<Person> =>
  provePerson(services, { by, signer }, { purpose, words: 'keys are looked after', allowed: ['Admin'] });

/** UNAUTHENTICATED, LOCKED_OUT, FORBIDDEN; BAD_INPUT without a reason; BUSY where another process rotated at the same moment. */
export async function rotateKey(services: KeyServices, input: RotateKeyInput): Promise<KeyInfo> {
  const reason = reasonOf(input.reason);
  const person = await keyPerson(services, input, 'keys.rotate');
  await replaceKey(services, generateKeyPairSync('ed25519').privateKey, { reason, person, restored: false });
  return currentKeyInfo(services.dataDir);
}

export function reasonOf(text: string): string {
  const reason = safeLine(text, 300);
  if (reason === '') throw new AppError('BAD_INPUT', 'A change of the key needs a reason: it stands in the audit trail and beside the old key.');
  return reason;
}

/**
 * The steps, each of which leaves a usable key behind: the secret of the next key is in the store, where the present one has its own; the next key waits in a file;
 * its record, signed by the present one; the entry in the audit trail, which decides; then the next key takes its place, and the secret of the old one goes.
 * What a crash leaves is finished or undone by finishRotation.
 */
export async function replaceKey(services: KeyServices, privateKey: KeyObject, { reason, person, restored }: { readonly reason: string; readonly person: Person; readonly restored: boolean }): Promise<void> {
  const { dataDir, store } = services;
  const expected = await openSigningKey(services);
  await finishRotation(services);
  const place = presentKey(dataDir) ?? placeOfNewKeys(services.osStore);
  const { keptIn } = place;
  const next = await sealKey(services, privateKey, place);
  await settleKey(services, next, () => {
    const old = readSigningKey(services);
    if (old === null || old.keyId !== expected.keyId || presentKey(dataDir)?.keptIn !== keptIn) throw changedMeanwhile();
    if (knownKeys(dataDir).get(next.keyId)?.origin === 'own') throw new AppError('FORBIDDEN', `The key ${next.keyId} was in use here already and does not come back.`, { hint: 'Rotate to a new key.' });
    const rotation = signRotation(old, next, { rotatedAt: new Date(services.clock()).toISOString(), reason, by: person.signer });
    replaceFileSync(nextKeyPathOf(dataDir), next.text, 0o600);
    noteToForget(dataDir, presentKey(dataDir));
    replaceFileSync(rotationPathOf(dataDir, next.keyId), rotationText(rotation), 0o644);
    replaceFileSync(publicPathOf(dataDir, next.keyId), next.publicPem, 0o644);
    store.audit.append({ actor: person.signer, action: 'keys.rotated', subject: next.keyId, detail: { oldKeyId: old.keyId, newKeyId: next.keyId, reason, rotatedAt: rotation.rotatedAt, by: person.user, role: person.role, authenticated: person.authenticated, restored, keptIn } });
  });
}
