// Roles: on a package and users of a trial folder, each role tries what it may not, and must be refused.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ValidationReceiptInput } from '#core/report/receipt';
import { isAppError, type ErrorCode } from '#shared/errors';
import { makeEvidence } from '../evidence/makeEvidence.ts';
import { signEvidence } from '../evidence/signEvidence.ts';
import { addUser } from '../people/addUser.ts';
import { changeUser } from '../people/changeUser.ts';
import type { Services } from '../Services.ts';
import { actorOf } from '../stations/actor.ts';
import { Mismatch } from './Trial.ts';
import { inTrialFolder } from './trialFolder.ts';

const hash = '0'.repeat(64);

/** As little as a package needs: what is tried is who may sign it. */
const receiptOf = (services: Services): ValidationReceiptInput => ({
  id: 'self-test', title: 'Self-test of roles', takenAt: new Date(services.clock()).toISOString(), productVersion: services.version, author: { name: actorOf(services), role: 'Engineer' },
  verdict: 'INCOMPLETE', exploratory: true, attempt: 1, limits: [], template: 'short',
  model: { name: 'none', sourceSha256: hash, summary: { format: 'onnx', sha256: hash, sizeBytes: 0, irVersion: 8, producer: '', opset: {}, inputs: [], outputs: [], nodes: 0, operators: {}, parameters: 0, subgraphs: 0, precision: 'float32', metadata: {}, findings: [] } },
  data: { name: 'none', purpose: 'test', check: { layout: 'arrays', task: 'classification', samples: 0, labelled: false, labelKind: null, classes: [], columns: [], findings: [] }, manifestSha256: hash, samplesUsed: 0 },
});

/** One line: who was refused what, with the code. @throws Mismatch where something was allowed, or refused for another reason */
export function tryRoles(services: Services, folder: string): Promise<string> {
  return inTrialFolder(services, folder, 'roles', async (trial) => {
    // Random, so that no other process on this machine could sign with it meanwhile.
    const password = randomBytes(18).toString('base64');
    const admin = { user: 'oq-admin', password };
    await addUser(trial, { ...admin, printedName: 'Self-test Admin', role: 'Admin' });
    // The author is named as the one who prepared the package is.
    const users = [['oq-author', actorOf(trial), 'Quality'], ['oq-operator', 'Self-test Operator', 'Operator'], ['oq-engineer', 'Self-test Engineer', 'Engineer']] as const;
    for (const [user, printedName, role] of users) await addUser(trial, { user, printedName, role, password, by: admin });
    const quiet = { signal: new AbortController().signal, progress: () => undefined, log: () => undefined };
    const { paths: { zip: path } } = await makeEvidence(trial, receiptOf(trial), { outputDir: join(trial.dataDir, 'out') }, quiet);
    const sign = (user: string, meaning: 'reviewed' | 'approved', secret = password) => () => signEvidence(trial, { path, by: { user, password: secret }, meaning });
    const attempts: ReadonlyArray<readonly [what: string, code: ErrorCode, act: () => Promise<unknown>]> = [
      ['author approves', 'FORBIDDEN', sign('oq-author', 'approved')], ['author reviews', 'FORBIDDEN', sign('oq-author', 'reviewed')],
      ['operator signs', 'FORBIDDEN', sign('oq-operator', 'reviewed')], ['engineer approves', 'FORBIDDEN', sign('oq-engineer', 'approved')],
      ['engineer adds a user', 'FORBIDDEN', () => addUser(trial, { user: 'oq-more', printedName: 'Self-test More', role: 'Quality', password, by: { user: 'oq-engineer', password } })],
      ['operator makes itself Admin', 'FORBIDDEN', () => changeUser(trial, { user: 'oq-operator', role: 'Admin', by: { user: 'oq-operator', password } })],
      ['unknown user signs', 'UNAUTHENTICATED', sign('oq-nobody', 'reviewed')], ['wrong password', 'UNAUTHENTICATED', sign('oq-engineer', 'reviewed', `${password}x`)],
    ];
    for (const [what, code, act] of attempts) await refusedWith(what, code, act);
    // The refusals would prove nothing if nobody at all could sign.
    await sign('oq-engineer', 'reviewed')();
    const recorded = [...trial.store.audit.all()].filter(({ action }) => action === 'people.refused' || action === 'evidence.refused').length;
    return `Refused: ${attempts.map(([what, code]) => `${what} (${code})`).join(', ')}; an engineer may review. ${recorded} refusals stand in the audit trail.`;
  });
}

async function refusedWith(what: string, code: ErrorCode, act: () => Promise<unknown>): Promise<void> {
  try { await act(); } catch (error) {
    if (isAppError(error) && error.code === code) return;
    throw new Mismatch(`Another error came: ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new Mismatch(`It was accepted: ${what}.`);
}
