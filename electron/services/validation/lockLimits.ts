// Locks limits: their text, hash and time are kept, so that a run can show that the limits were there before it.
import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { lockedLimitsSchema, type Limit, type LockedLimits } from '#shared/contract/validation';
import { AppError } from '#shared/errors';
import { parseLimits } from '#core/limits/parseLimits';
import { translateFileError } from '../files/translateFileError.ts';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';

export const limitsRecords = (services: Pick<Services, 'store'>) => services.store.collection('limits', lockedLimitsSchema);
const hashOf = (text: string) => createHash('sha256').update(text, 'utf8').digest('hex');

export interface LimitsInUse { readonly text: string; readonly sha256: string; readonly limits: readonly Limit[]; readonly locked: LockedLimits | null }

export async function readLimitsFile(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    if (bytes.includes(0)) throw new AppError('BAD_LIMITS', `${basename(path)} is not a text file.`);
    return bytes.toString('utf8');
  } catch (error) { throw translateFileError(error, path, 'read'); }
}

/** Checks and locks a limits text or file. The same text keeps its first lock. Throws BAD_LIMITS, NOT_FOUND, BAD_INPUT. */
export async function lockLimits(services: Services, input: { readonly path?: string | undefined; readonly text?: string | undefined }): Promise<LockedLimits> {
  if ((input.path === undefined) === (input.text === undefined)) throw new AppError('BAD_INPUT', 'Give either the path or the text of the limits.');
  const text = input.text ?? await readLimitsFile(input.path ?? '');
  const limits = parseLimits(text, input.path === undefined ? 'limits.yaml' : basename(input.path));
  const sha256 = hashOf(text);
  const earlier = limitsRecords(services).list().find((record) => record.sha256 === sha256);
  if (earlier) return earlier;
  const record: LockedLimits = { id: randomUUID(), sha256, lockedAt: new Date(services.clock()).toISOString(), text, limits };
  limitsRecords(services).put(record);
  services.store.audit.append({ actor: actorOf(services), action: 'limits.lock', subject: sha256.slice(0, 12), detail: { id: record.id, sha256, limits: limits.map(({ id }) => id) } });
  return record;
}

/** The limits of a run, with their lock where there is one. */
export async function limitsForRun(services: Pick<Services, 'store'>, input: { readonly limitsPath?: string | undefined; readonly limitsId?: string | undefined }): Promise<LimitsInUse> {
  if (input.limitsId !== undefined) {
    const locked = limitsRecords(services).get(input.limitsId);
    if (!locked) throw new AppError('NOT_FOUND', `There are no locked limits with the id ${input.limitsId}.`);
    return { text: locked.text, sha256: locked.sha256, limits: locked.limits, locked };
  }
  if (input.limitsPath === undefined) return { text: '', sha256: hashOf(''), limits: [], locked: null };
  const text = await readLimitsFile(input.limitsPath);
  const sha256 = hashOf(text);
  return { text, sha256, limits: parseLimits(text, basename(input.limitsPath)), locked: limitsRecords(services).list().find((record) => record.sha256 === sha256) ?? null };
}
