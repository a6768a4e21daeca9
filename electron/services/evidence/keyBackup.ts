// The private key as a backup that only a passphrase opens (PKCS#8, AES-256), and back from it.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { KeyInfo } from '#shared/contract/keys';
import { AppError } from '#shared/errors';
import { replaceFileSync } from '../files/replaceFileSync.ts';
import { withFileErrors } from '../files/translateFileError.ts';
import { refuseOverwrite, writeFileAtomic } from '../files/writeFileAtomic.ts';
import { checkNewPassword } from '../people/checkNewPassword.ts';
import type { PersonInput } from '../people/provePerson.ts';
import { signAuditHead } from './auditHead.ts';
import { finishRotation, publicPathOf } from './finishRotation.ts';
import { forgetSecretOf, forgetSecrets, noteToForget } from './forgetSecrets.ts';
import { currentKeyId, knownKeys } from './keyring.ts';
import { openPrivateKey, placeOfNewKeys, presentIfReadable, privatePathOf, signingKeyOf } from './keys.ts';
import { currentKeyInfo } from './listKeys.ts';
import { keyPerson, reasonOf, replaceKey, type KeyServices } from './rotateKey.ts';
import { sealWhereItWorks } from './sealedKey.ts';

const cipher = 'aes-256-cbc';

/** UNAUTHENTICATED, LOCKED_OUT, FORBIDDEN; BAD_INPUT for a weak passphrase; ALREADY_EXISTS. The sentence and the trail never hold the passphrase. */
export async function backUpKey(services: KeyServices, input: PersonInput & { readonly outputPath: string; readonly force: boolean; readonly passphrase: string }): Promise<{ path: string; keyId: string }> {
  await refuseOverwrite(input.outputPath, input.force);
  checkNewPassword(input.passphrase, { user: '', printedName: '' });
  const person = await keyPerson(services, input, 'keys.backUp');
  const key = await openPrivateKey(services);
  const { keyId } = signingKeyOf(key);
  await writeFileAtomic(input.outputPath, key.export({ type: 'pkcs8', format: 'pem', cipher, passphrase: input.passphrase }).toString(), { force: input.force, mode: 0o600 });
  services.store.audit.append({ actor: person.signer, action: 'keys.backedUp', subject: keyId, detail: { path: input.outputPath, by: person.user, authenticated: person.authenticated } });
  return { path: input.outputPath, keyId };
}

/**
 * The key that was in use here last is put back where its file was lost, damaged or made anew. Another one takes the place of the present key as in a rotation;
 * a retired one does not come back. BAD_INPUT for a wrong passphrase or another file; UNAUTHENTICATED, LOCKED_OUT, FORBIDDEN.
 */
export async function restoreKey(services: KeyServices, input: PersonInput & { readonly path: string; readonly passphrase: string; readonly reason: string }): Promise<KeyInfo> {
  const { dataDir, store, osStore } = services;
  const reason = reasonOf(input.reason);
  const person = await keyPerson(services, input, 'keys.restore');
  const key = await readBackup(input.path, input.passphrase);
  const { keyId, publicPem } = signingKeyOf(key);
  await finishRotation(services);
  const current = currentKeyId(dataDir);
  if (current === keyId && await opens(services)) throw new AppError('ALREADY_EXISTS', `The key ${keyId} is in use here: there is nothing to restore.`, { hint: 'To change the key, rotate it.' });
  if (knownKeys(dataDir).get(keyId)?.origin !== 'own') {
    await replaceKey(services, key, { reason, person, restored: true });
    return currentKeyInfo(dataDir);
  }
  refuseRetired(services, keyId);
  const sealed = await sealWhereItWorks(services, key, presentIfReadable(dataDir) ?? placeOfNewKeys(osStore));
  try {
    store.atomically(() => {
      refuseRetired(services, keyId);
      replaceFileSync(publicPathOf(dataDir, keyId), publicPem, 0o644);
      noteToForget(dataDir, presentIfReadable(dataDir));
      replaceFileSync(privatePathOf(dataDir), sealed.text, 0o600);
      store.audit.append({ actor: person.signer, action: 'keys.restored', subject: keyId, detail: { insteadOf: current, reason, by: person.user, authenticated: person.authenticated, keptIn: sealed.keptIn } });
    });
  } catch (error) {
    await forgetSecretOf(services, sealed);
    throw error;
  }
  try { signAuditHead(services); } catch { /* the key has changed all the same; the next entry signs the head */ }
  await forgetSecrets(services);
  return currentKeyInfo(dataDir);
}

function refuseRetired(services: KeyServices, keyId: string): void {
  const last = lastKeyId(services);
  if (last !== null && last !== keyId) throw new AppError('FORBIDDEN', `The key ${keyId} was retired here and does not come back.`, { hint: 'Rotate to a new key, or restore the backup of the last one.' });
}

const opens = (services: KeyServices): Promise<boolean> => openPrivateKey(services).then(() => true, () => false);

/** As the audit trail has it; null where the key was never rotated. */
const lastKeyId = ({ store }: Pick<KeyServices, 'store'>): string | null => [...store.audit.all()].filter(({ action }) => action === 'keys.rotated').at(-1)?.subject ?? null;

async function readBackup(path: string, passphrase: string): Promise<KeyObject> {
  const text = await withFileErrors(path, 'read', () => readFile(path, 'utf8'));
  if (!text.includes('BEGIN ENCRYPTED PRIVATE KEY')) throw new AppError('BAD_INPUT', `${path} is no encrypted backup of a key.`, { hint: 'Name the file that `millwright keys backup` wrote.' });
  try {
    const key = createPrivateKey({ key: text, passphrase });
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch { /* said below, without the cause, which may name more than it should */ }
  throw new AppError('BAD_INPUT', 'The passphrase is not right, or the file is damaged or holds another kind of key.');
}
